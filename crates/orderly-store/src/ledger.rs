//! The port, table by table.

use crate::connection::Connections;
use crate::location::LedgerLocation;
use crate::{backlog, cases, incidents, journal, leases, reports, runs};
use async_trait::async_trait;
use orderly_core::fix::{Case, CaseKey};
use orderly_core::ids::{IssueId, OrgSlug, RunId, SentryHost, TeamKey, TrackKey};
use orderly_core::incident::{IncidentKey, Log, Logged};
use orderly_core::similar::Signature;
use orderly_core::sync::machine::{Journal, JournalEntry};
use orderly_core::sync::snapshot::LastReport;
use orderly_core::time::{Now, Seconds, Timestamp};
use orderly_engine::ports::backlog::{BacklogNews, BacklogStore, OwnExamples, StoredBacklog};
use orderly_engine::ports::cases::{CaseLedger, HeldCase, Opening};
use orderly_engine::ports::incident::{Appended, IncidentLedger};
use orderly_engine::ports::ledger::{Lease, LeaseAnswer, LeaseScope, Ledger, LedgerError, RunRecord};
use std::collections::BTreeMap;
use std::fmt;

/// A ledger in a SQL database.
///
/// Times are kept in microseconds: what is finer is cut off. Operations run one after the other on one connection,
/// which is replaced when it breaks or when an operation is cancelled. A write whose COMMIT was sent and not answered
/// is an error that says so; reading the key again shows what happened.
pub struct SqlLedger {
    connections: Connections,
}

impl SqlLedger {
    /// Opens a ledger, creates it when there is none, and brings its tables to this version.
    ///
    /// # Errors
    /// [`LedgerError::Unreachable`] when it cannot be opened or its file is not private, [`LedgerError::Newer`] when a
    /// newer Orderly wrote it, [`LedgerError::Failed`] when the tables cannot be created.
    pub async fn open(location: &LedgerLocation) -> Result<Self, LedgerError> {
        Ok(Self { connections: Connections::open(location).await? })
    }

    /// Ends the connection in good order: SQLite folds its `-wal` file into the ledger, PostgreSQL hears a goodbye.
    /// Nothing is lost without it, and a later operation connects again.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}

impl fmt::Debug for SqlLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlLedger").field(&self.connections.place()).finish()
    }
}

#[async_trait]
impl Ledger for SqlLedger {
    async fn take_lease(
        &self,
        scope: &LeaseScope,
        holder: &RunId,
        now: Now,
        length: Seconds,
    ) -> Result<LeaseAnswer, LedgerError> {
        leases::take(&self.connections, scope, holder, now, length).await
    }

    async fn renew_lease(&self, lease: &Lease, now: Now, length: Seconds) -> Result<Lease, LedgerError> {
        leases::renew(&self.connections, lease, now, length).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LedgerError> {
        leases::release(&self.connections, lease).await
    }

    async fn record(&self, lease: &Lease, entry: &JournalEntry, now: Now) -> Result<(), LedgerError> {
        journal::record(&self.connections, lease, entry, now).await
    }

    async fn entry(&self, key: &TrackKey) -> Result<Option<JournalEntry>, LedgerError> {
        journal::entry(&self.connections, key).await
    }

    async fn open_entries(&self, scope: &LeaseScope) -> Result<Journal, LedgerError> {
        journal::open_entries(&self.connections, scope).await
    }

    async fn entries_of_run(&self, run: &RunId) -> Result<Vec<JournalEntry>, LedgerError> {
        journal::entries_of_run(&self.connections, run).await
    }

    async fn last_reports(
        &self,
        host: &SentryHost,
        org: &OrgSlug,
        issues: &[IssueId],
    ) -> Result<BTreeMap<IssueId, LastReport>, LedgerError> {
        reports::last(&self.connections, host, org, issues).await
    }

    async fn remember_reports(
        &self,
        host: &SentryHost,
        org: &OrgSlug,
        reports: &BTreeMap<IssueId, LastReport>,
    ) -> Result<(), LedgerError> {
        reports::remember(&self.connections, host, org, reports).await
    }

    async fn begin_run(&self, run: &RunRecord) -> Result<(), LedgerError> {
        runs::begin(&self.connections, run).await
    }

    async fn end_run(&self, run: &RunRecord) -> Result<(), LedgerError> {
        runs::end(&self.connections, run).await
    }

    async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
        runs::newest(&self.connections, limit).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunRecord>, LedgerError> {
        runs::one(&self.connections, id).await
    }
}

#[async_trait]
impl CaseLedger for SqlLedger {
    async fn open_case(&self, case: &Case, until: Timestamp, now: Now) -> Result<Opening, LedgerError> {
        cases::open(&self.connections, case, until, now).await
    }

    async fn record_case(
        &self,
        holder: &RunId,
        case: &Case,
        until: Timestamp,
        now: Now,
    ) -> Result<(), LedgerError> {
        cases::record(&self.connections, holder, case, until, now).await
    }

    async fn take_case(
        &self,
        key: &CaseKey,
        from: &RunId,
        to: &RunId,
        until: Timestamp,
    ) -> Result<bool, LedgerError> {
        cases::take(&self.connections, key, from, to, until).await
    }

    async fn open_cases(&self, host: &SentryHost, org: &OrgSlug) -> Result<Vec<HeldCase>, LedgerError> {
        cases::all_open(&self.connections, host, org).await
    }

    async fn fixed_cases(&self, host: &SentryHost, org: &OrgSlug) -> Result<Vec<Case>, LedgerError> {
        cases::all_fixed(&self.connections, host, org).await
    }

    async fn amend_case(&self, case: &Case, now: Now) -> Result<(), LedgerError> {
        cases::amend(&self.connections, case, now).await
    }
}

#[async_trait]
impl BacklogStore for SqlLedger {
    async fn backlog(&self, scope: &LeaseScope, teams: &[TeamKey]) -> Result<StoredBacklog, LedgerError> {
        backlog::load(&self.connections, scope, teams).await
    }

    async fn learn_items(
        &self,
        scope: &LeaseScope,
        teams: &[TeamKey],
        news: &BacklogNews,
    ) -> Result<(), LedgerError> {
        backlog::learn_items(&self.connections, scope, teams, news).await
    }

    async fn forget_items(&self, scope: &LeaseScope, teams: &[TeamKey]) -> Result<(), LedgerError> {
        backlog::forget_items(&self.connections, scope, teams).await
    }

    async fn learn_errors(
        &self,
        scope: &LeaseScope,
        errors: &BTreeMap<IssueId, Signature>,
    ) -> Result<(), LedgerError> {
        backlog::learn_errors(&self.connections, scope, errors).await
    }

    async fn examples(&self, scope: &LeaseScope) -> Result<Option<OwnExamples>, LedgerError> {
        backlog::examples(&self.connections, scope).await
    }

    async fn learn_examples(&self, scope: &LeaseScope, examples: &OwnExamples) -> Result<(), LedgerError> {
        backlog::learn_examples(&self.connections, scope, examples).await
    }
}

#[async_trait]
impl IncidentLedger for SqlLedger {
    async fn append(&self, key: &IncidentKey, logged: &Logged, now: Now) -> Result<Appended, LedgerError> {
        incidents::append(&self.connections, key, logged, now).await
    }

    async fn incident_log(&self, key: &IncidentKey) -> Result<Option<Log>, LedgerError> {
        incidents::log(&self.connections, key).await
    }

    async fn incident_numbers(&self, host: &SentryHost, org: &OrgSlug) -> Result<Vec<u32>, LedgerError> {
        incidents::numbers(&self.connections, host, org).await
    }
}
