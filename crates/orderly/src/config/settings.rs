//! Settings with every default filled in, checked as a whole.

use super::channel::{self, ChannelSettings};
use super::duration::Span;
use super::file::{Approval, File};
use super::fix::FixSettings;
use super::incident;
use super::mitigation::{self, MitigationSettings};
use super::triage::{self, TriageSettings};
use super::typo;
use crate::failure::{Failure, Kind};
use orderly_core::fix::FixPolicy;
use orderly_core::ids::{OrgSlug, ProjectSlug, SentrySite, TeamKey};
use orderly_core::incident::IncidentPolicy;
use orderly_core::scrub::Scrubber;
use orderly_core::source::CodeMapping;
use orderly_core::sync::policy::{NoiseFloor, OutOfBounds, Priorities, SyncPolicy, UpdateStale};
use orderly_core::sync::snapshot::{Level, Signal};
use std::path::{Path, PathBuf};
use url::Url;

/// Where builds leave their source maps.
const BUILDS: [&str; 5] = ["dist", "build", "out", "public", ".next"];

/// Resolved settings of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Sentry's address, without a slash at the end.
    pub sentry_url: Url,
    /// Organization; `None` until somebody names one.
    pub org: Option<OrgSlug>,
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// Environments, lower case; `production` stands for its usual spellings.
    pub environments: Vec<String>,
    /// App that writes links back; `None`: the one called `orderly`.
    pub link_app: Option<String>,
    /// Tracker's GraphQL address.
    pub tracker_url: Url,
    /// Team; `None` until somebody names one.
    pub team: Option<TeamKey>,
    /// Policy of the sync.
    pub policy: SyncPolicy,
    /// Triage.
    pub triage: TriageSettings,
    /// Settings of repairs.
    pub fix: FixSettings,
    /// How incidents are handled.
    pub incident: IncidentPolicy,
    /// Where people are told of incidents, beside Sentry.
    pub channels: Vec<ChannelSettings>,
    /// What may be done to end an impact.
    pub mitigations: Vec<MitigationSettings>,
    /// Who approves a write that an agent asks for.
    pub mcp_approval: Approval,
    /// How beginnings of frames' paths lead into the repository.
    pub code_mappings: Vec<CodeMapping>,
    /// Folders, source maps and artifact bundles.
    pub maps: Vec<PathBuf>,
    /// Where the ledger is kept.
    pub ledger: LedgerPlace,
}

/// Where the ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerPlace {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Database(String),
}

impl std::fmt::Display for LedgerPlace {
    /// Where it is, without credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Database(url) => match Url::parse(url) {
                Ok(url) => {
                    write!(f, "PostgreSQL at {}{}", url.host_str().unwrap_or("this machine"), url.path())
                }
                Err(_) => f.write_str("PostgreSQL"),
            },
        }
    }
}

/// What flags and environment say over the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `SENTRY_URL`
    pub sentry_url: Option<String>,
    /// `--org`, `SENTRY_ORG`
    pub org: Option<String>,
    /// `--project`
    pub projects: Vec<String>,
    /// `--environment`
    pub environments: Vec<String>,
    /// `LINEAR_API_URL`
    pub tracker_url: Option<String>,
    /// `--team`
    pub team: Option<String>,
    /// `--window`
    pub window: Option<Span>,
    /// `--limit`
    pub pool: Option<u32>,
    /// `--max-creates`
    pub max_creates: Option<u32>,
    /// `--database`, `ORDERLY_DATABASE_URL`
    pub database: Option<String>,
    /// `--stats-period`
    pub stats_period: Option<Span>,
    /// `--include-warn`
    pub least_level: Option<Level>,
}

impl Settings {
    /// The policy of repairs.
    ///
    /// # Errors
    /// A usage failure for a pattern that is none.
    pub fn fix_policy(&self) -> Result<FixPolicy, Failure> {
        Ok(FixPolicy { triage: self.triage.policy.clone(), ..self.fix.policy()? })
    }

    /// Defaults < file < overrides.
    ///
    /// # Errors
    /// A usage failure that names the setting and what is allowed.
    pub fn resolve(mut file: File, over: &Overrides, dir: &Path) -> Result<Self, Failure> {
        let fix = FixSettings::resolve(std::mem::take(&mut file.fix))?;
        let sentry_url = over.sentry_url.clone().or_else(|| file.sentry.url.clone());
        let tracker_url = over.tracker_url.clone().or_else(|| file.tracker.url.clone());
        let environments = non_empty(&over.environments)
            .or_else(|| file.sentry.environments.clone())
            .or_else(|| file.sync.environments.clone())
            .unwrap_or_else(|| vec!["production".to_owned()]);
        let projects = non_empty(&over.projects).unwrap_or_else(|| file.sentry.projects.clone());
        let database = over.database.clone().or_else(|| file.ledger.database.clone());
        let path = file.ledger.path.clone().unwrap_or_else(|| PathBuf::from(".orderly/ledger.db"));
        let triage = triage::resolve(&file.triage, over)?;
        Ok(Self {
            triage,
            sentry_url: address("sentry.url", sentry_url.as_deref().unwrap_or("https://sentry.io"))?,
            org: over.org.clone().or_else(|| file.sentry.org.clone()).map(OrgSlug::new),
            projects: projects.into_iter().map(ProjectSlug::new).collect(),
            environments: environments.into_iter().map(|name| name.to_lowercase()).collect(),
            link_app: file.sentry.link_app.clone(),
            tracker_url: address(
                "tracker.url",
                tracker_url.as_deref().unwrap_or("https://api.linear.app/graphql"),
            )?,
            team: over.team.clone().or_else(|| file.tracker.team.clone()).map(|key| team_key(&key)),
            incident: incident::resolve(&file.incident)?,
            channels: channel::resolve(&file.incident.channel)?,
            mitigations: mitigation::resolve(&file.incident.mitigation)?,
            mcp_approval: file.mcp.approval.unwrap_or_default(),
            code_mappings: file.source.code_mappings.clone(),
            maps: file.source.maps.clone().unwrap_or_else(|| BUILDS.map(PathBuf::from).to_vec()),
            ledger: match database {
                Some(url) => LedgerPlace::Database(url),
                None => LedgerPlace::File(dir.join(path)),
            },
            fix,
            policy: policy(file, over)?,
        })
    }

    /// The Sentry site, once an organization is known.
    ///
    /// # Errors
    /// A usage failure that says how to name one.
    pub fn site(&self) -> Result<SentrySite, Failure> {
        let org = self.org.clone().ok_or_else(|| {
            Failure::new(Kind::Usage, "no Sentry organization is configured").hint(
                "run `orderly init`, or write `org = \"…\"` under [sentry] in orderly.toml, or pass --org",
            )
        })?;
        Ok(SentrySite { base_url: self.sentry_url.as_str().trim_end_matches('/').to_owned(), org })
    }

    /// The team, once one is known.
    ///
    /// # Errors
    /// A usage failure that says how to name one.
    pub fn team(&self) -> Result<TeamKey, Failure> {
        self.team.clone().ok_or_else(|| {
            Failure::new(Kind::Usage, "no tracker team is configured")
                .hint("run `orderly init`, or write `team = \"KEY\"` under [tracker] in orderly.toml, or pass --team")
        })
    }
}

fn policy(file: File, over: &Overrides) -> Result<SyncPolicy, Failure> {
    let sync = file.sync;
    let default = SyncPolicy::default();
    let seconds = |span: Option<Span>, default| span.map_or(default, |span| span.0);
    let floor = sync.noise_floor;
    let priority = sync.priority;
    let policy = SyncPolicy {
        window: seconds(over.window.or(sync.window), default.window),
        signals: sync.signals.map_or(Ok(default.signals), |names| signals(&names))?,
        pool: bounded(over.pool.or(sync.pool), default.pool)?,
        max_creates: bounded(over.max_creates.or(sync.max_creates), default.max_creates)?,
        mode: sync.mode.unwrap_or(default.mode),
        link_back: sync.link_back.unwrap_or(default.link_back),
        cooldown: seconds(sync.cooldown, default.cooldown),
        noise_floor: NoiseFloor {
            events: floor.events.unwrap_or(default.noise_floor.events),
            users: floor.users.unwrap_or(default.noise_floor.users),
            level: floor.level.unwrap_or(default.noise_floor.level),
        },
        update_stale: sync.update_stale.map_or(Ok(default.update_stale), |text| update_stale(&text))?,
        regression: sync.regression.unwrap_or(default.regression),
        priorities: Priorities {
            regressed: priority.regressed.unwrap_or(default.priorities.regressed),
            escalating: priority.escalating.unwrap_or(default.priorities.escalating),
            high_priority: priority.high_priority.unwrap_or(default.priorities.high_priority),
            for_review: priority.for_review.unwrap_or(default.priorities.for_review),
        },
        labels: sync.labels.unwrap_or(default.labels),
        project_labels: sync.project_labels.into_iter().map(|(k, v)| (ProjectSlug::new(k), v)).collect(),
        assignees: sync.assignees,
        project_teams: sync
            .project_teams
            .into_iter()
            .map(|(k, v)| (ProjectSlug::new(k), team_key(&v)))
            .collect(),
        redact: sync.redact.unwrap_or(default.redact),
        matching: sync.matching.unwrap_or(default.matching),
        plan_max_age: seconds(sync.plan_max_age, default.plan_max_age),
    };
    Scrubber::new(&policy.redact).map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
    Ok(policy)
}

/// Team keys are upper case in the tracker. The derived ids of items depend on the key, so `plat` must not be another
/// team than `PLAT`.
fn team_key(text: &str) -> TeamKey {
    TeamKey::new(text.trim().to_uppercase())
}

fn non_empty(names: &[String]) -> Option<Vec<String>> {
    (!names.is_empty()).then(|| names.to_vec())
}

fn bounded<T: TryFrom<u32, Error = OutOfBounds>>(given: Option<u32>, default: T) -> Result<T, Failure> {
    given.map_or(Ok(default), |number| {
        T::try_from(number).map_err(|error| Failure::new(Kind::Usage, error.to_string()))
    })
}

fn signals(names: &[String]) -> Result<Vec<Signal>, Failure> {
    let known = Signal::ALL.map(Signal::query);
    names
        .iter()
        .map(|name| {
            Signal::ALL.into_iter().find(|signal| signal.query() == name.trim()).ok_or_else(|| {
                let failure =
                    Failure::new(Kind::Usage, format!("`sync.signals` names the unknown signal `{name}`"));
                match typo::nearest(name, known) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!("known signals: {}", known.join(", "))),
                }
            })
        })
        .collect()
}

fn update_stale(text: &str) -> Result<UpdateStale, Failure> {
    if text == "never" {
        return Ok(UpdateStale::Never);
    }
    text.parse::<Span>().map(|span| UpdateStale::After(span.0)).map_err(|why| {
        Failure::new(Kind::Usage, format!("`sync.update_stale` is `{text}`"))
            .hint(format!("write `never`, or a span: {why}"))
    })
}

/// A service's address: https, or http on loopback only, so that a token never travels in the clear.
fn address(setting: &str, text: &str) -> Result<Url, Failure> {
    let wrong = |why: &str| Failure::new(Kind::Usage, format!("`{setting}` is `{text}`: {why}"));
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(wrong("it names no host")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds credentials").hint("tokens belong into the environment or .env"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        "http" => {
            Err(wrong("http is only for this machine, a token would travel in the clear")
                .hint("write https://"))
        }
        _ => Err(wrong("only https is spoken")),
    }
}
