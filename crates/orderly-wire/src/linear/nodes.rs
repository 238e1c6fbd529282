//! The parts of Linear's answers that Orderly reads.

use super::reply::Connection;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// An item (Linear calls it an issue).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueNode {
    /// Id.
    pub id: Uuid,
    /// Key: `PLAT-12`.
    pub identifier: String,
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
    /// Markdown body.
    #[serde(default)]
    pub description: Option<String>,
    /// When it went to the archive (or trash).
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// Whether it is in the trash.
    #[serde(default)]
    pub trashed: Option<bool>,
    /// Made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Completed.
    #[serde(default)]
    pub completed_at: Option<Timestamp>,
    /// State.
    pub state: StateRef,
    /// Team.
    pub team: TeamRef,
    /// Attachments, where asked.
    #[serde(default)]
    pub attachments: Option<Connection<AttachmentNode>>,
    /// Comments, where asked.
    #[serde(default)]
    pub comments: Option<Connection<CommentNode>>,
    /// Relations to other items, where asked.
    #[serde(default)]
    pub relations: Option<Connection<RelationNode>>,
}

/// A workflow state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRef {
    /// `triage`, `backlog`, `unstarted`, `started`, `completed`, `canceled` or `duplicate`; more may come.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A team, by its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRef {
    /// Key.
    pub key: String,
}

/// Something with an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdRef {
    /// Id.
    pub id: String,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttachmentNode {
    /// Id, where asked.
    #[serde(default)]
    pub id: Option<String>,
    /// Address.
    pub url: String,
    /// The item it is on, where asked.
    #[serde(default)]
    pub issue: Option<Box<IssueNode>>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentNode {
    /// Markdown.
    pub body: String,
}

/// A relation of an item to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationNode {
    /// `blocks`, `duplicate`, `related`, `similar`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The other item. For `duplicate`: the one that this one repeats.
    pub related_issue: RelatedIssue,
}

/// The other end of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedIssue {
    /// Id.
    pub id: Uuid,
    /// Key.
    pub identifier: String,
}

/// Answer to [`PREFLIGHT`](super::documents::PREFLIGHT).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preflight {
    /// The caller.
    pub viewer: Viewer,
    /// The team, if it exists.
    pub team: Connection<TeamNode>,
    /// Further teams that exist.
    pub others: Connection<TeamNode>,
    /// Labels.
    pub labels: Connection<LabelNode>,
    /// People.
    pub people: Connection<PersonNode>,
}

/// Whoever holds the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Id.
    pub id: String,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// E-mail.
    #[serde(default)]
    pub email: Option<String>,
    /// Workspace.
    pub organization: Workspace,
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// Name.
    pub name: String,
    /// Its part of every address.
    #[serde(default)]
    pub url_key: String,
}

/// A team with what creating needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TeamNode {
    /// Id.
    pub id: String,
    /// Key.
    pub key: String,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// When it was retired.
    #[serde(default)]
    pub retired_at: Option<Timestamp>,
    /// When it was archived.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// Whether it triages.
    #[serde(default)]
    pub triage_enabled: bool,
    /// State of items that wait for triage.
    #[serde(default)]
    pub triage_issue_state: Option<IdRef>,
    /// State of other new items.
    #[serde(default)]
    pub default_issue_state: Option<IdRef>,
    /// Its workflow, where asked.
    #[serde(default)]
    pub states: Option<Connection<StateNode>>,
}

/// A state of a team's workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateNode {
    /// Id.
    pub id: String,
    /// Type, as in [`StateRef`].
    #[serde(rename = "type")]
    pub kind: String,
    /// Order within the workflow.
    #[serde(default)]
    pub position: f64,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelNode {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it only groups other labels, and can be put on nothing.
    #[serde(default)]
    pub is_group: bool,
    /// Its team; null for the whole workspace.
    #[serde(default)]
    pub team: Option<TeamRef>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonNode {
    /// Id.
    pub id: String,
    /// E-mail.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the account is in use.
    #[serde(default)]
    pub active: bool,
}

/// What happened to an item: answer to [`TOUCHED`](super::documents::TOUCHED).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TouchedNode {
    /// Id.
    pub id: Uuid,
    /// Made.
    pub created_at: Timestamp,
    /// When it went to the archive (or trash).
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// Whether it is in the trash.
    #[serde(default)]
    pub trashed: Option<bool>,
    /// Comments.
    pub comments: Connection<CommentMark>,
    /// Changes.
    pub history: Connection<HistoryNode>,
}

/// A comment, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentMark {
    /// Id.
    pub id: String,
    /// Made.
    pub created_at: Timestamp,
}

/// One change of an item; fields that did not change are null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HistoryNode {
    /// When.
    pub created_at: Option<Timestamp>,
    /// State before.
    pub from_state_id: Option<String>,
    /// State after.
    pub to_state_id: Option<String>,
    /// Assignee before.
    pub from_assignee_id: Option<String>,
    /// Assignee after.
    pub to_assignee_id: Option<String>,
    /// Priority before.
    pub from_priority: Option<f64>,
    /// Priority after.
    pub to_priority: Option<f64>,
    /// Title before.
    pub from_title: Option<String>,
    /// Title after.
    pub to_title: Option<String>,
    /// Whether the body changed.
    pub updated_description: Option<bool>,
    /// Labels put on.
    pub added_label_ids: Option<Vec<String>>,
    /// Labels taken off.
    pub removed_label_ids: Option<Vec<String>>,
}
