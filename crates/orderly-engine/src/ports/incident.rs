//! What an incident needs of the world: its log, people, numbers, and one thing to write into Sentry.

use super::ledger::LedgerError;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, OrgSlug, SentryHost};
use orderly_core::incident::{IncidentKey, Log, Logged};
use orderly_core::sync::snapshot::Assignee;
use orderly_core::time::Now;

/// The answer to appending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log.
    Added,
    /// Somebody else has written to this place; the log has to be read again.
    Taken,
}

/// The logs of incidents. Every write returns only after it is durable; nothing is ever changed.
#[async_trait]
pub trait IncidentLedger: Send + Sync {
    /// Appends an entry at its place, unless that is taken.
    async fn append(&self, key: &IncidentKey, logged: &Logged, now: Now) -> Result<Appended, LedgerError>;

    /// The log of an incident, checked against its digests.
    async fn incident_log(&self, key: &IncidentKey) -> Result<Option<Log>, LedgerError>;

    /// The numbers of all incidents of an organization, in order.
    async fn incident_numbers(&self, host: &SentryHost, org: &OrgSlug) -> Result<Vec<u32>, LedgerError>;
}

/// Whom Sentry knows.
#[async_trait]
pub trait PeopleRead: Send + Sync {
    /// Members and teams of the organization.
    async fn people(&self) -> Looked<Vec<Assignee>>;
}

/// The only thing that an incident writes into Sentry.
#[async_trait]
pub trait SentryAssign: Send + Sync {
    /// Assigns an issue, and reads it back.
    ///
    /// # Errors
    /// The cause, when it could not be written or is not so afterwards.
    async fn assign(&self, issue: IssueId, to: &Assignee) -> Result<(), Cause>;
}
