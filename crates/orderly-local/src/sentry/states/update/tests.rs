use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::sentry::model::{ActivityKind, InboxReason, Status};

fn read(body: Value) -> Result<UpdateRequest, InvalidUpdate> {
    UpdateRequest::read(body.as_object().expect("an object"))
}

fn change(body: Value) -> Update {
    match read(body.clone()) {
        Ok(UpdateRequest::Change(update)) => update,
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn every_status_body_of_the_official_clients_is_understood() {
    let resolve = StatusChange::Resolve;
    let archive = StatusChange::Archive;
    let version = |text: &str| ReleaseName::Version(text.to_owned());
    let until = |snooze: Snooze| archive(Archive::UntilCondition(snooze));
    let table = [
        (json!({"status": "resolved"}), resolve(Target::Now)),
        (json!({"status": "resolved", "snoozeDuration": null}), resolve(Target::Now)),
        (json!({"status": "resolvedInNextRelease"}), resolve(Target::NextRelease(ReleaseName::Latest))),
        (
            json!({"status": "resolved", "statusDetails": {"inNextRelease": true}}),
            resolve(Target::NextRelease(ReleaseName::Latest)),
        ),
        (
            json!({"status": "resolved", "statusDetails": {"inRelease": "1.2.3"}}),
            resolve(Target::InRelease(version("1.2.3"))),
        ),
        (
            json!({"status": "resolved", "statusDetails": {"inRelease": "latest"}}),
            resolve(Target::InRelease(ReleaseName::Latest)),
        ),
        (json!({"status": "resolved", "inRelease": "1.2.3"}), resolve(Target::InRelease(version("1.2.3")))),
        (
            json!({"status": "resolved", "statusDetails": {"inCommit": {"commit": "abc", "repository": "shop"}}}),
            resolve(Target::InCommit(CommitName { commit: "abc".into(), repository: "shop".into() })),
        ),
        (json!({"status": "muted", "snoozeDuration": null}), archive(Archive::Forever)),
        (
            json!({"status": "muted", "snoozeDuration": 30}),
            until(Snooze { duration: Some(30), ..Snooze::default() }),
        ),
        (json!({"status": "ignored"}), archive(Archive::Forever)),
        (json!({"status": "ignored", "statusDetails": {}}), archive(Archive::Forever)),
        (json!({"status": "ignored", "substatus": "archived_forever"}), archive(Archive::Forever)),
        (
            json!({"status": "ignored", "substatus": "archived_until_escalating"}),
            archive(Archive::UntilEscalating),
        ),
        (
            json!({"status": "ignored", "statusDetails": {"untilEscalating": true}}),
            archive(Archive::UntilEscalating),
        ),
        (
            json!({"status": "ignored", "statusDetails": {"ignoreDuration": 60}, "substatus": "archived_until_condition_met"}),
            until(Snooze { duration: Some(60), ..Snooze::default() }),
        ),
        (
            json!({"status": "ignored", "substatus": "archived_until_condition_met", "ignoreDuration": 60}),
            until(Snooze { duration: Some(60), ..Snooze::default() }),
        ),
        (
            json!({"status": "ignored", "statusDetails": {"ignoreCount": 100, "ignoreWindow": 60}}),
            until(Snooze { count: Some(100), window: Some(60), ..Snooze::default() }),
        ),
        (
            json!({"status": "ignored", "ignoreUserCount": 10, "ignoreUserWindow": 1440}),
            until(Snooze { user_count: Some(10), user_window: Some(1440), ..Snooze::default() }),
        ),
        (json!({"status": "unresolved"}), StatusChange::Reopen(None)),
        (
            json!({"status": "unresolved", "substatus": "escalating"}),
            StatusChange::Reopen(Some(Substatus::Escalating)),
        ),
    ];
    for (body, expected) in table {
        assert_eq!(change(body.clone()).status, Some(expected), "{body}");
    }
}

#[test]
fn an_assignee_can_be_named_in_every_way_and_taken_away() {
    let table = [
        (json!("user:12"), AssigneeName::Member(12)),
        (json!("12"), AssigneeName::Member(12)),
        (json!(12), AssigneeName::Member(12)),
        (json!("team:3"), AssigneeName::Team(3)),
        (json!("#core"), AssigneeName::TeamSlug("core".into())),
        (json!("a@b.example"), AssigneeName::Named("a@b.example".into())),
        (json!("bob"), AssigneeName::Named("bob".into())),
        (json!(""), AssigneeName::Nobody),
        (Value::Null, AssigneeName::Nobody),
    ];
    for (value, expected) in table {
        assert_eq!(change(json!({"assignedTo": value})).assignee, Some(expected));
    }
    assert_eq!(change(json!({})), Update::default());
}

#[test]
fn a_body_that_makes_no_sense_is_refused_by_field() {
    let table = [
        (json!({"status": "closed"}), "status"),
        (json!({"status": 3}), "status"),
        (json!({"substatus": "ongoing"}), "substatus"),
        (json!({"status": "resolved", "substatus": "ongoing"}), "substatus"),
        (json!({"status": "ignored", "substatus": "regressed"}), "substatus"),
        (json!({"status": "ignored", "substatus": "napping"}), "substatus"),
        (json!({"status": "ignored", "statusDetails": []}), "statusDetails"),
        (json!({"status": "ignored", "ignoreDuration": -1}), "ignoreDuration"),
        (json!({"status": "ignored", "ignoreDuration": i64::MAX}), "ignoreDuration"),
        (json!({"status": "ignored", "ignoreWindow": 10_081}), "ignoreWindow"),
        (json!({"status": "resolved", "inRelease": ""}), "inRelease"),
        (json!({"status": "resolved", "inCommit": {"commit": "abc"}}), "inCommit"),
        (json!({"priority": "urgent"}), "priority"),
        (json!({"assignedTo": "user:bob"}), "assignedTo"),
        (json!({"assignedTo": {}}), "assignedTo"),
        (json!({"hasSeen": "perhaps"}), "hasSeen"),
        (json!({"discard": true, "status": "resolved"}), "discard"),
    ];
    for (body, field) in table {
        assert_eq!(read(body.clone()).map_err(|error| error.field), Err(field), "{body}");
    }
}

#[test]
fn merge_and_discard_are_requests_of_their_own() {
    assert_eq!(read(json!({"merge": 1})), Ok(UpdateRequest::Merge));
    assert_eq!(read(json!({"merge": true})), Ok(UpdateRequest::Merge));
    assert_eq!(read(json!({"discard": true})), Ok(UpdateRequest::Discard));
}

fn now() -> Timestamp {
    "2024-05-10T12:00:00Z".parse().unwrap()
}

fn open(substatus: Substatus) -> Before {
    Before {
        status: Status::Unresolved,
        substatus: Some(substatus),
        priority: Some(Priority::Medium),
        first_seen: "2024-05-09T12:00:00Z".parse().unwrap(),
        in_inbox: true,
        has_resolution: false,
        assignee: None,
        public: false,
    }
}

fn in_state(status: Status, substatus: Option<Substatus>, first_seen: &str) -> Before {
    Before {
        status,
        substatus,
        first_seen: first_seen.parse().unwrap(),
        in_inbox: false,
        ..open(Substatus::New)
    }
}

fn status(change: StatusChange<Release, Commit>) -> ResolvedUpdate {
    Update { status: Some(change), ..Update::default() }
}

fn new_state(effects: &[Effect]) -> Option<(Status, Option<Substatus>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Status(status, substatus) => Some((*status, *substatus)),
        _ => None,
    })
}

#[test]
fn reopening_gives_the_substatus_that_follows_from_where_the_issue_was() {
    let yesterday = "2024-05-09T12:00:00Z";
    let long_ago = "2024-05-03T11:59:59Z";
    let archived = Some(Substatus::ArchivedForever);
    let table = [
        (in_state(Status::Resolved, None, yesterday), Substatus::Regressed),
        (in_state(Status::Resolved, None, long_ago), Substatus::Regressed),
        (in_state(Status::Ignored, archived, yesterday), Substatus::New),
        (in_state(Status::Ignored, archived, long_ago), Substatus::Ongoing),
    ];
    for (before, expected) in table {
        let effects = decide(&before, &status(StatusChange::Reopen(None)), now());
        assert_eq!(new_state(&effects), Some((Status::Unresolved, Some(expected))), "{before:?}");
        assert!(effects.contains(&Effect::Record(ActivityKind::SetUnresolved, json!({}))));
        assert!(
            effects.contains(&Effect::Snooze(None)) && effects.contains(&Effect::Resolution(Target::Now))
        );
    }
}

#[test]
fn asking_for_what_already_holds_changes_nothing() {
    let resolved = in_state(Status::Resolved, None, "2024-05-09T12:00:00Z");
    assert_eq!(decide(&resolved, &status(StatusChange::Resolve(Target::Now)), now()), []);
    assert_eq!(decide(&open(Substatus::New), &status(StatusChange::Reopen(None)), now()), []);
    let unassign = Update { assignee: Some(None), ..Update::default() };
    assert_eq!(decide(&open(Substatus::New), &unassign, now()), []);
    let private = Update { public: Some(false), ..Update::default() };
    assert_eq!(decide(&open(Substatus::New), &private, now()), []);
    let reviewed = Update { inbox: Some(Inbox::Reviewed), ..Update::default() };
    assert_eq!(decide(&resolved, &reviewed, now()), []);
}

#[test]
fn resolving_leaves_the_inbox_and_records_what_was_named() {
    let release = Release { id: 4, version: "1.2.3".into() };
    let table = [
        (Target::Now, ActivityKind::SetResolved, json!({})),
        (
            Target::NextRelease(release.clone()),
            ActivityKind::SetResolvedInRelease,
            json!({"version": "", "current_release_version": "1.2.3"}),
        ),
        (Target::InRelease(release), ActivityKind::SetResolvedInRelease, json!({"version": "1.2.3"})),
        (
            Target::InCommit(Commit { id: 1, sha: "abc".into() }),
            ActivityKind::SetResolvedInCommit,
            json!({"commit": "abc"}),
        ),
    ];
    for (target, kind, data) in table {
        let effects =
            decide(&open(Substatus::Escalating), &status(StatusChange::Resolve(target.clone())), now());
        assert_eq!(new_state(&effects), Some((Status::Resolved, None)));
        for expected in [Effect::LeaveInbox, Effect::Record(kind, data), Effect::Resolution(target)] {
            assert!(effects.contains(&expected), "{expected:?} in {effects:?}");
        }
    }
}

#[test]
fn a_resolution_that_names_a_release_replaces_a_plain_one_and_the_other_way_round() {
    let plain = in_state(Status::Resolved, None, "2024-05-09T12:00:00Z");
    let named = Before { has_resolution: true, ..plain.clone() };
    let release = Target::InRelease(Release { id: 1, version: "2".into() });
    let effects = decide(&plain, &status(StatusChange::Resolve(release.clone())), now());
    assert!(effects.contains(&Effect::Resolution(release)));
    let effects = decide(&named, &status(StatusChange::Resolve(Target::Now)), now());
    assert!(effects.contains(&Effect::Resolution(Target::Now)));
}

#[test]
fn archiving_keeps_its_condition_or_its_forecast() {
    let snooze = Snooze { duration: Some(60), ..Snooze::default() };
    let table = [
        (Archive::Forever, None, Forecast::Drop),
        (Archive::UntilEscalating, None, Forecast::Make),
        (Archive::UntilCondition(snooze), Some(snooze), Forecast::Drop),
        (Archive::UntilCondition(Snooze::default()), None, Forecast::Drop),
    ];
    for (archive, snooze, forecast) in table {
        let effects = decide(&open(Substatus::New), &status(StatusChange::Archive(archive)), now());
        assert_eq!(new_state(&effects), Some((Status::Ignored, Some(archive.substatus()))));
        assert!(effects.contains(&Effect::Snooze(snooze)) && effects.contains(&Effect::Forecast(forecast)));
        assert!(effects.contains(&Effect::LeaveInbox));
    }
    let until = snooze.until(now()).unwrap();
    assert_eq!(until.to_string(), "2024-05-10T13:00:00Z");
}

#[test]
fn a_priority_set_by_hand_is_locked_even_if_it_is_the_same() {
    let update = |priority| Update { priority: Some(priority), ..ResolvedUpdate::default() };
    let same = decide(&open(Substatus::New), &update(Priority::Medium), now());
    assert_eq!(same, [Effect::LockPriority(Priority::Medium)]);
    let higher = decide(&open(Substatus::New), &update(Priority::High), now());
    assert_eq!(
        higher,
        [
            Effect::LockPriority(Priority::High),
            Effect::Record(ActivityKind::SetPriority, json!({"priority": "high"})),
        ]
    );
}

#[test]
fn review_marks_go_both_ways() {
    let update = |inbox| Update { inbox: Some(inbox), ..ResolvedUpdate::default() };
    let reviewed = decide(&open(Substatus::New), &update(Inbox::Reviewed), now());
    assert_eq!(reviewed, [Effect::LeaveInbox, Effect::Record(ActivityKind::MarkReviewed, json!({}))]);
    let out = Before { in_inbox: false, ..open(Substatus::New) };
    assert_eq!(decide(&out, &update(Inbox::ToReview), now()), [Effect::EnterInbox(InboxReason::Manual)]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z:#0-9_]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["resolved", "ignored", "unresolved", "ongoing", "latest"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn no_body_makes_the_reader_panic_and_no_change_leaves_an_impossible_state(
        fields in prop::collection::btree_map(
            prop::sample::select(vec![
                "status", "substatus", "statusDetails", "assignedTo", "priority", "inbox", "hasSeen", "isPublic",
                "ignoreDuration", "ignoreCount", "inRelease", "inNextRelease", "inCommit", "merge", "discard",
            ]),
            any_json(),
            0..6,
        ),
        resolved in any::<bool>(),
    ) {
        let body: Map<String, Value> = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let Ok(UpdateRequest::Change(update)) = UpdateRequest::read(&body) else { return Ok(()) };
        let release = || Release { id: 1, version: "1".into() };
        let found: ResolvedUpdate = Update {
            status: update.status.map(|status| match status {
                StatusChange::Resolve(Target::Now) => StatusChange::Resolve(Target::Now),
                StatusChange::Resolve(Target::NextRelease(_)) => StatusChange::Resolve(Target::NextRelease(release())),
                StatusChange::Resolve(_) => StatusChange::Resolve(Target::InRelease(release())),
                StatusChange::Archive(archive) => StatusChange::Archive(archive),
                StatusChange::Reopen(substatus) => StatusChange::Reopen(substatus),
            }),
            assignee: None,
            priority: update.priority,
            inbox: update.inbox,
            seen: update.seen,
            bookmarked: update.bookmarked,
            subscribed: update.subscribed,
            public: update.public,
        };
        let before = if resolved { in_state(Status::Resolved, None, "2024-05-01T00:00:00Z") } else { open(Substatus::New) };
        if let Some((status, substatus)) = new_state(&decide(&before, &found, now())) {
            prop_assert_eq!(substatus.map_or(Status::Resolved, Substatus::status), status);
        }
    }
}
