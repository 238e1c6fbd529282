//! The job: what it is given, and its two ways, preview and apply.

use super::apply::{Apply, LEASE};
use super::cancel::Cancel;
use super::gather::{Gather, Gathered};
use super::progress::{Progress, Watch};
use crate::ports::backlog::BacklogStore;
use crate::ports::clock::Clock;
use crate::ports::ledger::{
    Lease, LeaseAnswer, LeaseScope, Ledger, LedgerError, RunKind, RunRecord, RunState,
};
use crate::ports::sentry::{SentryLink, SentryRead};
use crate::ports::tracker::{TrackerCreate, TrackerLink, TrackerRead};
use orderly_core::ids::{ProjectSlug, RunId, TeamKey};
use orderly_core::scrub::Scrubber;
use orderly_core::sync::approve::{self, Approved, Refused};
use orderly_core::sync::decide::decide;
use orderly_core::sync::machine::{Invalid, Outcome, Start, reported};
use orderly_core::sync::plan::{Decision, Plan};
use orderly_core::sync::policy::SyncPolicy;
use orderly_core::sync::report::Report;
use orderly_core::time::{Now, Timestamp};

/// Exactly what a sync may use. Nothing here can change an issue's status, priority, assignee or comments in Sentry,
/// or delete anything.
#[derive(Clone, Copy)]
pub struct SyncPorts<'a> {
    /// Reads Sentry.
    pub sentry: &'a dyn SentryRead,
    /// Writes links back.
    pub link: &'a dyn SentryLink,
    /// Reads the tracker.
    pub tracker: &'a dyn TrackerRead,
    /// Creates items.
    pub create: &'a dyn TrackerCreate,
    /// Writes on items that exist.
    pub write: &'a dyn TrackerLink,
    /// Keeps what was intended and done.
    pub ledger: &'a dyn Ledger,
    /// Remembers tracked work.
    pub backlog: &'a dyn BacklogStore,
    /// Says what time it is.
    pub clock: &'a dyn Clock,
}

/// Which part of the world a sync is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncScope {
    /// Whose backlog is kept.
    pub team: TeamKey,
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// Environments; `production` stands for its usual spellings; empty: all.
    pub environments: Vec<String>,
}

/// A backlog sync, ready to run.
#[derive(Clone)]
pub struct SyncJob<'a> {
    ports: SyncPorts<'a>,
    scope: SyncScope,
    policy: SyncPolicy,
    watch: &'a dyn Watch,
    cancel: Cancel,
}

/// What a preview came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previewed {
    /// The run.
    pub run: RunId,
    /// What an apply would do; this is what `--save-plan` keeps.
    pub plan: Plan,
    /// The same, for people.
    pub report: Report,
}

/// What an applied run came to.
#[derive(Debug)]
pub struct Applied {
    /// The run.
    pub run: RunId,
    /// What was carried out.
    pub plan: Plan,
    /// What became of each decision, and why the run stopped early, if it did.
    pub outcome: Outcome,
    /// The same, for people.
    pub report: Report,
    /// Why the history does not hold the report, if it does not; what was done is journaled all the same.
    pub unsaved: Option<LedgerError>,
}

/// Why a run did not happen, or did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Another run is at work on this backlog.
    #[error(
        "another run ({holder}) is at work on this backlog until {until}: wait for it, or look at it with `orderly history`"
    )]
    Busy {
        /// Which.
        holder: RunId,
        /// Until when, unless it goes on.
        until: Timestamp,
    },
    /// The ledger could not be read or written; nothing was sent that it does not know of.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The plan is not one that may be applied now.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A person stopped the run before anything was written.
    #[error("stopped before anything was written")]
    Stopped,
    /// A fault of Orderly: it would have broken one of its own rules, and stopped instead.
    #[error(
        "a fault of Orderly stopped the run before it could do harm: {0}; the next run goes on from the journal. Please report it"
    )]
    Fault(#[from] Invalid),
}

impl<'a> SyncJob<'a> {
    /// A job over these ports.
    pub fn new(ports: SyncPorts<'a>, scope: SyncScope, policy: SyncPolicy) -> Self {
        Self { ports, scope, policy, watch: &(), cancel: Cancel::never() }
    }

    /// The same, followed by `watch`.
    #[must_use]
    pub fn watched_by(self, watch: &'a dyn Watch) -> Self {
        Self { watch, ..self }
    }

    /// The same, stopped by `cancel`.
    #[must_use]
    pub fn until(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Gathers, decides and reports; writes nothing but the record of the run and what it read of the backlog.
    ///
    /// # Errors
    /// The ledger's, or that a person stopped it.
    pub async fn preview(&self) -> Result<Previewed, SyncError> {
        let mut record = self.begin(RunKind::Preview).await?;
        match self.planned().await {
            Ok((_, plan)) => {
                let report = Report::preview(&record.id, &plan, &self.scrubber());
                self.end(&mut record, RunState::Finished, Some(&plan), Some(&report)).await?;
                Ok(Previewed { run: record.id, plan, report })
            }
            Err(error) => {
                self.give_up(&mut record).await;
                Err(error)
            }
        }
    }

    /// Gathers, decides and carries the plan out.
    ///
    /// # Errors
    /// [`SyncError`]. What a run that stopped early did is no error but part of [`Applied`].
    pub async fn apply(&self) -> Result<Applied, SyncError> {
        self.apply_with(|plan, _| approve::fresh(plan)).await
    }

    /// Carries a saved plan out, byte for byte, or refuses because the world moved.
    ///
    /// # Errors
    /// As [`SyncJob::apply`]; [`Refused::Stale`] lists what moved.
    pub async fn apply_saved(&self, saved: Plan) -> Result<Applied, SyncError> {
        self.apply_with(|fresh, now| approve::saved(saved, &fresh, now)).await
    }

    async fn apply_with(
        &self,
        approve: impl FnOnce(Plan, Now) -> Result<Approved<Plan>, Refused>,
    ) -> Result<Applied, SyncError> {
        let mut record = self.begin(RunKind::Apply).await?;
        let result = match self.take_lease(&record.id).await {
            Ok(lease) => {
                let result = self.carry_out(&mut record, lease.clone(), approve).await;
                if let Err(error) = self.ports.ledger.release_lease(&lease).await {
                    tracing::warn!(run = %record.id, %error, "the lease could not be given back; it lapses by itself");
                }
                result
            }
            Err(error) => Err(error),
        };
        if result.is_err() {
            self.give_up(&mut record).await;
        }
        result
    }

    async fn carry_out(
        &self,
        record: &mut RunRecord,
        lease: Lease,
        approve: impl FnOnce(Plan, Now) -> Result<Approved<Plan>, Refused>,
    ) -> Result<Applied, SyncError> {
        let (Gathered { open, gone, .. }, fresh) = self.planned().await?;
        let now = self.ports.clock.now();
        let approved = approve(fresh, now)?;
        let plan = approved.get().clone();
        // Gathering takes time; nothing starts on a lease that may have lapsed meanwhile.
        let lease = self.ports.ledger.renew_lease(&lease, now, LEASE).await?;
        let start = Start { plan: approved, open, gone, run: record.id.clone(), lease: Apply::term(&lease) };
        let mut apply = Apply { ports: self.ports, watch: self.watch, cancel: &self.cancel, lease };
        let outcome = apply.run(start).await?;
        let report =
            Report::applied(&record.id, &plan, &outcome.items(), outcome.stop.as_ref(), &self.scrubber());
        let state = if outcome.stop.is_some() { RunState::Stopped } else { RunState::Finished };
        let unsaved = self.keep(record, state, &plan, &outcome, &report).await.err();
        Ok(Applied { run: record.id.clone(), plan, outcome, report, unsaved })
    }

    /// Remembers what was reported, and the report itself.
    async fn keep(
        &self,
        record: &mut RunRecord,
        state: RunState,
        plan: &Plan,
        outcome: &Outcome,
        report: &Report,
    ) -> Result<(), LedgerError> {
        let site = self.ports.sentry.site();
        let reports = reported(plan, outcome, self.ports.clock.now());
        if !reports.is_empty() {
            self.ports.ledger.remember_reports(&site.host(), &site.org, &reports).await?;
        }
        self.end(record, state, Some(plan), Some(report)).await
    }

    async fn planned(&self) -> Result<(Gathered, Plan), SyncError> {
        let gather = Gather {
            ports: self.ports,
            scope: &self.scope,
            policy: &self.policy,
            watch: self.watch,
            cancel: &self.cancel,
        };
        let gathered = gather.run(self.ports.clock.now()).await?;
        if self.cancel.is_asked() {
            return Err(SyncError::Stopped);
        }
        let plan = decide(&gathered.snapshot, &self.policy, self.ports.clock.now());
        let count = |wanted: fn(&Decision) -> bool| {
            plan.entries.iter().filter(|entry| wanted(&entry.decision)).count()
        };
        let creates = count(|decision| matches!(decision, Decision::Create { .. }));
        let links = count(|decision| matches!(decision, Decision::Link { .. } | Decision::Update { .. }));
        self.watch.see(Progress::Decided { creates, links });
        Ok((gathered, plan))
    }

    async fn take_lease(&self, run: &RunId) -> Result<Lease, SyncError> {
        let site = self.ports.sentry.site();
        let scope = LeaseScope { host: site.host(), org: site.org, team: self.scope.team.clone() };
        match self.ports.ledger.take_lease(&scope, run, self.ports.clock.now(), LEASE).await? {
            LeaseAnswer::Held(lease) => Ok(lease),
            LeaseAnswer::Busy { holder, until } => Err(SyncError::Busy { holder, until }),
        }
    }

    async fn begin(&self, kind: RunKind) -> Result<RunRecord, SyncError> {
        let now = self.ports.clock.now();
        let record = RunRecord {
            id: run_id(now),
            kind,
            started_at: now.0,
            ended_at: None,
            state: RunState::Started,
            plan: None,
            report: None,
        };
        self.ports.ledger.begin_run(&record).await?;
        self.watch.see(Progress::Started { run: &record.id });
        Ok(record)
    }

    async fn end(
        &self,
        record: &mut RunRecord,
        state: RunState,
        plan: Option<&Plan>,
        report: Option<&Report>,
    ) -> Result<(), LedgerError> {
        record.state = state;
        record.ended_at = Some(self.ports.clock.now().0);
        record.plan = plan.map(Plan::digest);
        record.report = report.and_then(|report| serde_json::to_string(report).ok());
        self.ports.ledger.end_run(record).await
    }

    /// Says in the history that a run did not come to its end; the run's own error is the one that people see.
    async fn give_up(&self, record: &mut RunRecord) {
        if let Err(error) = self.end(record, RunState::Stopped, None, None).await {
            tracing::warn!(run = %record.id, %error, "the end of the run could not be recorded");
        }
    }

    /// A pattern that is no pattern is a gap of the plan; the built-in ones apply in any case.
    fn scrubber(&self) -> Scrubber {
        Scrubber::new(&self.policy.redact).unwrap_or_else(|_| Scrubber::built_in())
    }
}

/// An id for a run: sortable by time, and unique among machines that share a ledger.
pub fn run_id(now: Now) -> RunId {
    let random = uuid::Uuid::new_v4().simple().to_string();
    RunId::new(format!("{}-{}", now.0.strftime("%Y%m%dT%H%M%SZ"), &random[..6]))
}
