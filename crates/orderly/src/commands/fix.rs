//! `orderly fix`: from approved issues to verified commits.
//!
//! Reading order: [`run`] -> `chosen` (what is worked on, and what a person says of it) -> `follow` (progress) -> `told` (what
//! it came to). `clean` is for what runs left behind.

mod chosen;
mod clean;
mod follow;
mod told;

use super::repository::{self, Apart, Programs};
use super::scope::configure;
use super::{locate, until_done};
use crate::cli::{Fix, Global};
use crate::clients;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::Printer;
use crate::output::progress::Progress as Shown;
use chosen::Chosen;
use follow::Follower;
use orderly_core::encode::terminal;
use orderly_core::fix::{Check, found_checks};
use orderly_core::ids::{Digest, RunId};
use orderly_core::scrub::Scrubber;
use orderly_core::time::Seconds;
use orderly_engine::fix::{FixError, FixJob, FixPorts, Want};
use orderly_engine::locate::LocateJob;
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::ports::ledger::{Ledger, RunKind, RunRecord, RunState};
use orderly_engine::ports::repair::Workshop as _;
use orderly_engine::sync::{CancelSwitch, run_id};
use orderly_store::SqlLedger;
use serde_json::Value;
use std::process::ExitCode;
pub use told::{as_json, summary};

/// Over which span the events of an issue are counted.
const WINDOW: Seconds = Seconds::days(14);

/// `orderly fix`
pub async fn run(global: &Global, fix: Fix, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, fix.scope.clone(), |_| {})?;
    if fix.clean {
        return clean::run(&config, printer).await;
    }
    let policy = config.settings.fix_policy()?;
    let scrubber = Scrubber::new(&config.settings.policy.redact)
        .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
    let site = config.settings.site()?;
    let wanted = Chosen::read(&config, &fix, &site, SystemClock.now())?;
    let ignore = chosen::names(&fix.ignore, &site)?;
    let sentry = clients::sentry(&config).await?;
    let workshop = repository::workshop(&config).await?;
    let standing = workshop.standing().await.map_err(|trouble| repository::machinery(&trouble))?;
    let checks = checks(&config, &standing.tracked)?;
    let apart = if fix.unsandboxed { Apart::NotNeeded } else { Apart::Wanted };
    let programs = Programs::find(&config, &workshop, apart).await?;
    let agent = programs.agent(&config, fix.agent.as_deref())?;
    let runner = programs.checks(&config);
    let maps = locate::maps(&config);
    let ledger = ledger::open(&config).await?;
    let run = run_id(SystemClock.now());
    let runs = repository::active_runs(&config, workshop.folder(), &run)?;
    let follower = Follower { shown: Shown::new(printer) };
    let (switch, cancel) = CancelSwitch::new();
    let ports = FixPorts {
        crash: &sentry,
        locate: LocateJob {
            sentry: &sentry,
            code: workshop.code(),
            maps: &maps,
            mappings: &config.settings.code_mappings,
            window: WINDOW,
        },
        triage: &sentry,
        releases: &sentry,
        resolve: &sentry,
        ledger: &ledger,
        workshop: &workshop,
        agent: agent.as_ref(),
        checks: &runner,
        runs: &runs,
        clock: &SystemClock,
    };
    let job = FixJob::new(ports, &policy, &scrubber, WINDOW).watched_by(&follower).until(cancel);
    let want = if fix.anyway { Want::Anyway } else { Want::AsFound };
    let Some(prepared) = wanted.look(&config, &job, want, printer).await? else {
        ledger.close().await;
        return told::nothing_chosen(printer);
    };
    let prepared = chosen::ignored(prepared, &ignore)?;
    let staged = workshop.staged_by_people().await.map_err(|error| repository::git(&error))?;
    if !staged.is_empty() {
        let staged: Vec<String> = staged.iter().map(|path| terminal::visible(path)).collect();
        printer.note(&format!("staged already, and left alone: {}", staged.join(", ")));
    }
    let record = begin(&ledger, &run, prepared.plan()).await?;
    let done = until_done(job.run(&run, &prepared, &checks), &switch, printer).await;
    follower.shown.finish();
    let told = done.map(|repaired| told::Told::of(&run, repaired, prepared, &scrubber));
    let ended = end(&ledger, record, told.as_ref().ok().map(told::Told::kept)).await;
    ledger.close().await;
    let code = told.map_err(|error| failed(&error))?.tell(&config, &site, &scrubber, printer)?;
    ended.map(|()| code)
}

/// The run in the history.
async fn begin(ledger: &SqlLedger, run: &RunId, plan: &Digest) -> Result<RunRecord, Failure> {
    let record = RunRecord {
        id: run.clone(),
        kind: RunKind::Fix,
        started_at: SystemClock.now().0,
        ended_at: None,
        state: RunState::Started,
        plan: Some(plan.clone()),
        report: None,
    };
    ledger.begin_run(&record).await.map_err(|error| ledger::failed(&error))?;
    Ok(record)
}

/// Its end, with what it came to.
async fn end(ledger: &SqlLedger, record: RunRecord, came_to: Option<Value>) -> Result<(), Failure> {
    let whole = came_to.as_ref().is_some_and(|value| value["open"] == serde_json::json!([]));
    let state = if whole { RunState::Finished } else { RunState::Stopped };
    let ended_at = Some(SystemClock.now().0);
    let record = RunRecord { state, ended_at, report: came_to.map(|value| value.to_string()), ..record };
    ledger.end_run(&record).await.map_err(|error| ledger::failed(&error))
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
