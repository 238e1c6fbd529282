//! The journal of repairs: one row a case, at most one open case an issue.

use super::ledger::LedgerError;
use async_trait::async_trait;
use orderly_core::fix::{Case, CaseKey};
use orderly_core::ids::{OrgSlug, RunId, SentryHost};
use orderly_core::time::{Now, Timestamp};

/// A case and who works on it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldCase {
    /// The case.
    pub case: Case,
    /// The run that works on it, or died at it.
    pub holder: RunId,
    /// Until when it holds the case unless it says so again.
    pub until: Timestamp,
}

/// The answer to opening a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Opening {
    /// It is open, and ours.
    Opened,
    /// The issue has an open case.
    Exists(HeldCase),
}

/// The journal of repairs. Every write returns only after it is durable.
#[async_trait]
pub trait CaseLedger: Send + Sync {
    /// Opens a case, unless its issue has an open one. Its holder is the run of its key.
    async fn open_case(&self, case: &Case, until: Timestamp, now: Now) -> Result<Opening, LedgerError>;

    /// Stores an open case as it stands, and holds it until then; [`LedgerError::LeaseLost`] when another run holds it. An
    /// ended case is stored and given back.
    async fn record_case(
        &self,
        holder: &RunId,
        case: &Case,
        until: Timestamp,
        now: Now,
    ) -> Result<(), LedgerError>;

    /// Takes an open case over from a run that died; `false` when somebody else was quicker.
    async fn take_case(
        &self,
        key: &CaseKey,
        from: &RunId,
        to: &RunId,
        until: Timestamp,
    ) -> Result<bool, LedgerError>;

    /// Every open case of an organization, oldest first.
    async fn open_cases(&self, host: &SentryHost, org: &OrgSlug) -> Result<Vec<HeldCase>, LedgerError>;

    /// Every ended case with a commit, oldest first.
    async fn fixed_cases(&self, host: &SentryHost, org: &OrgSlug) -> Result<Vec<Case>, LedgerError>;

    /// Stores what became of an ended case since: its issue was resolved, its fix holds or does not.
    async fn amend_case(&self, case: &Case, now: Now) -> Result<(), LedgerError>;
}
