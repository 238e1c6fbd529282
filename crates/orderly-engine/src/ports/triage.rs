//! What triage may ask Sentry. It reads only.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::{IssueId, ProjectSlug};
use orderly_core::noise::{ReleaseSeen, Spread};
use orderly_core::time::Seconds;
use orderly_core::triage::Listed;

/// Largest page that Sentry answers.
pub const LARGEST_PAGE: u32 = 100;

/// Which part of an organization triage looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriageScope {
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// Environments that exist in the organization; empty: all.
    pub environments: Vec<String>,
    /// How far back.
    pub window: Seconds,
    /// What comes first.
    pub sort: Sort,
    /// Issues a page; never over [`LARGEST_PAGE`].
    pub page: u32,
}

/// The order in which Sentry answers a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most events.
    #[default]
    Freq,
    /// Seen last.
    Date,
    /// Newest.
    New,
    /// Most users.
    User,
    /// Rising most.
    Trends,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Freq, Self::Date, Self::New, Self::User, Self::Trends];

    /// Sentry's word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Freq => "freq",
            Self::Date => "date",
            Self::New => "new",
            Self::User => "user",
            Self::Trends => "trends",
        }
    }
}

/// Where the next page begins, as the server wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCursor(pub String);

/// A page of unresolved issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuePage {
    /// The issues.
    pub issues: Vec<Listed>,
    /// The next page, if there is one.
    pub next: Option<PageCursor>,
}

/// Reading what triage needs, beside single crashes ([`super::crash::CrashRead`]).
#[async_trait]
pub trait TriageRead: Send + Sync {
    /// Whether the credentials reach the organization and every named project; the cause says what is wrong.
    async fn access(&self, projects: &[ProjectSlug]) -> Looked<()>;

    /// One page of the unresolved issues.
    async fn unresolved(&self, scope: &TriageScope, from: Option<&PageCursor>) -> Looked<IssuePage>;

    /// How the events of an issue spread over tags.
    async fn spread(&self, issue: IssueId) -> Looked<Spread>;

    /// Releases, newest first, as many as one page holds.
    async fn releases(&self, projects: &[ProjectSlug]) -> Looked<Vec<ReleaseSeen>>;
}
