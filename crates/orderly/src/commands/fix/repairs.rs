//! Repairs of this project, opened: what a run uses, from its beginning in the history to its end.

use super::told::Told;
use crate::clients;
use crate::clock::SystemClock;
use crate::commands::{locate, repository};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::ledger;
use orderly_connect::repair::{CheckRunner, GitWorkshop, RunsFile};
use orderly_connect::sentry::SentryClient;
use orderly_connect::source_maps::SourceMaps;
use orderly_core::fix::{Check, FixPolicy, found_checks};
use orderly_core::ids::{Digest, RunId, SentrySite};
use orderly_core::scrub::Scrubber;
use orderly_core::time::Seconds;
use orderly_engine::fix::{FixError, FixJob, FixPorts, Prepared, Repaired};
use orderly_engine::locate::LocateJob;
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::ports::ledger::{Ledger as _, RunKind, RunRecord, RunState};
use orderly_engine::ports::repair::{Agent, Workshop as _};
use orderly_engine::sync::run_id;
use orderly_store::SqlLedger;
use repository::{Apart, Programs};
use serde_json::Value;

/// Over which span the events of an issue are counted.
const WINDOW: Seconds = Seconds::days(14);

/// What a run uses.
pub struct Repairs<'c> {
    pub run: RunId,
    pub site: SentrySite,
    pub policy: FixPolicy,
    pub scrubber: Scrubber,
    pub programs: Programs,
    pub checks: Vec<Check>,
    config: &'c Config,
    sentry: SentryClient,
    workshop: GitWorkshop,
    runner: CheckRunner,
    maps: SourceMaps,
    ledger: SqlLedger,
    runs: RunsFile,
}

impl<'c> Repairs<'c> {
    /// Opens it, under a new run.
    ///
    /// # Errors
    /// What is missing: credentials, a repository, a sandbox, a check.
    pub async fn open(config: &'c Config, apart: Apart) -> Result<Self, Failure> {
        let policy = config.settings.fix_policy()?;
        let scrubber = Scrubber::new(&config.settings.policy.redact)
            .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
        let sentry = clients::sentry(config).await?;
        let workshop = repository::workshop(config).await?;
        let standing = workshop.standing().await.map_err(|trouble| repository::machinery(&trouble))?;
        let checks = checks(config, &standing.tracked)?;
        let programs = Programs::find(config, &workshop, apart).await?;
        let ledger = ledger::open(config).await?;
        let run = run_id(SystemClock.now());
        Ok(Self {
            site: config.settings.site()?,
            policy,
            scrubber,
            checks,
            runner: programs.checks(config),
            programs,
            maps: locate::maps(config),
            runs: repository::active_runs(config, workshop.folder(), &run)?,
            run,
            config,
            sentry,
            workshop,
            ledger,
        })
    }

    /// The job, with this agent.
    pub fn job<'a>(&'a self, agent: &'a dyn Agent) -> FixJob<'a> {
        let sentry = &self.sentry;
        let ports = FixPorts {
            crash: sentry,
            locate: LocateJob {
                sentry,
                code: self.workshop.code(),
                maps: &self.maps,
                mappings: &self.config.settings.code_mappings,
                window: WINDOW,
            },
            triage: sentry,
            releases: sentry,
            resolve: sentry,
            ledger: &self.ledger,
            workshop: &self.workshop,
            agent,
            checks: &self.runner,
            runs: &self.runs,
            clock: &SystemClock,
        };
        FixJob::new(ports, &self.policy, &self.scrubber, WINDOW)
    }

    /// What a person has staged.
    ///
    /// # Errors
    /// Git's.
    pub async fn staged_by_people(&self) -> Result<Vec<String>, Failure> {
        self.workshop.staged_by_people().await.map_err(|error| repository::git(&error))
    }

    /// Closes the ledger of a run that never began.
    pub async fn close(&self) {
        self.ledger.close().await;
    }

    /// Begins the run in the history.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn begin(&self, plan: &Digest) -> Result<RunRecord, Failure> {
        let record = RunRecord {
            id: self.run.clone(),
            kind: RunKind::Fix,
            started_at: SystemClock.now().0,
            ended_at: None,
            state: RunState::Started,
            plan: Some(plan.clone()),
            report: None,
        };
        self.ledger.begin_run(&record).await.map_err(|error| ledger::failed(&error))?;
        Ok(record)
    }

    /// Ends it there, with what it came to, and closes the ledger.
    ///
    /// # Errors
    /// Why the run came to nothing, or the ledger's.
    pub async fn end(
        &self,
        record: RunRecord,
        done: Result<Repaired, FixError>,
        prepared: Prepared,
    ) -> Result<Told, Failure> {
        let told = done.map(|repaired| Told::of(&self.run, repaired, prepared, &self.scrubber));
        let came_to: Option<Value> = told.as_ref().ok().map(Told::kept);
        let whole = came_to.as_ref().is_some_and(|value| value["open"] == serde_json::json!([]));
        let state = if whole { RunState::Finished } else { RunState::Stopped };
        let ended_at = Some(SystemClock.now().0);
        let report = came_to.map(|value| value.to_string());
        let ended = self.ledger.end_run(&RunRecord { state, ended_at, report, ..record }).await;
        self.ledger.close().await;
        let told = told.map_err(|error| failed(&error))?;
        ended.map(|()| told).map_err(|error| ledger::failed(&error))
    }
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
