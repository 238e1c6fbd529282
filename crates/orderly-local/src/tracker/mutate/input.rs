//! Input objects of mutations, and the rules their values keep.

use apollo_compiler::response::JsonMap;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::tracker::model::{Priority, RelationKind};
use crate::tracker::problem::Problem;

/// A field of an update: left out, set to null, or set.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueCreate {
    pub id: Option<String>,
    pub team_id: String,
    pub title: Option<String>,
    pub description: Option<String>,
    pub priority: Option<i64>,
    pub state_id: Option<String>,
    pub assignee_id: Option<String>,
    pub label_ids: Option<Vec<String>>,
    pub parent_id: Option<String>,
    pub estimate: Option<i64>,
    pub due_date: Option<String>,
    pub created_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub subscriber_ids: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueBatchCreate {
    pub issues: Vec<IssueCreate>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct IssueUpdate {
    pub title: Option<String>,
    pub description: Patch<String>,
    pub priority: Option<i64>,
    pub state_id: Option<String>,
    pub assignee_id: Patch<String>,
    pub label_ids: Option<Vec<String>>,
    pub added_label_ids: Option<Vec<String>>,
    pub removed_label_ids: Option<Vec<String>>,
    pub parent_id: Patch<String>,
    pub estimate: Patch<i64>,
    pub due_date: Patch<String>,
    pub team_id: Option<String>,
    pub subscriber_ids: Option<Vec<String>>,
    pub snoozed_until_at: Patch<Timestamp>,
    pub trashed: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelCreate {
    pub id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub color: Option<String>,
    pub team_id: Option<String>,
    pub parent_id: Option<String>,
    pub is_group: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelationCreate {
    pub id: Option<String>,
    pub issue_id: String,
    pub related_issue_id: String,
    pub r#type: RelationKind,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachmentCreate {
    pub id: Option<String>,
    pub issue_id: String,
    pub url: String,
    pub title: String,
    pub subtitle: Option<String>,
    pub metadata: Option<JsonMap>,
    pub group_by_source: Option<bool>,
    pub comment_body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentUpdate {
    pub title: String,
    #[serde(default)]
    pub subtitle: Patch<String>,
    #[serde(default)]
    pub metadata: Patch<JsonMap>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommentCreate {
    pub id: Option<String>,
    pub issue_id: Option<String>,
    pub body: Option<String>,
    pub parent_id: Option<String>,
    pub created_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentUpdate {
    pub body: Option<String>,
}

/// The longest title.
const MAX_TITLE: usize = 255;

/// A title without blanks around it.
pub fn title(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Problem::argument("title should not be empty.")),
        1..=MAX_TITLE => Ok(text.to_owned()),
        _ => {
            Err(Problem::argument(format!("title must be shorter than or equal to {MAX_TITLE} characters.")))
        }
    }
}

pub fn priority(number: i64) -> Result<Priority, Problem> {
    Priority::from_number(number).ok_or_else(|| Problem::argument("priority must be between 0 and 4."))
}

/// A `YYYY-MM-DD` date.
pub fn date(text: &str) -> Result<String, Problem> {
    let date = text.parse::<jiff::civil::Date>();
    date.map(|date| date.to_string())
        .map_err(|_| Problem::argument("dueDate must be a date like 2030-12-31."))
}

/// A client's own id: a UUID in the form of version 4, as Linear asks for.
pub fn client_id(text: &str) -> Result<String, Problem> {
    let well_formed = text.len() == 36
        && uuid::Uuid::parse_str(text)
            .is_ok_and(|id| id.get_version_num() == 4 && id.get_variant() == uuid::Variant::RFC4122);
    if well_formed {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Problem::argument("id must be a UUID of version 4."))
    }
}
