//! What tells that an issue was put together from several: its history (`activity` of `…/issues/ID/`) and the groups of
//! events in it (`…/issues/ID/hashes/`).

use super::tolerant;
use serde::{Deserialize, Serialize};

/// An issue's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// What happened to it, newest first.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub activity: Vec<Activity>,
}

impl History {
    /// Whether somebody merged other issues into it.
    pub fn has_merge(&self) -> bool {
        self.activity.iter().any(|activity| activity.kind == "merge")
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// What: `merge`, `note`, `set_resolved` ...
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
}

/// Events of an issue that Sentry found to be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The newest of them that is kept.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub latest_event: Option<GroupEvent>,
    /// Whether Sentry's own model, and no person, put it into the issue.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub merged_by_seer: bool,
}

/// An event of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEvent {
    /// Id: 32 hex digits.
    #[serde(rename = "eventID", deserialize_with = "tolerant::id")]
    pub event_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_is_seen_among_what_else_happened() {
        let history = |kinds: &[&str]| {
            let activity: Vec<_> =
                kinds.iter().map(|kind| json!({"id": "1", "type": kind, "data": {}})).collect();
            serde_json::from_value::<History>(json!({"id": "7", "activity": activity})).expect("a history")
        };
        assert!(history(&["note", "merge", "first_seen"]).has_merge());
        assert!(!history(&["note", "first_seen"]).has_merge());
        assert!(
            !serde_json::from_value::<History>(json!({"activity": null})).expect("a history").has_merge()
        );
    }

    #[test]
    fn a_group_is_read_with_and_without_an_event_that_is_kept() {
        let groups: Vec<Group> = serde_json::from_value(json!([
            {"id": "aa", "latestEvent": {"eventID": "0f", "title": "x"}, "mergedBySeer": true, "seerMatchDistance": 0.01},
            {"id": "bb", "latestEvent": null}
        ]))
        .expect("groups");
        assert_eq!(groups[0].latest_event.as_ref().map(|event| event.event_id.as_str()), Some("0f"));
        assert!(groups[0].merged_by_seer && !groups[1].merged_by_seer);
        assert_eq!(groups[1].latest_event, None);
    }
}
