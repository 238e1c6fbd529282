//! `orderly doctor`: is everything there that a sync needs? Each gap comes with the exact step that closes it.

use super::scope::configure;
use crate::cli::{Global, Scope};
use crate::config::Config;
use crate::config::channel::ChannelSettings;
use crate::failure::Failure;
use crate::output::printer::{Format, Printer};
use crate::{access, channels, clients, ledger};
use orderly_connect::sentry::{Identity, Probe, missing_scopes};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::OrgSlug;
use orderly_core::sync::snapshot::{Creation, LinkBackPath, TrackerFacts};
use orderly_engine::ports::sentry::SentryRead;
use orderly_engine::ports::tracker::TrackerRead;
use orderly_engine::sync::asked_environments;
use serde::Serialize;
use std::process::ExitCode;

/// Clocks may differ by this much before anybody is told, in seconds.
const CLOCK_TOLERANCE: i64 = 60;

/// The answer to one question.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    result: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// As it should be.
    Good,
    /// A sync works, with less.
    Gap,
    /// A sync does not work.
    Broken,
}

impl Check {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, result: Verdict::Good, found: found.into(), step: None }
    }

    fn gap(name: &'static str, found: impl Into<String>, step: impl Into<String>) -> Self {
        Self { name, result: Verdict::Gap, found: found.into(), step: Some(step.into()) }
    }

    fn broken(name: &'static str, found: impl Into<String>, step: impl Into<String>) -> Self {
        Self { name, result: Verdict::Broken, found: found.into(), step: Some(step.into()) }
    }
}

/// Runs every check and tells all of them. Exit code 0 when a sync works, 3 when credentials are the problem, 1
/// otherwise.
pub async fn run(global: &Global, scope: Scope, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, scope, |_| {})?;
    let mut checks = vec![configuration(&config)];
    let access = sentry(&config, &mut checks).await + tracker(&config, &mut checks).await;
    checks.push(ledger_opens(&config).await);
    checks.extend(config.settings.channels.iter().map(|one| channel(one, &config)));
    let worst = checks.iter().map(|check| check.result).max().unwrap_or(Verdict::Good);
    match printer.format() {
        Format::Json => printer.json(&serde_json::json!({"result": worst, "checks": checks}))?,
        Format::Text => printer.data(&shown(&checks, worst, printer))?,
    }
    Ok(ExitCode::from(match (worst, access) {
        (Verdict::Good | Verdict::Gap, _) => 0,
        (Verdict::Broken, 0) => 1,
        (Verdict::Broken, _) => 3,
    }))
}

fn configuration(config: &Config) -> Check {
    match &config.path {
        Some(path) => Check::good("configuration", path.display().to_string()),
        None => Check::gap("configuration", "no orderly.toml upwards from here", "orderly init"),
    }
}

/// The Sentry side; returns how many of the problems are about access.
async fn sentry(config: &Config, checks: &mut Vec<Check>) -> u32 {
    let (token, place) = match access::sentry(config).await {
        Ok(found) => found,
        Err(failure) => {
            checks.push(Check::broken(
                "Sentry token",
                failure.message,
                failure.hints.first().cloned().unwrap_or_default(),
            ));
            return 1;
        }
    };
    let url = config.settings.sentry_url.as_str();
    let probe = match clients::sentry_probe(url, &token) {
        Ok(probe) => probe,
        Err(failure) => {
            checks.push(Check::broken(
                "Sentry token",
                failure.causes.join(": "),
                "put the token alone into SENTRY_AUTH_TOKEN",
            ));
            return 1;
        }
    };
    let identity = match probe.identity().await {
        Looked::Saw(identity) => identity,
        Looked::CouldNotLook(cause) => {
            checks.push(Check::broken(
                "Sentry",
                format!("{url}: {cause}"),
                step_for(&cause, "check `sentry.url` and the network"),
            ));
            return u32::from(matches!(cause, Cause::Access(_)));
        }
    };
    checks.push(Check::good(
        "Sentry token",
        format!("{} (from {place})", identity.user.as_deref().unwrap_or("an app or organization token")),
    ));
    checks.push(scopes(&identity));
    checks.extend(clock_skew(&identity));
    organization(config, &probe, checks).await;
    0
}

fn scopes(identity: &Identity) -> Check {
    let missing = missing_scopes(&identity.scopes);
    let named = |need: &orderly_connect::sentry::Need| format!("{} (for {})", need.any_of[0], need.purpose);
    let names: Vec<String> = missing.iter().map(named).collect();
    let step = format!("give the token {}", names.join(", "));
    match missing.iter().any(|need| need.any_of.contains(&"event:read")) {
        true => Check::broken("Sentry scopes", format!("missing: {}", names.join(", ")), step),
        false if missing.is_empty() => Check::good("Sentry scopes", identity.scopes.join(" ")),
        false => Check::gap("Sentry scopes", format!("missing: {}", names.join(", ")), step),
    }
}

fn clock_skew(identity: &Identity) -> Option<Check> {
    let ahead = identity.clock_ahead?;
    Some(match ahead.abs() <= CLOCK_TOLERANCE {
        true => Check::good("clock", format!("within {} s of Sentry's", ahead.abs())),
        false => Check::gap(
            "clock",
            format!("{} s {} Sentry's", ahead.abs(), if ahead > 0 { "behind" } else { "ahead of" }),
            "set the clock of this machine (for example: timedatectl set-ntp true)",
        ),
    })
}

async fn organization(config: &Config, probe: &Probe, checks: &mut Vec<Check>) {
    let Some(org) = &config.settings.org else {
        checks.push(Check::broken(
            "organization",
            "none is configured",
            "orderly init, or `org = \"…\"` under [sentry]",
        ));
        return;
    };
    match probe.projects(org).await {
        Looked::CouldNotLook(cause) => {
            checks.push(Check::broken(
                "organization",
                format!("{org}: {cause}"),
                step_for(&cause, "check `sentry.org`"),
            ));
            return;
        }
        Looked::Saw(projects) => checks.push(projects_of(config, org, &projects)),
    }
    if let Ok(client) = clients::sentry(config).await {
        checks.push(environments(config, client.environments().await));
        checks.push(link_back(client.link_back_path().await));
    }
}

fn projects_of(config: &Config, org: &OrgSlug, seen: &[orderly_connect::sentry::ProjectSeen]) -> Check {
    let wanted = &config.settings.projects;
    let unknown: Vec<&str> = wanted
        .iter()
        .filter(|slug| !seen.iter().any(|project| project.slug == **slug))
        .map(|slug| slug.as_str())
        .collect();
    if unknown.is_empty() {
        let count = if wanted.is_empty() {
            format!("all {} projects", seen.len())
        } else {
            format!("{} projects", wanted.len())
        };
        return Check::good("organization", format!("{org}, {count}"));
    }
    let known: Vec<&str> = seen.iter().map(|project| project.slug.as_str()).collect();
    Check::broken(
        "organization",
        format!("{org} has no project {}", unknown.join(", ")),
        format!("correct `sentry.projects`; there are: {}", known.join(", ")),
    )
}

fn environments(config: &Config, seen: Looked<Vec<String>>) -> Check {
    let names = match seen {
        Looked::CouldNotLook(cause) => {
            return Check::gap(
                "environments",
                cause.to_string(),
                step_for(&cause, "give the token org:read"),
            );
        }
        Looked::Saw(names) => names,
    };
    if names.is_empty() {
        return Check::good("environments", "no event names one yet; all events are looked at");
    }
    match asked_environments(&config.settings.environments, &names) {
        Ok(found) if found.is_empty() => Check::good("environments", "all"),
        Ok(found) => Check::good("environments", found.join(", ")),
        Err(gap) => Check::broken("environments", gap.what, format!("{}: {}", gap.step, names.join(", "))),
    }
}

fn link_back(path: LinkBackPath) -> Check {
    match path {
        LinkBackPath::Installation { app, .. } => {
            Check::good("link back", format!("through the app `{app}`"))
        }
        LinkBackPath::Unavailable { step } => {
            Check::gap("link back", "not possible; items link to Sentry, not the other way round", step)
        }
        LinkBackPath::Off => Check::good("link back", "off by configuration"),
    }
}

/// The tracker side; returns how many of the problems are about access.
async fn tracker(config: &Config, checks: &mut Vec<Check>) -> u32 {
    let (token, place) = match access::tracker(config) {
        Ok(found) => found,
        Err(failure) => {
            checks.push(Check::broken(
                "Linear key",
                failure.message,
                failure.hints.first().cloned().unwrap_or_default(),
            ));
            return 1;
        }
    };
    let workspace = match clients::tracker_probe(config.settings.tracker_url.as_str(), &token) {
        Ok(probe) => probe.workspace().await,
        Err(failure) => Looked::CouldNotLook(Cause::Access(failure.causes.join(": "))),
    };
    let workspace = match workspace {
        Looked::Saw(workspace) => workspace,
        Looked::CouldNotLook(cause) => {
            let step = step_for(&cause, "check `tracker.url` and the network");
            checks.push(Check::broken(
                "Linear key",
                format!("{}: {cause}", config.settings.tracker_url),
                step,
            ));
            return u32::from(matches!(cause, Cause::Access(_)));
        }
    };
    checks
        .push(Check::good("Linear key", format!("{} in {} (from {place})", workspace.user, workspace.name)));
    let keys: Vec<&str> = workspace.teams.iter().map(|team| team.key.as_str()).collect();
    let Some(team) = &config.settings.team else {
        let step = format!("`team = \"…\"` under [tracker]; there are: {}", keys.join(", "));
        checks.push(Check::broken("team", "none is configured", step));
        return 0;
    };
    let Ok(client) = clients::tracker(config) else { return 0 };
    checks.push(match client.facts(team, &[]).await {
        Looked::Saw(facts) => team_facts(config, &facts),
        Looked::CouldNotLook(cause) => Check::broken(
            "team",
            format!("{team}: {cause}"),
            format!("set `tracker.team` to one of: {}", keys.join(", ")),
        ),
    });
    0
}

fn team_facts(config: &Config, facts: &TrackerFacts) -> Check {
    if let Creation::Refused(why) = &facts.creation {
        return Check::gap(
            "team",
            format!("{}: items cannot be created: {why}", facts.team),
            "use a key that may create issues",
        );
    }
    let missing: Vec<&str> = config
        .settings
        .policy
        .labels
        .iter()
        .filter(|label| !facts.labels.contains_key(&label.to_lowercase()))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Check::good("team", format!("{}, items can be created", facts.team));
    }
    let step = format!("create the labels in Linear, or correct `sync.labels`: {}", missing.join(", "));
    Check::gap("team", format!("{}: labels that do not exist: {}", facts.team, missing.join(", ")), step)
}

async fn ledger_opens(config: &Config) -> Check {
    let opened = async {
        ledger::open(config).await?.close().await;
        ledger::place(config)
    };
    match opened.await {
        Ok(place) => Check::good("ledger", place),
        Err(failure) => {
            let found = std::iter::once(failure.message).chain(failure.causes).collect::<Vec<_>>().join(": ");
            Check::broken("ledger", found, failure.hints.first().cloned().unwrap_or_default())
        }
    }
}

/// Whether a chat channel can be reached at all; nothing is sent.
fn channel(one: &ChannelSettings, config: &Config) -> Check {
    let named = format!("{} ({})", one.channel.name, one.channel.kind.word());
    let variables = channels::variables(one, &config.dir);
    let missing: Vec<&str> = variables
        .iter()
        .filter(|(_, place)| place.is_none())
        .map(|(variable, _)| variable.as_str())
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let step = format!("set {missing}, in the environment or in .env");
        return Check::gap("channel", format!("{named}: {missing} is not set"), step);
    }
    match channels::teller(one, &config.dir) {
        Ok(_) => {
            let places: Vec<String> = variables
                .iter()
                .filter_map(|(variable, place)| {
                    Some(format!("{} from {}", variable.as_str(), place.as_ref()?))
                })
                .collect();
            Check::good("channel", format!("{named}: {}", places.join(", ")))
        }
        Err(why) => Check::gap("channel", format!("{named}: {why}"), "correct the variable"),
    }
}

fn step_for(cause: &Cause, otherwise: &str) -> String {
    match cause {
        Cause::Access(step) | Cause::Missing(step) => step.clone(),
        Cause::RateLimited => "wait a minute and run it again".to_owned(),
        Cause::NoReply(_) | Cause::MorePages | Cause::NoInput(_) => otherwise.to_owned(),
    }
}

fn shown(checks: &[Check], worst: Verdict, printer: Printer) -> String {
    let style = printer.style();
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let mut lines: Vec<String> = Vec::new();
    for check in checks {
        let mark = match check.result {
            Verdict::Good => style.good("ok  "),
            Verdict::Gap => style.warn("gap "),
            Verdict::Broken => style.bad("no  "),
        };
        lines.push(format!("{mark} {:width$}  {}", check.name, check.found));
        if let Some(step) = &check.step {
            lines.push(format!("     {:width$}  {} {step}", "", style.command("→")));
        }
    }
    lines.push(String::new());
    lines.push(match worst {
        Verdict::Good => "Everything a sync needs is there: `orderly sync` makes a preview.".to_owned(),
        Verdict::Gap => "A sync works; the gaps above cost something each.".to_owned(),
        Verdict::Broken => "A sync does not work yet: follow the arrows from top to bottom.".to_owned(),
    });
    lines.join("\n")
}
