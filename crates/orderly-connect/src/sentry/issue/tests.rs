use super::*;
use serde_json::json;

fn wire(value: serde_json::Value) -> wire::Issue {
    serde_json::from_value(value).expect("readable")
}

#[test]
fn states_of_every_age_become_the_states_of_the_core() {
    for (status, substatus, expected) in [
        ("unresolved", json!("regressed"), Status::Unresolved(Unresolved::Regressed)),
        ("unresolved", json!("escalating"), Status::Unresolved(Unresolved::Escalating)),
        ("unresolved", json!("new"), Status::Unresolved(Unresolved::New)),
        ("unresolved", json!(null), Status::Unresolved(Unresolved::Ongoing)),
        ("unresolved", json!("invented"), Status::Unresolved(Unresolved::Ongoing)),
        ("resolved", json!(null), Status::Resolved),
        ("ignored", json!("archived_until_escalating"), Status::Archived(Archived::UntilEscalating)),
        ("ignored", json!("archived_until_condition_met"), Status::Archived(Archived::UntilCondition)),
        ("ignored", json!(null), Status::Archived(Archived::Forever)),
        ("muted", json!(null), Status::Archived(Archived::Forever)),
        ("pending_deletion", json!(null), Status::Leaving),
        ("deletion_in_progress", json!(null), Status::Leaving),
        ("pending_merge", json!(null), Status::Leaving),
        ("reprocessing", json!(null), Status::Leaving),
        ("invented", json!(null), Status::Leaving),
    ] {
        let issue = wire(json!({"id": "1", "status": status, "substatus": substatus}));
        assert_eq!(
            from_wire(&issue, Counted::InWindow).map(|i| i.status),
            Some(expected),
            "{status} {substatus}"
        );
    }
}

#[test]
fn a_list_counts_the_window_and_details_are_cut_down_to_it() {
    let issue = wire(json!({
        "id": "9", "count": "1000", "userCount": 7,
        "stats": {"24h": [[7200, 2], [3600, 1], [10800, 4]], "30d": [[86400, 10], [172_800, 20], [259_200, 40]]}
    }));
    let events = |counted| from_wire(&issue, counted).map(|i| i.events);
    assert_eq!(events(Counted::InWindow), Some(1000));
    assert_eq!(events(Counted::Ever(Seconds::hours(24))), Some(7));
    assert_eq!(events(Counted::Ever(Seconds::hours(2))), Some(6));
    assert_eq!(events(Counted::Ever(Seconds::days(2))), Some(60));
    assert_eq!(from_wire(&issue, Counted::InWindow).map(|i| i.trend), Some(vec![1, 2, 4]));
    let bare = wire(json!({"id": "9", "count": "1000"}));
    assert_eq!(from_wire(&bare, Counted::Ever(Seconds::hours(24))).map(|i| i.events), Some(1000));
}

#[test]
fn an_id_that_is_no_number_is_no_issue() {
    for id in ["", "abc", "-1", "1/2", "99999999999999999999999"] {
        assert_eq!(from_wire(&wire(json!({"id": id})), Counted::InWindow), None, "{id}");
    }
}

#[test]
fn a_team_is_named_by_its_slug_and_a_user_by_name_and_mail() {
    let of = |value| {
        from_wire(&wire(json!({"id": "1", "assignedTo": value})), Counted::InWindow).and_then(|i| i.assignee)
    };
    assert_eq!(
        of(json!({"type": "team", "id": "3", "name": "#payments"})),
        Some(Assignee::Team { slug: "payments".into() })
    );
    assert_eq!(
        of(json!({"type": "user", "id": "3", "name": "Ada", "email": "ada@example.com"})),
        Some(Assignee::User { name: "Ada".into(), email: Some("ada@example.com".into()) })
    );
    assert_eq!(of(json!(null)), None);
}
