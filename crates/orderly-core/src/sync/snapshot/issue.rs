//! An issue as Sentry lists it, and who may own it.

use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// An issue as the list answers it. One issue may be named by several signals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Numeric id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Title as Sentry made it from the event.
    pub title: Untrusted<String>,
    /// Exception type, when it is an error.
    pub error_type: Option<Untrusted<String>>,
    /// Exception message or log message.
    pub error_value: Option<Untrusted<String>>,
    /// Transaction or function it is blamed on.
    pub culprit: Untrusted<String>,
    /// Severity of its events.
    pub level: Level,
    /// Where it stands.
    pub status: Status,
    /// Sentry's priority.
    pub priority: Option<SentryPriority>,
    /// Whether somebody still has to look at it.
    pub review: Review,
    /// Events within the asked window.
    pub events: u64,
    /// Users within the asked window.
    pub users: u64,
    /// Events per hour of the last 24 hours, oldest first; empty when not answered.
    pub trend: Vec<u64>,
    /// First event ever.
    pub first_seen: Timestamp,
    /// Last event.
    pub last_seen: Timestamp,
    /// Whom it is assigned to.
    pub assignee: Option<Assignee>,
    /// Links to other systems that the list answer carried (annotations, app and integration links).
    pub links: Vec<ExternalLink>,
    /// Whether the links of apps among them are all there are.
    pub app_links: AppLinks,
}

/// Whether an answer about an issue told the links that apps keep for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppLinks {
    /// All of them.
    Told,
    /// It did not, so they have to be asked for.
    NotTold,
}

/// Severity of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Least.
    Debug,
    /// Information.
    Info,
    /// Warning; also levels this version does not know.
    Warning,
    /// Error.
    Error,
    /// Crash.
    Fatal,
}

impl Level {
    /// The word Sentry uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

/// Where an issue stands. Substates exist only under the status they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "status", content = "substatus", rename_all = "snake_case")]
pub enum Status {
    /// Open.
    Unresolved(Unresolved),
    /// Done.
    Resolved,
    /// Put away.
    Archived(Archived),
    /// On its way out: deletion, merge or reprocessing is pending.
    Leaving,
}

/// How an open issue is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unresolved {
    /// First seen within 7 days.
    New,
    /// Known.
    Ongoing,
    /// Above its forecast.
    Escalating,
    /// Was resolved.
    Regressed,
}

/// How an archived issue is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Archived {
    /// Until its forecast is passed.
    UntilEscalating,
    /// Until a count or a time is reached.
    UntilCondition,
    /// For good.
    Forever,
}

/// Sentry's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentryPriority {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// Whether an issue waits in the review inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// It waits.
    Waiting,
    /// It was looked at, or never had to be.
    Settled,
}

/// A person or team of the Sentry organization.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Assignee {
    /// A member.
    User {
        /// Display name.
        name: String,
        /// E-mail, when the token may see it.
        email: Option<String>,
    },
    /// A team.
    Team {
        /// Slug.
        slug: String,
    },
}

impl Assignee {
    /// As people write it: a name, or `#team`.
    pub fn called(&self) -> String {
        match self {
            Self::User { name, .. } => name.clone(),
            Self::Team { slug } => format!("#{slug}"),
        }
    }
}

/// Who probably owns an issue, and why we say so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnerClue {
    /// What the suggestion rests on, strongest first.
    pub reason: OwnerReason,
    /// The suggestion.
    pub owner: Assignee,
    /// The evidence in words: the rule, the commit.
    pub evidence: Untrusted<String>,
}

/// What an owner suggestion rests on, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerReason {
    /// Somebody assigned it.
    Assigned,
    /// An ownership rule or CODEOWNERS matches.
    OwnershipRule,
    /// A suspect commit's author.
    SuspectCommit,
}

/// A link that Sentry keeps for an issue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExternalLink {
    /// Which integration or app made it.
    pub source: String,
    /// Its label: `linear#PLAT-12`.
    pub label: Untrusted<String>,
    /// Its address, never printed as a link.
    pub url: Untrusted<String>,
}
