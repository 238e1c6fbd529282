//! The ledger: what was intended, what is known to have happened, who is at work, and what was reported.
//!
//! Every write returns only after it is durable. Rows become enums by exhaustive match; an impossible row is an error
//! that names table and key.

use async_trait::async_trait;
use orderly_core::ids::{Digest, IssueId, OrgSlug, RunId, SentryHost, TeamKey, TrackKey};
use orderly_core::sync::machine::{Journal, JournalEntry};
use orderly_core::sync::snapshot::LastReport;
use orderly_core::time::{Now, Seconds, Timestamp};
use std::collections::BTreeMap;

/// Why the ledger could not do something.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be reached or opened.
    #[error("the ledger {place} cannot be opened: {why}")]
    Unreachable {
        /// File or database (without credentials).
        place: String,
        /// The failure.
        why: String,
    },
    /// A read or write failed: full disk, lost connection, damaged file.
    #[error("the ledger could not {what}: {why}")]
    Failed {
        /// `store the intent for CHECKOUT-3F`.
        what: String,
        /// The failure.
        why: String,
    },
    /// A row that no version of Orderly writes.
    #[error("the ledger holds an impossible row in `{table}` at {key}: {why}")]
    Impossible {
        /// Table.
        table: &'static str,
        /// Primary key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// It was written by a newer Orderly.
    #[error("the ledger has version {found}, this Orderly knows {known}: use the newer Orderly")]
    Newer {
        /// Stored version.
        found: i64,
        /// Known version.
        known: i64,
    },
    /// Somebody else took over the lease; what was to be written is stale.
    #[error("the lease on {scope} was taken over by {holder}")]
    LeaseLost {
        /// What it covers.
        scope: String,
        /// Who holds it now.
        holder: String,
    },
}

/// What a lease covers: one backlog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeaseScope {
    /// Sentry.
    pub host: SentryHost,
    /// Organization.
    pub org: OrgSlug,
    /// Team.
    pub team: TeamKey,
}

/// Proof that a lease is held; only a ledger makes one. Its epoch rises with every change of hands, and every write of
/// the journal carries it. It saves work; correctness rests on the derived ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it covers.
    pub scope: LeaseScope,
    /// Who holds it.
    pub holder: RunId,
    /// Fencing number.
    pub epoch: i64,
    /// When it lapses unless renewed.
    pub until: Timestamp,
}

/// The answer to asking for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseAnswer {
    /// It is ours.
    Held(Lease),
    /// Another run is at work.
    Busy {
        /// Who.
        holder: RunId,
        /// Until when, unless renewed.
        until: Timestamp,
    },
}

/// How a run ended, for the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// At work, or died at work.
    Started,
    /// Ended; its report is complete.
    Finished,
    /// Stopped at a safe point (Ctrl-C, lease lost); the next run goes on.
    Stopped,
}

/// What a run was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// A preview.
    Preview,
    /// An applied sync.
    Apply,
    /// An undo.
    Undo,
    /// Repairs.
    Fix,
}

/// A run as the history tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Id.
    pub id: RunId,
    /// What it was asked.
    pub kind: RunKind,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub state: RunState,
    /// Digest of its plan.
    pub plan: Option<Digest>,
    /// Its report as JSON (the documented schema), once it ended.
    pub report: Option<String>,
}

/// The ledger.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Takes the lease of a backlog, or says who has it. A lapsed lease is taken over with a higher epoch.
    async fn take_lease(
        &self,
        scope: &LeaseScope,
        holder: &RunId,
        now: Now,
        length: Seconds,
    ) -> Result<LeaseAnswer, LedgerError>;

    /// Renews a lease; [`LedgerError::LeaseLost`] when it changed hands.
    async fn renew_lease(&self, lease: &Lease, now: Now, length: Seconds) -> Result<Lease, LedgerError>;

    /// Gives a lease back; a lost one is no error.
    async fn release_lease(&self, lease: &Lease) -> Result<(), LedgerError>;

    /// Stores one journal entry (insert or replace on its key) under the lease's epoch, in one durable transaction.
    async fn record(&self, lease: &Lease, entry: &JournalEntry, now: Now) -> Result<(), LedgerError>;

    /// The journal entry of one key.
    async fn entry(&self, key: &TrackKey) -> Result<Option<JournalEntry>, LedgerError>;

    /// Every entry of a backlog that is not at its end.
    async fn open_entries(&self, scope: &LeaseScope) -> Result<Journal, LedgerError>;

    /// Every entry that a run touched, for history and undo.
    async fn entries_of_run(&self, run: &RunId) -> Result<Vec<JournalEntry>, LedgerError>;

    /// When issues were last part of an applied run, and with which evidence.
    async fn last_reports(
        &self,
        host: &SentryHost,
        org: &OrgSlug,
        issues: &[IssueId],
    ) -> Result<BTreeMap<IssueId, LastReport>, LedgerError>;

    /// Remembers that issues were part of an applied run.
    async fn remember_reports(
        &self,
        host: &SentryHost,
        org: &OrgSlug,
        reports: &BTreeMap<IssueId, LastReport>,
    ) -> Result<(), LedgerError>;

    /// Adds a run.
    async fn begin_run(&self, run: &RunRecord) -> Result<(), LedgerError>;

    /// Completes a run with its state, plan and report.
    async fn end_run(&self, run: &RunRecord) -> Result<(), LedgerError>;

    /// Runs, newest first.
    async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, LedgerError>;

    /// One run.
    async fn run(&self, id: &RunId) -> Result<Option<RunRecord>, LedgerError>;
}
