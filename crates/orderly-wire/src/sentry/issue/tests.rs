use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(value: Value) -> Issue {
    serde_json::from_value(value).expect("an issue with an id can be read")
}

#[test]
fn an_issue_of_a_current_server_is_read_whole() {
    let issue = read(json!({
        "id": "4500123", "shortId": "CHECKOUT-3F", "title": "TypeError: x is undefined", "culprit": "pay(cart)",
        "level": "fatal", "status": "unresolved", "substatus": "regressed", "priority": "high",
        "project": {"id": "7", "name": "Checkout", "slug": "checkout", "platform": "node"},
        "metadata": {"type": "TypeError", "value": "x is undefined", "filename": "cart.js", "severity": 0.7},
        "assignedTo": {"type": "team", "id": "3", "name": "payments"},
        "annotations": [{"displayName": "linear#PLAT-12", "url": "https://linear.app/acme/issue/PLAT-12"}],
        "count": "1234", "userCount": 88,
        "firstSeen": "2026-11-01T10:00:00Z", "lastSeen": "2026-11-20T09:30:00.123456Z",
        "stats": {"24h": [[1763600400, 3], [1763604000, "4"]]},
        "inbox": {"reason": 2, "reason_details": null, "date_added": "2026-11-20T09:30:00Z"},
        "owners": [{"type": "ownershipRule", "owner": "team:3", "date_added": "2026-11-20T09:30:00Z"}],
        "sentryAppIssues": [{"id": "1", "issueId": "4500123", "serviceType": "linear", "displayName": "PLAT#12",
                             "webUrl": "https://linear.app/acme/issue/PLAT-12"}],
        "integrationIssues": [{"id": "9", "key": "ACME-1", "title": "t", "description": "d", "displayName": "Jira"}],
        "seerFixabilityScore": 0.4
    }));
    assert_eq!(issue.id, "4500123");
    assert_eq!((issue.count, issue.user_count), (1234, 88));
    assert_eq!(issue.status, Status::Unresolved);
    assert_eq!(issue.substatus, Some(Substatus::Regressed));
    assert_eq!(issue.priority, Some(Priority::High));
    assert_eq!(issue.stats["24h"], [(1_763_600_400, 3), (1_763_604_000, 4)]);
    assert_eq!(issue.owners[0].kind, OwnerKind::OwnershipRule);
    assert_eq!(issue.owners[0].owner, "team:3");
    assert!(issue.inbox.is_some());
    assert_eq!(issue.sentry_app_issues.unwrap()[0].label(), "PLAT#12");
    assert_eq!(issue.integration_issues[0].label(), "Jira");
    assert_eq!(issue.assigned_to.map(|a| (a.kind, a.name)), Some(("team".into(), "payments".into())));
}

#[test]
fn an_issue_of_an_old_server_loses_nothing_but_what_is_missing() {
    let issue = read(json!({
        "id": 17, "title": "boom", "level": "sample", "status": "muted", "count": 3, "userCount": "2",
        "annotations": ["<a href=\"https://github.com/a/b/issues/5?x=1&amp;y=2\">a/b#5 &lt;x&gt;</a>", 7],
        "inbox": null, "owners": null, "assignedTo": null, "stats": null,
        "firstSeen": "2019-01-02T03:04:05+00:00", "lastSeen": "yesterday", "substatus": null
    }));
    assert_eq!((issue.id.as_str(), issue.count, issue.user_count), ("17", 3, 2));
    assert_eq!(issue.level, Level::Other("sample".into()));
    assert_eq!(issue.status, Status::Muted);
    assert_eq!((issue.substatus, issue.priority, issue.inbox), (None, None, None));
    assert_eq!(issue.annotations.len(), 1);
    assert_eq!(issue.annotations[0].display_name, "a/b#5 <x>");
    assert_eq!(issue.annotations[0].url.as_deref(), Some("https://github.com/a/b/issues/5?x=1&y=2"));
    assert_eq!(issue.first_seen.map(|t| t.to_string()).as_deref(), Some("2019-01-02T03:04:05Z"));
    assert_eq!(issue.last_seen, None);
}

#[test]
fn a_single_owner_object_counts_as_a_list_of_one() {
    let issue = read(json!({"id": "1", "owners": {"type": "telepathy", "owner": "user:9"}}));
    assert_eq!(issue.owners[0].kind, OwnerKind::Other("telepathy".into()));
    assert_eq!(issue.owners[0].owner, "user:9");
}

#[test]
fn an_issue_without_an_id_is_an_error() {
    assert!(serde_json::from_value::<Issue>(json!({"title": "x"})).is_err());
    assert!(serde_json::from_value::<Issue>(json!({"id": null})).is_err());
    assert!(serde_json::from_value::<Issue>(json!({"id": {}})).is_err());
}

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_stands_in_a_known_key_the_issue_is_read_and_written_back_the_same(
        values in prop::collection::vec(any_json(), 20),
    ) {
        const KEYS: [&str; 20] = [
            "shortId", "title", "culprit", "level", "status", "substatus", "priority", "project", "metadata",
            "assignedTo", "annotations", "count", "userCount", "firstSeen", "lastSeen", "stats", "inbox", "owners",
            "sentryAppIssues", "integrationIssues",
        ];
        let mut map: serde_json::Map<String, Value> = KEYS.iter().map(|k| (*k).to_owned()).zip(values).collect();
        map.insert("id".into(), json!("1"));
        let issue = read(Value::Object(map));
        let again = read(serde_json::to_value(&issue).expect("an issue can be written"));
        prop_assert_eq!(issue, again);
    }
}
