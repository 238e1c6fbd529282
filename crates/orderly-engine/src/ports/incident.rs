//! What an incident needs of the world: its log, people, what others recorded, and the two things it writes: who an issue
//! belongs to, and what people are told.

use super::ledger::LedgerError;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, OrgSlug, ProjectSlug, SentryHost};
use orderly_core::incident::mitigation::{Order, Run};
use orderly_core::incident::{Activity, Comment, IncidentKey, Log, Logged, MessageId, PostOrder};
use orderly_core::sync::snapshot::Assignee;
use orderly_core::time::Now;
use orderly_core::watch::SentryAlert;

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

/// The only thing that an incident changes in Sentry, beside its comments.
#[async_trait]
pub trait SentryAssign: Send + Sync {
    /// Assigns an issue, and reads it back.
    ///
    /// # Errors
    /// The cause, when it could not be written or is not so afterwards.
    async fn assign(&self, issue: IssueId, to: &Assignee) -> Result<(), Cause>;
}

/// Tells people in one place. A write is sent once.
#[async_trait]
pub trait Teller: Send + Sync {
    /// A new message. The answer has its id.
    async fn post(&self, order: &PostOrder) -> PostReply;

    /// Edits a message of Orderly.
    async fn edit(&self, order: &PostOrder, message: &MessageId) -> PostReply;

    /// The message of an order, found by its marker; `None`: there certainly is none.
    async fn find(&self, order: &PostOrder) -> Looked<Option<MessageId>>;
}

/// The answer to telling people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostReply {
    /// The message is there, with these words.
    There(MessageId),
    /// The message that was to be edited is not there any more, or cannot be edited any more.
    Gone(String),
    /// It certainly was not sent, or was refused.
    Failed(String),
    /// Nobody can say.
    Unknown(String),
}

/// What others recorded of an incident.
#[async_trait]
pub trait HistoryRead: Send + Sync {
    /// The newest activity of an issue.
    async fn activity(&self, issue: IssueId) -> Looked<Vec<Activity>>;

    /// Every comment on an issue.
    async fn comments(&self, issue: IssueId) -> Looked<Vec<Comment>>;

    /// Alerts of Sentry about projects, open or closed, the newest first.
    async fn past_alerts(&self, projects: &[ProjectSlug]) -> Looked<Vec<SentryAlert>>;
}

/// Does what a person approved. Nothing else of an incident starts a program.
#[async_trait]
pub trait Hands: Send + Sync {
    /// Carries an order out once, to its end or to the end of its time.
    async fn carry_out(&self, order: &Order) -> Run;
}
