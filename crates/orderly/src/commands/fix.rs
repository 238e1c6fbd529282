//! `orderly fix`: from named issues to verified commits.

use super::repository::{self, Apart, Programs};
use super::scope::configure;
use super::{reports, until_done};
use crate::cli::{Fix, Global};
use crate::clients;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress as Shown;
use orderly_connect::sentry::SentryClient;
use orderly_core::answer::{Cause, Looked};
use orderly_core::fix::{Case, Check, Disposition, Effect, Resolution, found_checks, page};
use orderly_core::ids::Digest;
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::{Issue, Status};
use orderly_core::time::Seconds;
use orderly_core::triage::IssueName;
use orderly_engine::fix::{FixError, FixJob, FixPorts, FixProgress, FixWatch, Order, Repaired};
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::ports::crash::CrashRead as _;
use orderly_engine::ports::repair::Workshop as _;
use orderly_engine::sync::{CancelSwitch, run_id};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Over which span the events of an issue are counted.
const WINDOW: Seconds = Seconds::days(14);

/// `orderly fix`
pub async fn run(global: &Global, fix: Fix, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, fix.scope, |_| {})?;
    let policy = config.settings.fix.policy()?;
    let scrubber = Scrubber::new(&config.settings.policy.redact)
        .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
    let sentry = clients::sentry(&config).await?;
    let workshop = repository::workshop(&config).await?;
    let standing = workshop.standing().await.map_err(|trouble| repository::machinery(&trouble))?;
    let checks = checks(&config, &standing.tracked)?;
    let (orders, left_out) = orders(&config, &sentry, &fix.issues).await?;
    let apart = if fix.unsandboxed { Apart::NotNeeded } else { Apart::Wanted };
    let programs = Programs::find(&config, &workshop, apart).await?;
    let agent = programs.agent(&config, fix.agent.as_deref())?;
    let runner = programs.checks(&config);
    let ledger = ledger::open(&config).await?;
    let run = run_id(SystemClock.now());
    let runs = repository::active_runs(&config, workshop.folder(), &run)?;
    let follower = Follower { shown: Shown::new(printer) };
    let (switch, cancel) = CancelSwitch::new();
    let ports = FixPorts {
        crash: &sentry,
        resolve: &sentry,
        ledger: &ledger,
        workshop: &workshop,
        agent: agent.as_ref(),
        checks: &runner,
        runs: &runs,
        clock: &SystemClock,
    };
    let job = FixJob::new(ports, &policy, &scrubber, WINDOW).watched_by(&follower).until(cancel);
    let plan = plan(&sentry, &orders);
    let done = until_done(job.run(&run, &plan, &orders, &checks), &switch, printer).await;
    follower.shown.finish();
    ledger.close().await;
    let repaired = done.map_err(|error| failed(&error))?;
    tell(&config, run.as_str(), &repaired, &left_out, &scrubber, printer)
}

/// Digest of what was named: which issues of which Sentry.
fn plan(sentry: &SentryClient, orders: &[Order]) -> Digest {
    let issues: Vec<_> = orders.iter().map(|order| order.issue.id).collect();
    orderly_core::digest::of(&(orderly_engine::ports::crash::CrashRead::site(sentry), issues))
}

/// An issue that was named and is not worked on.
struct LeftOut {
    issue: Issue,
    why: String,
}

/// The named issues with their evidence, and those that are left to a person.
async fn orders(
    config: &Config,
    sentry: &SentryClient,
    names: &[String],
) -> Result<(Vec<Order>, Vec<LeftOut>), Failure> {
    let (mut orders, mut left_out) = (Vec::<Order>::new(), Vec::new());
    let site = orderly_engine::ports::crash::CrashRead::site(sentry);
    for text in names {
        let name =
            IssueName::parse(text, &site).map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
        let issue = match sentry.named(&name, WINDOW).await {
            Looked::Saw(Some(issue)) => issue,
            Looked::Saw(None) => {
                return Err(Failure::new(Kind::Usage, format!("Sentry has no issue `{text}`"))
                    .hint(format!("the organization is `{}` at {}", site.org, site.base_url)));
            }
            Looked::CouldNotLook(cause) => return Err(unasked(text, &cause)),
        };
        if orders.iter().any(|order| order.issue.id == issue.id) {
            continue;
        }
        if let Some(why) = left_to_a_person(config, &issue) {
            left_out.push(LeftOut { issue, why });
            continue;
        }
        match sentry.latest_crash(issue.id).await {
            Looked::Saw(evidence) => {
                orders.push(Order { issue, evidence, suspects: Vec::new(), diagnosis: Vec::new() });
            }
            Looked::CouldNotLook(cause @ Cause::NoInput(_)) => {
                left_out.push(LeftOut { issue, why: cause.to_string() });
            }
            Looked::CouldNotLook(cause) => return Err(unasked(text, &cause)),
        }
    }
    Ok((orders, left_out))
}

fn left_to_a_person(config: &Config, issue: &Issue) -> Option<String> {
    if let Some(reason) = config.settings.triage.policy.do_not_fix.reason(issue.id, &issue.short_id) {
        return Some(format!("it is on the list `triage.do_not_fix`: {reason}"));
    }
    match issue.status {
        Status::Unresolved(_) => None,
        Status::Resolved => Some("it is resolved in Sentry".to_owned()),
        Status::Archived(_) => Some("it is archived in Sentry".to_owned()),
        Status::Leaving => Some("it is being deleted or merged in Sentry".to_owned()),
    }
}

fn unasked(text: &str, cause: &Cause) -> Failure {
    let kind = if matches!(cause, Cause::Access(_)) { Kind::Access } else { Kind::Incomplete };
    Failure::new(kind, format!("the issue `{text}` cannot be read: {cause}"))
}

fn checks(config: &Config, tracked: &[String]) -> Result<Vec<Check>, Failure> {
    let configured = config.settings.fix.checks.clone();
    let checks = if configured.is_empty() { found_checks(tracked) } else { configured };
    if checks.is_empty() {
        return Err(Failure::new(
            Kind::Usage,
            "nothing could show that a change works: no checks are configured or found",
        )
        .hint("write them into orderly.toml: [fix] checks = [\"make test\"]"));
    }
    Ok(checks)
}

fn failed(error: &FixError) -> Failure {
    match error {
        FixError::InTheWay(_) => {
            Failure::new(Kind::Refused, "others are at work on the same paths; nothing was touched")
                .because(error)
                .hint("wait for them, or talk to them")
        }
        FixError::Ledger(error) => ledger::failed(error),
        FixError::Trouble(trouble) => repository::machinery(trouble),
        FixError::Fault(_) => Failure::new(Kind::Incomplete, error.to_string()),
    }
}

fn tell(
    config: &Config,
    run: &str,
    repaired: &Repaired,
    left_out: &[LeftOut],
    scrubber: &Scrubber,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    for stale in &repaired.claimed.stale {
        use orderly_core::active_runs::Stale;
        printer.note(&match stale {
            Stale::TakenOver(title) => format!("took over the paths of `{title}`, whose lease lapsed"),
            Stale::LeftStanding(title) => {
                format!("`{title}` declared some of these paths over two hours ago")
            }
        });
    }
    let mut text = page::markdown(&repaired.ended, scrubber);
    if !left_out.is_empty() {
        text.push_str("\n## Left to a person\n\n");
        for LeftOut { issue, why } in left_out {
            text.push_str(&format!("- {}: {}\n", issue.short_id, orderly_core::encode::markdown::plain(why)));
        }
    }
    let kept = reports::keep_text(&config.state_dir(), &format!("FIX-{run}.md"), &text);
    match printer.format() {
        Format::Json => printer.json(&json!({
            "run": run,
            "cases": repaired.ended.iter().map(as_json).collect::<Vec<_>>(),
            "open": repaired.open.iter().map(|case| case.short_id.as_str()).collect::<Vec<_>>(),
            "left_out": left_out.iter().map(|left| json!({"short_id": left.issue.short_id, "reason": left.why})).collect::<Vec<_>>(),
        }))?,
        Format::Text => printer.data(&text)?,
    }
    match kept {
        Ok(path) => printer.note(&format!("report: {}", path.display())),
        Err(failure) => printer.failure_note(&failure),
    }
    Ok(code(repaired))
}

/// A case as the documented JSON has it.
pub(super) fn as_json(case: &Case) -> Value {
    let end = case.end();
    let receipt = end.and_then(|end| end.receipt.as_ref());
    let mut value = json!({
        "issue": case.key.issue.to_string(),
        "short_id": case.short_id,
        "permalink": case.permalink,
        "agent": case.agent,
        "base": case.base,
        "branch": case.branch,
        "disposition": end.map(|end| end.disposition.word()),
        "reason": end.and_then(|end| end.disposition.reason()),
        "files": end.map(|end| &end.files),
        "receipt": receipt.map(orderly_core::fix::Receipt::digest),
        "reproduced": receipt.map(orderly_core::fix::Receipt::shows_the_bug),
        "tries": receipt.map(|receipt| receipt.tries),
        "sandbox": receipt.map(|receipt| &receipt.sandbox),
    });
    if let Some(Disposition::Fixed { commit, branch, resolution }) = end.map(|end| &end.disposition) {
        value["commit"] = json!(commit);
        value["branch"] = json!(branch);
        value["resolution"] = json!(resolution);
    }
    value
}

fn code(repaired: &Repaired) -> ExitCode {
    let worst = repaired.ended.iter().filter_map(|case| match &case.end()?.disposition {
        Disposition::Failed { .. } | Disposition::Fixed { resolution: Resolution::NotTold(_), .. } => {
            Some(Kind::Incomplete)
        }
        Disposition::Deferred { .. } => Some(Kind::Refused),
        _ => None,
    });
    match worst.min() {
        Some(kind) => ExitCode::from(kind.exit_code()),
        None if !repaired.open.is_empty() => ExitCode::from(Kind::Incomplete.exit_code()),
        None => ExitCode::SUCCESS,
    }
}

/// Shows what a run does.
struct Follower {
    shown: Shown,
}

impl FixWatch for Follower {
    fn see(&self, progress: FixProgress<'_>) {
        let text = match progress {
            FixProgress::Resuming(case) => format!("{}: going on where a run stopped", case.short_id),
            FixProgress::Doing(case, effect) => {
                let what = match effect {
                    Effect::Place => "making a worktree".to_owned(),
                    Effect::CheckBase => "checks on the code before".to_owned(),
                    Effect::Ask { attempt, .. } => format!("asking {} (attempt {attempt})", case.agent),
                    Effect::Stage { change } => format!("staging {} files", change.files.len()),
                    Effect::CheckFix { .. } => "checks on the change".to_owned(),
                    Effect::Commit { .. } => "committing".to_owned(),
                    Effect::Land { .. } => "bringing the commit to its branch".to_owned(),
                    Effect::Resolve { .. } => "resolving in Sentry".to_owned(),
                    Effect::CleanUp { .. } => return,
                };
                format!("{}: {what}", case.short_id)
            }
            FixProgress::Checked(case, run) => {
                format!("{}: `{}` {}", case.short_id, run.check.name, run.outcome.words())
            }
            FixProgress::Ended(case) => {
                let word = case.end().map_or("open", |end| end.disposition.word());
                format!("{}: {word}", case.short_id)
            }
        };
        self.shown.step(&text);
    }
}
