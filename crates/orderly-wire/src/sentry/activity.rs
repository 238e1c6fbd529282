//! The history of an issue: what people and Sentry did to it, and comments, which are activity of the type `note`.

use super::tolerant;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The newest activity of an issue.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Activities {
    /// Newest first.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub activity: Vec<Activity>,
}

/// Something that was done to an issue.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// Id, as text.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// What: `note`, `set_resolved`.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
    /// Who, if a person.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub user: Option<User>,
    /// Which app, if one.
    #[serde(default, rename = "sentry_app", deserialize_with = "tolerant::part")]
    pub sentry_app: Option<App>,
    /// When.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_created: Option<Timestamp>,
    /// More of it, by type.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub data: Map<String, Value>,
}

impl Activity {
    /// The text of a comment.
    pub fn text(&self) -> Option<&str> {
        self.data.get("text")?.as_str()
    }
}

/// Who did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Display name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// E-mail, if the token may see it.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub email: Option<String>,
}

/// Which app did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct App {
    /// Name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_read_whoever_made_it_and_what_cannot_be_read_is_left_out() {
        let text = r#"{"activity": [
            {"id": "7", "type": "note", "user": {"id": "1", "name": "Ana", "email": "ana@example.com"}, "sentry_app": null,
             "data": {"text": "the pool is full"}, "dateCreated": "2026-03-02T20:00:00Z"},
            {"id": 6, "type": "set_resolved", "user": null, "sentry_app": {"slug": "jira", "name": "Jira", "uuid": "u"},
             "data": null, "dateCreated": "2026-03-02T19:00:00Z"},
            {"type": "no id"}]}"#;
        let read: Activities = serde_json::from_str(text).unwrap();
        assert_eq!(read.activity.len(), 2);
        assert_eq!(read.activity[0].text(), Some("the pool is full"));
        assert_eq!(read.activity[0].user.as_ref().unwrap().email.as_deref(), Some("ana@example.com"));
        assert_eq!((read.activity[1].id.as_str(), read.activity[1].text()), ("6", None));
        assert_eq!(read.activity[1].sentry_app.as_ref().unwrap().name, "Jira");
    }
}
