//! What mutations are given.

use serde::Serialize;
use uuid::Uuid;

/// A new item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueCreateInput {
    /// Chosen by us: a second insert of the same id is refused.
    pub id: Uuid,
    /// Team.
    pub team_id: String,
    /// Title.
    pub title: String,
    /// Markdown body.
    pub description: String,
    /// 0 none, 1 urgent, 2 high, 3 medium, 4 low.
    pub priority: u8,
    /// State; the team's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_id: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub label_ids: Vec<String>,
    /// Assignee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_id: Option<String>,
}

/// An attachment: created, or updated when the item has one with this address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentCreateInput {
    /// Item.
    pub issue_id: Uuid,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Subtitle.
    pub subtitle: String,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentCreateInput {
    /// Chosen by us: a second insert of the same id is refused.
    pub id: Uuid,
    /// Item.
    pub issue_id: Uuid,
    /// Markdown.
    pub body: String,
}

/// A change of state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueUpdateInput {
    /// The state it moves to.
    pub state_id: String,
}

/// A relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueRelationCreateInput {
    /// Chosen by us.
    pub id: Uuid,
    /// From.
    pub issue_id: Uuid,
    /// To.
    pub related_issue_id: Uuid,
    /// Kind.
    #[serde(rename = "type")]
    pub kind: RelationKind,
}

/// Kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    /// Related.
    Related,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_chosen_is_not_sent() {
        let input = IssueCreateInput {
            id: Uuid::nil(),
            team_id: "t".into(),
            title: "x".into(),
            description: "y".into(),
            priority: 2,
            state_id: None,
            label_ids: Vec::new(),
            assignee_id: None,
        };
        assert_eq!(
            serde_json::to_value(input).expect("writable"),
            json!({"id": Uuid::nil(), "teamId": "t", "title": "x", "description": "y", "priority": 2})
        );
    }
}
