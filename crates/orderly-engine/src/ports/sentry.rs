//! What a sync may ask and tell Sentry. There is no method that changes an issue's status, priority, assignee or
//! comments: a sync cannot do it because it has nothing to do it with (invariant I4).

use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::ids::{IssueId, ProjectSlug, SentrySite};
pub use orderly_core::sync::machine::LinkBackOrder;
use orderly_core::sync::snapshot::{EventEvidence, ExternalLink, Issue, LinkBackPath, OwnerClue, Signal};
use orderly_core::time::Seconds;

/// Which part of an organization a search looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchScope {
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// Environments that exist in the organization; empty: all.
    pub environments: Vec<String>,
    /// How far back.
    pub window: Seconds,
    /// At most this many issues; never over 100.
    pub limit: u32,
}

/// An answer with the request that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The request.
    pub request: RequestRef,
}

/// Reading Sentry.
#[async_trait]
pub trait SentryRead: Send + Sync {
    /// Where it is.
    fn site(&self) -> SentrySite;

    /// Names of the environments that the organization has (an unknown one in a search would lose the whole answer).
    async fn environments(&self) -> Looked<Vec<String>>;

    /// Issues that a signal names within a scope.
    async fn search(&self, signal: Signal, scope: &SearchScope) -> Looked<Answered<Vec<Issue>>>;

    /// An issue by id, whatever its state (for open intents).
    async fn issue(&self, id: IssueId, scope: &SearchScope) -> Looked<Option<Issue>>;

    /// The allowed part of the latest event of an issue, with owner clues that its answer carries.
    async fn latest_event(&self, id: IssueId) -> Looked<EventEvidence>;

    /// Who may own an issue, strongest reason first.
    async fn owners(&self, issue: &Issue) -> Looked<Vec<OwnerClue>>;

    /// Links that apps and integrations keep for an issue, fresh.
    async fn external_links(&self, id: IssueId) -> Looked<Answered<Vec<ExternalLink>>>;

    /// How a link back can be written with these credentials.
    async fn link_back_path(&self) -> LinkBackPath;
}

/// The only thing a sync writes into Sentry.
#[async_trait]
pub trait SentryLink: Send + Sync {
    /// Upserts the app's link for an issue and reads it back.
    ///
    /// # Errors
    /// The cause, when it could not be written or is not there afterwards.
    async fn link_back(&self, order: &LinkBackOrder) -> Result<(), Cause>;
}
