//! Taking a run back: items that it made and nobody touched go to the trash, attachments that it added are removed. What
//! cannot or must not be taken back is said.

use super::run::run_id;
use crate::ports::clock::Clock;
use crate::ports::ledger::{
    Lease, LeaseAnswer, LeaseScope, Ledger, LedgerError, RunKind, RunRecord, RunState,
};
use crate::ports::tracker::{Touched, TrackerUndo};
use orderly_core::answer::Looked;
use orderly_core::ids::{IssueId, OrgSlug, RunId, SentryHost, TeamKey};
use orderly_core::sync::machine::{JournalEntry, LinkBackStage, Stage, Work};
use orderly_core::sync::plan::{AttachOrder, ItemRef, Reopen};
use orderly_core::time::{Seconds, Timestamp};
use serde::Serialize;

/// How long an undo may be silent before another run may take over.
const LEASE: Seconds = Seconds(120);

/// An undo, ready to run.
#[derive(Clone)]
pub struct UndoJob<'a> {
    /// Takes back.
    pub tracker: &'a dyn TrackerUndo,
    /// Knows what was done.
    pub ledger: &'a dyn Ledger,
    /// Says what time it is.
    pub clock: &'a dyn Clock,
    /// Sentry of the backlog.
    pub host: SentryHost,
    /// Its organization.
    pub org: OrgSlug,
    /// Whose backlog it is.
    pub team: TeamKey,
}

/// What an undo came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoReport {
    /// The run of the undo itself.
    pub run: RunId,
    /// The run that was taken back.
    pub of: RunId,
    /// One line a decision of that run.
    pub lines: Vec<UndoLine>,
}

/// What became of one decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoLine {
    /// The issue.
    pub issue: IssueId,
    /// Its item, when there is one.
    pub item: Option<ItemRef>,
    /// What was taken back.
    pub undid: Undid,
    /// What stays, each with the reason.
    pub left: Vec<String>,
}

/// What was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undid {
    /// The item is in the trash.
    Trashed,
    /// The attachment is gone.
    Detached,
    /// Nothing.
    Nothing,
}

/// Why a run was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No such run.
    #[error("there is no run {0}: `orderly history` lists them")]
    Unknown(RunId),
    /// Another run is at work on this backlog.
    #[error("another run ({holder}) is at work on this backlog until {until}: wait for it")]
    Busy {
        /// Which.
        holder: RunId,
        /// Until when.
        until: Timestamp,
    },
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl UndoJob<'_> {
    /// Takes a run back.
    ///
    /// # Errors
    /// [`UndoError`]; what could not be taken back item by item is part of the report.
    pub async fn undo(&self, of: &RunId) -> Result<UndoReport, UndoError> {
        let Some(undone) = self.ledger.run(of).await? else { return Err(UndoError::Unknown(of.clone())) };
        let now = self.clock.now();
        let mut record = RunRecord {
            id: run_id(now),
            kind: RunKind::Undo,
            started_at: now.0,
            ended_at: None,
            state: RunState::Started,
            plan: None,
            report: None,
        };
        let mut lease = self.take_lease(&record.id).await?;
        self.ledger.begin_run(&record).await?;
        let made = undone.ended_at.unwrap_or(undone.started_at);
        let mut lines = Vec::new();
        for entry in self.ledger.entries_of_run(of).await? {
            lease = self.ledger.renew_lease(&lease, self.clock.now(), LEASE).await?;
            lines.push(self.take_back(&entry, made).await);
        }
        let report = UndoReport { run: record.id.clone(), of: of.clone(), lines };
        record.state = RunState::Finished;
        record.ended_at = Some(self.clock.now().0);
        record.report = serde_json::to_string(&report).ok();
        self.ledger.end_run(&record).await?;
        self.ledger.release_lease(&lease).await?;
        Ok(report)
    }

    async fn take_lease(&self, run: &RunId) -> Result<Lease, UndoError> {
        let scope = LeaseScope { host: self.host.clone(), org: self.org.clone(), team: self.team.clone() };
        match self.ledger.take_lease(&scope, run, self.clock.now(), LEASE).await? {
            LeaseAnswer::Held(lease) => Ok(lease),
            LeaseAnswer::Busy { holder, until } => Err(UndoError::Busy { holder, until }),
        }
    }

    async fn take_back(&self, entry: &JournalEntry, made: Timestamp) -> UndoLine {
        let mut left = Vec::new();
        let (item, undid) = match &entry.work {
            Work::Create { .. } => (entry.item.clone(), self.trash(entry, made, &mut left).await),
            Work::Link { item, attach } => {
                (Some(item.clone()), self.detach(entry, attach.as_ref(), &mut left).await)
            }
            Work::Update { item, attach, reopen, .. } => {
                let sure = if entry.stage == Stage::Done { "" } else { ", if it got there" };
                left.push(format!("the comment on {}{sure}", item.key));
                if matches!(reopen, Reopen::To(_)) {
                    left.push(format!("the state of {}{sure}", item.key));
                }
                (Some(item.clone()), self.detach(entry, attach.as_ref(), &mut left).await)
            }
        };
        if entry.link_back == LinkBackStage::Done {
            left.push("the link in Sentry: remove it on the issue's page".to_owned());
        }
        UndoLine { issue: entry.key.issue, item, undid, left }
    }

    async fn trash(&self, entry: &JournalEntry, made: Timestamp, left: &mut Vec<String>) -> Undid {
        let Some(item) = &entry.item else {
            if entry.attempts > 0 && !entry.is_closed() {
                left.push("an item that may exist: nobody knows yet what became of the request".to_owned());
            }
            return Undid::Nothing;
        };
        match self.tracker.touched_since(item.id, made).await {
            Looked::Saw(Touched::No) => match self.tracker.trash(item.id).await {
                Ok(()) => return Undid::Trashed,
                Err(cause) => {
                    left.push(format!("{}: it could not be moved to the trash ({cause})", item.key));
                }
            },
            Looked::Saw(Touched::Yes(how)) => {
                left.push(format!("{}: somebody touched it since ({how})", item.key));
            }
            Looked::Saw(Touched::Gone) => left.push(format!("{}: it is gone already", item.key)),
            Looked::CouldNotLook(cause) => {
                left.push(format!("{}: nobody can say whether it was touched ({cause})", item.key));
            }
        }
        Undid::Nothing
    }

    async fn detach(
        &self,
        entry: &JournalEntry,
        attach: Option<&AttachOrder>,
        left: &mut Vec<String>,
    ) -> Undid {
        let Some(order) = attach.filter(|_| !matches!(entry.stage, Stage::Failed(_))) else {
            return Undid::Nothing;
        };
        match self.tracker.detach(order.item, &order.url).await {
            Ok(()) => Undid::Detached,
            Err(cause) => {
                left.push(format!("the attachment {}: it could not be removed ({cause})", order.url));
                Undid::Nothing
            }
        }
    }
}
