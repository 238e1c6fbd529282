//! The records of the tracker. Each is stored as it is defined here, one row per record.

use std::fmt;

use apollo_compiler::response::JsonMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new random id.
            pub fn random() -> Self {
                Self(uuid::Uuid::new_v4().to_string())
            }

            /// The id as clients write it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

ids! {
    /// Id of the organization.
    OrganizationId,
    /// Id of a user.
    UserId,
    /// Id of a team.
    TeamId,
    /// Id of a workflow state.
    StateId,
    /// Id of a label.
    LabelId,
    /// Id of an issue.
    IssueId,
    /// Id of an attachment.
    AttachmentId,
    /// Id of a comment.
    CommentId,
    /// Id of a relation between two issues.
    RelationId,
    /// Id of a line in an issue's history.
    HistoryId,
}

/// The workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// First segment of every permalink.
    pub url_key: String,
    pub created_at: Timestamp,
}

/// A person, or the program that holds an API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub display_name: String,
    pub email: String,
    pub role: Role,
    pub created_at: Timestamp,
}

/// What a user may administrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    Member,
}

/// A team. Its key begins the identifiers of its issues.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Team {
    pub id: TeamId,
    pub key: String,
    pub name: String,
    pub triage: Triage,
    pub members: Vec<UserId>,
    /// The number of the newest issue; numbers are never given twice.
    pub last_number: u32,
    pub created_at: Timestamp,
}

/// Whether issues of outsiders wait in a triage state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Triage {
    Enabled,
    Disabled,
}

/// A column of a team's workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowState {
    pub id: StateId,
    pub team: TeamId,
    pub name: String,
    pub kind: StateKind,
    pub position: f64,
    pub color: String,
    pub created_at: Timestamp,
}

/// What a workflow state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateKind {
    Triage,
    Backlog,
    Unstarted,
    Started,
    Completed,
    Canceled,
    Duplicate,
}

impl StateKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Backlog => "backlog",
            Self::Unstarted => "unstarted",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Duplicate => "duplicate",
        }
    }
}

/// A label of one team, or of all when it has no team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    pub id: LabelId,
    pub team: Option<TeamId>,
    pub name: String,
    pub description: Option<String>,
    pub color: String,
    pub parent: Option<LabelId>,
    pub kind: LabelKind,
    pub creator: Option<UserId>,
    pub created_at: Timestamp,
}

/// A group is not put on issues itself; at most one of its labels is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelKind {
    Plain,
    Group,
}

/// A backlog item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub id: IssueId,
    pub team: TeamId,
    pub number: u32,
    pub previous_identifiers: Vec<String>,
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    pub priority: Priority,
    pub estimate: Option<i64>,
    /// `YYYY-MM-DD`.
    pub due_date: Option<String>,
    pub state: StateId,
    pub assignee: Option<UserId>,
    pub creator: Option<UserId>,
    pub parent: Option<IssueId>,
    pub labels: Vec<LabelId>,
    pub subscribers: Vec<UserId>,
    pub presence: Presence,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the row was first written; `created_at` may be set by the client.
    pub stored_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub canceled_at: Option<Timestamp>,
    pub triaged_at: Option<Timestamp>,
    pub started_triage_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
}

/// Whether an issue is in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Active,
    Archived(Timestamp),
    /// Deleted by somebody, still restorable.
    Trashed(Timestamp),
}

impl Presence {
    /// When the issue left sight.
    pub fn archived_at(self) -> Option<Timestamp> {
        match self {
            Self::Active => None,
            Self::Archived(at) | Self::Trashed(at) => Some(at),
        }
    }
}

/// Priority of an issue. Its number orders by urgency, except that 0 means none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    None,
    Urgent,
    High,
    Medium,
    Low,
}

impl Priority {
    /// The priority with this number, 0 to 4.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::None,
            1 => Self::Urgent,
            2 => Self::High,
            3 => Self::Medium,
            4 => Self::Low,
            _ => return None,
        })
    }

    pub fn number(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Urgent => 1.0,
            Self::High => 2.0,
            Self::Medium => 3.0,
            Self::Low => 4.0,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::None => "No priority",
            Self::Urgent => "Urgent",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

/// A link on an issue. No two attachments of one issue have the same URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    pub issue: IssueId,
    /// Where it was before its issue was marked as a duplicate.
    pub original_issue: Option<IssueId>,
    pub url: String,
    pub title: String,
    pub subtitle: Option<String>,
    pub metadata: JsonMap,
    pub grouping: Grouping,
    pub creator: Option<UserId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether attachments of one source are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    Single,
    BySource,
}

/// A comment on an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub issue: IssueId,
    pub parent: Option<CommentId>,
    /// Markdown.
    pub body: String,
    pub user: Option<UserId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub edited_at: Option<Timestamp>,
}

/// `issue` blocks, duplicates, or is related or similar to `related`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    pub id: RelationId,
    pub issue: IssueId,
    pub related: IssueId,
    pub kind: RelationKind,
    pub created_at: Timestamp,
}

/// Kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    Blocks,
    Duplicate,
    Related,
    Similar,
}

impl RelationKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Duplicate => "duplicate",
            Self::Related => "related",
            Self::Similar => "similar",
        }
    }
}

/// One change of an issue by one request: what was, what is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub id: HistoryId,
    pub issue: IssueId,
    pub actor: Option<UserId>,
    pub created_at: Timestamp,
    pub changes: Vec<FieldChange>,
}

/// What changed about one field of an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldChange {
    State { from: StateId, to: StateId },
    Assignee { from: Option<UserId>, to: Option<UserId> },
    Priority { from: Priority, to: Priority },
    Title { from: String, to: String },
    Description,
    Labels { added: Vec<LabelId>, removed: Vec<LabelId> },
    Presence { to: Presence },
}

impl Attachment {
    /// Which integration a link belongs to. Links of API clients belong to none.
    pub fn source_type(&self) -> &'static str {
        "unknown"
    }
}
