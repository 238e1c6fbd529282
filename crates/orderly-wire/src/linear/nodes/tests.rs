use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn item() -> Value {
    json!({
        "id": "1f0c6c5e-6c0e-4b52-9d5f-0f4b0d9f7a11", "identifier": "PLAT-12", "title": "t", "url": "https://l/PLAT-12",
        "description": null, "archivedAt": null, "trashed": null,
        "createdAt": "2026-11-20T09:30:00.000Z", "updatedAt": "2026-11-20T09:31:00.000Z",
        "state": {"type": "triage"}, "team": {"key": "PLAT"},
        "attachments": {"nodes": [{"url": "https://sentry.io/organizations/acme/issues/5/"}]},
        "relations": {"nodes": [{"type": "duplicate", "relatedIssue":
            {"id": "1f0c6c5e-6c0e-4b52-9d5f-0f4b0d9f7a12", "identifier": "PLAT-3"}}]}
    })
}

#[test]
fn an_item_is_read_with_what_was_asked_and_without_what_was_not() {
    let node: IssueNode = serde_json::from_value(item()).expect("readable");
    assert_eq!(node.identifier, "PLAT-12");
    assert_eq!(node.relations.as_ref().expect("asked").nodes[0].related_issue.identifier, "PLAT-3");
    assert_eq!(node.comments, None);
    let again: IssueNode =
        serde_json::from_value(serde_json::to_value(&node).expect("writable")).expect("readable");
    assert_eq!(again, node);
}

#[test]
fn an_item_without_identity_or_state_is_an_error() {
    for key in ["id", "identifier", "url", "state", "team", "createdAt"] {
        let mut value = item();
        value.as_object_mut().expect("an object").remove(key);
        assert!(serde_json::from_value::<IssueNode>(value).is_err(), "{key}");
    }
}

#[test]
fn a_change_says_only_what_changed() {
    let change: HistoryNode = serde_json::from_value(json!({
        "createdAt": "2026-11-20T09:31:00.000Z", "fromPriority": 2.0, "toPriority": 1.0, "addedLabelIds": null
    }))
    .expect("readable");
    assert_eq!((change.from_priority, change.to_priority), (Some(2.0), Some(1.0)));
    assert_eq!(change.to_state_id, None);
}

proptest! {
    #[test]
    fn any_text_in_any_field_is_read_back_the_same(title in "\\PC*", body in prop::option::of("\\PC*"), state in "\\PC*") {
        let mut value = item();
        value["title"] = json!(title);
        value["description"] = json!(body);
        value["state"]["type"] = json!(state);
        let node: IssueNode = serde_json::from_value(value).expect("readable");
        let again: IssueNode = serde_json::from_value(serde_json::to_value(&node).expect("writable")).expect("readable");
        prop_assert_eq!(&again, &node);
        prop_assert_eq!(node.title, title);
    }
}
