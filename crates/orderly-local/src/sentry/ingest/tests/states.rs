//! What events and time do to the state of issues.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::world::{Event, World};
use crate::sentry::store::sweep::sweep;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A world with one issue, first seen two hours ago in release 1.0.0, with 1.1.0 known as well.
async fn with_issue() -> World {
    let world = World::start().await;
    world.send(&Event::error("cart").release("shop@1.0.0").at(world.ago(hours(2)))).await;
    world.send(&Event::error("other").release("shop@1.1.0").at(world.ago(hours(1)))).await;
    world
}

fn resolve(details: Value) -> Value {
    json!({"status": "resolved", "statusDetails": details})
}

#[tokio::test]
async fn a_resolved_issue_that_is_seen_again_regresses() {
    let world = with_issue().await;
    world.update(1, resolve(json!({}))).await;
    assert_eq!(world.state(1).await, "resolved/");
    world.send(&Event::error("cart").release("shop@1.0.0")).await;
    assert_eq!(world.state(1).await, "unresolved/regressed");
    assert_eq!(world.history(1).await, ["set_resolved", "set_regression"]);
    let issue = world.row("SELECT inbox_reason, resolved_at, times_seen FROM issue WHERE id = 1").await;
    assert_eq!(issue, json!({"inbox_reason": "regression", "resolved_at": null, "times_seen": 2}));
    let data = world.row("SELECT data_json FROM activity WHERE kind = 'set_regression'").await;
    let data: Value = serde_json::from_str(data["data_json"].as_str().unwrap()).unwrap();
    assert_eq!(data["version"], "shop@1.0.0");
    assert_eq!(data["event_id"].as_str().unwrap().len(), 32);
    world.stop().await;
}

#[tokio::test]
async fn resolved_in_the_next_release_only_a_newer_release_regresses() {
    let world = with_issue().await;
    world.update(1, resolve(json!({"inNextRelease": true}))).await;
    for event in [
        Event::error("cart").release("shop@1.0.0"),
        Event::error("cart").release("shop@1.1.0"),
        Event::error("cart").release("shop@1.1.0-rc.1"),
        Event::error("cart"),
    ] {
        world.send(&event).await;
        assert_eq!(world.state(1).await, "resolved/", "{:?}", event.0.get("release"));
    }
    world.send(&Event::error("cart").release("shop@1.2.0")).await;
    assert_eq!(world.state(1).await, "unresolved/regressed");
    let data = world.row("SELECT data_json FROM activity WHERE kind = 'set_regression'").await;
    let data: Value = serde_json::from_str(data["data_json"].as_str().unwrap()).unwrap();
    assert_eq!(data["resolved_in_version"], "shop@1.1.0");
    assert_eq!(data["follows_semver"], true);
    assert_eq!(world.count("SELECT COUNT(*) FROM resolution").await, 0);
    world.stop().await;
}

#[tokio::test]
async fn resolved_in_a_release_that_release_regresses_and_older_ones_do_not() {
    let world = with_issue().await;
    world.update(1, resolve(json!({"inRelease": "shop@1.1.0"}))).await;
    world.send(&Event::error("cart").release("shop@1.0.9")).await;
    world.send(&Event::error("cart")).await;
    assert_eq!(world.state(1).await, "resolved/");
    world.send(&Event::error("cart").release("shop@1.1.0")).await;
    assert_eq!(world.state(1).await, "unresolved/regressed");
    world.stop().await;
}

#[tokio::test]
async fn resolved_in_a_commit_the_first_release_that_carries_it_regresses() {
    let world = with_issue().await;
    world.run("INSERT INTO repo (id, name, created_at) VALUES (1, 'shop', 0)").await;
    world.run("INSERT INTO vcs_commit (id, repo_id, sha, committed_at) VALUES (1, 1, 'abc', 0)").await;
    world.update(1, resolve(json!({}))).await;
    world
        .run("INSERT INTO resolution (issue_id, kind, commit_id, created_at) VALUES (1, 'in_commit', 1, 0)")
        .await;
    world.send(&Event::error("cart").release("shop@1.2.0")).await;
    assert_eq!(world.state(1).await, "resolved/", "no release carries the commit yet");
    world.run("INSERT INTO release_commit SELECT id, 1, 0 FROM release WHERE version = 'shop@1.2.0'").await;
    world.send(&Event::error("cart").release("shop@1.1.0")).await;
    assert_eq!(world.state(1).await, "resolved/", "this release is older than the commit");
    world.send(&Event::error("cart").release("shop@1.2.0")).await;
    assert_eq!(world.state(1).await, "unresolved/regressed");
    world.stop().await;
}

#[tokio::test]
async fn releases_without_versions_are_compared_by_date() {
    let world = World::start().await;
    world.send(&Event::error("cart").release("abc").at(world.ago(hours(9)))).await;
    world.send(&Event::error("cart").release("bcd").at(world.ago(hours(5)))).await;
    world.update(1, resolve(json!({"inNextRelease": true}))).await;
    world.send(&Event::error("cart").release("bcd")).await;
    world.send(&Event::error("cart").release("abc")).await;
    assert_eq!(world.state(1).await, "resolved/");
    world.send(&Event::error("cart").release("aaa").at(world.ago(hours(1)))).await;
    assert_eq!(world.state(1).await, "unresolved/regressed");
    world.stop().await;
}

#[tokio::test]
async fn an_archived_issue_escalates_above_its_forecast_of_ten_times_its_busiest_hour() {
    let world = World::start().await;
    world.send_times(&Event::error("cart").with("level", "warning").at(world.ago(hours(3))), 2).await;
    world.update(1, json!({"status": "ignored", "substatus": "archived_until_escalating"})).await;
    // Late arrivals count in their own hour.
    world.send_times(&Event::error("cart").at(world.ago(hours(5))), 30).await;
    world.send_times(&Event::error("cart").with("level", "warning"), 20).await;
    assert_eq!(world.state(1).await, "ignored/archived_until_escalating");
    world.send(&Event::error("cart").with("level", "warning")).await;
    assert_eq!(world.state(1).await, "unresolved/escalating");
    let history = world.history(1).await;
    assert_eq!(history[history.len() - 2..], ["set_escalating", "set_priority"]);
    let data = world
        .row("SELECT data_json ->> 'forecast' AS forecast FROM activity WHERE kind = 'set_escalating'")
        .await;
    assert_eq!(data["forecast"], 20);
    let issue = world.row("SELECT priority, inbox_reason FROM issue").await;
    assert_eq!(issue, json!({"priority": "high", "inbox_reason": "escalating"}));
    world.stop().await;
}

#[tokio::test]
async fn an_issue_archived_forever_never_returns() {
    let world = World::start().await;
    world.send(&Event::error("cart").at(world.ago(hours(3)))).await;
    world.update(1, json!({"status": "ignored", "substatus": "archived_forever"})).await;
    world.send_times(&Event::error("cart"), 40).await;
    assert_eq!(world.state(1).await, "ignored/archived_forever");
    assert_eq!(world.count("SELECT times_seen FROM issue").await, 41);
    world.stop().await;
}

#[tokio::test]
async fn a_new_issue_escalates_when_it_is_unusual_for_its_project() {
    let world = World::start().await;
    // Two events over five hours: what is usual here is 0.4 an hour.
    world.send_times(&Event::error("quiet").at(world.ago(hours(5))), 2).await;
    world.send_times(&Event::error("burst").with("level", "info").at(world.ago(hours(1))), 9).await;
    assert_eq!(world.state(2).await, "unresolved/new");
    world.send(&Event::error("burst").with("level", "info").at(world.ago(hours(1)))).await;
    assert_eq!(world.state(2).await, "unresolved/escalating");
    assert_eq!(world.history(2).await, ["set_escalating", "set_priority"]);
    let issue = world.row("SELECT priority, inbox_reason FROM issue WHERE id = 2").await;
    assert_eq!(issue, json!({"priority": "medium", "inbox_reason": "escalating"}));
    world.stop().await;
}

#[tokio::test]
async fn a_priority_set_by_hand_is_left_alone_by_escalation() {
    let world = World::start().await;
    world.send(&Event::error("cart").at(world.ago(hours(3)))).await;
    world.update(1, json!({"priority": "low"})).await;
    world.update(1, json!({"status": "ignored", "substatus": "archived_until_escalating"})).await;
    world.send_times(&Event::error("cart"), 11).await;
    assert_eq!(world.state(1).await, "unresolved/escalating");
    assert_eq!(world.row("SELECT priority FROM issue").await["priority"], "low");
    world.stop().await;
}

/// Archives the issue under a condition and sends events of ever new users until it comes back; says after how many.
async fn returns_after(world: &World, condition: Value) -> usize {
    let body =
        json!({"status": "ignored", "substatus": "archived_until_condition_met", "statusDetails": condition});
    world.update(1, body).await;
    assert_eq!(world.state(1).await, "ignored/archived_until_condition_met");
    for sent in 1..=20 {
        world.send(&Event::error("cart").user(1000 + sent)).await;
        if world.state(1).await != "ignored/archived_until_condition_met" {
            assert_eq!(world.state(1).await, "unresolved/ongoing");
            return sent;
        }
    }
    0
}

#[tokio::test]
async fn a_snooze_by_events_or_users_ends_when_they_are_reached() {
    for (condition, expected) in [
        (json!({"ignoreCount": 4}), 4),
        (json!({"ignoreCount": 4, "ignoreWindow": 60}), 4),
        // Six events of the setup lie in the window of three hours.
        (json!({"ignoreCount": 9, "ignoreWindow": 180}), 3),
        (json!({"ignoreUserCount": 5}), 5),
        (json!({"ignoreUserCount": 3, "ignoreUserWindow": 60}), 3),
    ] {
        let world = World::start().await;
        for user in 0..6 {
            world.send(&Event::error("cart").user(user).at(world.ago(hours(2)))).await;
        }
        assert_eq!(returns_after(&world, condition.clone()).await, expected, "{condition}");
        let history = world.history(1).await;
        assert_eq!(history.last().unwrap(), "set_unresolved", "{condition}");
        let issue = world.row("SELECT inbox_reason, inbox_details_json FROM issue").await;
        assert_eq!(issue["inbox_reason"], "unignored");
        assert!(issue["inbox_details_json"].as_str().unwrap().contains("window"), "{issue}");
        assert_eq!(world.count("SELECT COUNT(*) FROM snooze").await, 0);
        world.stop().await;
    }
}

#[tokio::test]
async fn a_snooze_by_duration_ends_with_time_alone() {
    let world = World::start().await;
    world.send(&Event::error("cart").at(world.ago(hours(2)))).await;
    world.update(1, json!({"status": "ignored", "statusDetails": {"ignoreDuration": 60}})).await;
    world.servers.clock().advance(SignedDuration::from_mins(59));
    sweep(world.servers.pool(), world.now()).await.unwrap();
    assert_eq!(world.state(1).await, "ignored/archived_until_condition_met");
    world.servers.clock().advance(SignedDuration::from_mins(2));
    // Any request sees the issue as it is by now.
    let _ = world.http.get(&world.servers.ready().sentry.url).send().await.unwrap();
    assert_eq!(world.state(1).await, "unresolved/ongoing");
    assert_eq!(world.row("SELECT inbox_reason FROM issue").await["inbox_reason"], "unignored");
    world.stop().await;
}

#[tokio::test]
async fn open_issues_become_ongoing_and_leave_the_review_list_after_a_week() {
    let world = with_issue().await;
    world.update(1, resolve(json!({}))).await;
    world.servers.clock().advance(hours(24));
    world.send(&Event::error("cart")).await;
    assert_eq!(world.state(1).await, "unresolved/regressed");

    world.servers.clock().advance(hours(6 * 24));
    sweep(world.servers.pool(), world.now()).await.unwrap();
    assert_eq!(world.state(1).await, "unresolved/regressed", "six days after the regression");
    assert_eq!(world.state(2).await, "unresolved/ongoing", "seven days after its first event");
    assert_eq!(world.history(2).await, ["auto_set_ongoing"]);
    let inbox = world.rows("SELECT inbox_reason FROM issue ORDER BY id").await;
    assert_eq!(inbox, [json!({"inbox_reason": "regression"}), json!({"inbox_reason": null})]);

    world.servers.clock().advance(hours(24));
    sweep(world.servers.pool(), world.now()).await.unwrap();
    assert_eq!(world.state(1).await, "unresolved/ongoing");
    assert_eq!(world.history(1).await, ["set_resolved", "set_regression", "auto_set_ongoing"]);
    assert_eq!(world.count("SELECT COUNT(*) FROM issue WHERE inbox_reason IS NOT NULL").await, 0);
    world.stop().await;
}

#[tokio::test]
async fn an_escalating_issue_that_calms_down_returns_to_its_first_priority() {
    let world = World::start().await;
    world.send(&Event::error("cart").with("level", "info").at(world.ago(hours(3)))).await;
    world.update(1, json!({"status": "ignored", "substatus": "archived_until_escalating"})).await;
    world.send_times(&Event::error("cart").with("level", "info"), 11).await;
    assert_eq!(world.row("SELECT priority FROM issue").await["priority"], "medium");
    world.servers.clock().advance(hours(7 * 24));
    sweep(world.servers.pool(), world.now()).await.unwrap();
    assert_eq!(world.state(1).await, "unresolved/ongoing");
    assert_eq!(world.row("SELECT priority FROM issue").await["priority"], "low");
    let reasons = world
        .rows("SELECT data_json ->> 'reason' AS reason FROM activity WHERE kind = 'set_priority' ORDER BY id")
        .await;
    assert_eq!(reasons, [json!({"reason": "escalating"}), json!({"reason": "ongoing"})]);
    world.stop().await;
}

#[tokio::test]
async fn a_whole_week_of_events_gives_the_exact_forecast_and_only_the_event_above_it_escalates() {
    let world = World::start().await;
    // One event in each of the 168 hours before this one: the spread is 0, so the limit is one plus five times one.
    for hour in 1..=168 {
        world.send(&Event::error("cart").with("level", "warning").at(world.ago(hours(hour)))).await;
    }
    world.update(1, json!({"status": "ignored", "substatus": "archived_until_escalating"})).await;
    world.send_times(&Event::error("cart").with("level", "warning"), 6).await;
    assert_eq!(world.state(1).await, "ignored/archived_until_escalating");
    world.send(&Event::error("cart").with("level", "warning")).await;
    assert_eq!(world.state(1).await, "unresolved/escalating");
    let told = "SELECT data_json ->> 'forecast' AS forecast FROM activity WHERE kind = 'set_escalating'";
    assert_eq!(world.row(told).await["forecast"], 6);
    world.stop().await;
}

#[tokio::test]
async fn a_month_that_is_played_over_http_gives_each_change_its_own_time() {
    let world = with_issue().await;
    world.update(2, json!({"status": "ignored", "statusDetails": {"ignoreDuration": 10 * 24 * 60}})).await;
    let began = world.now();
    world.local("PUT", "/clock/", json!({"advance_seconds": 30 * 24 * 3600})).await;
    assert_eq!(world.state(1).await, "unresolved/ongoing");
    assert_eq!(world.state(2).await, "unresolved/ongoing");
    let days_of = "SELECT kind, created_at FROM activity WHERE kind IN ('auto_set_ongoing', 'set_unresolved') ORDER BY id";
    let days: Vec<(String, i64)> = world
        .rows(days_of)
        .await
        .iter()
        .map(|row| {
            let after = row["created_at"].as_i64().unwrap() - began.as_microsecond();
            (row["kind"].as_str().unwrap().to_owned(), after / (3_600 * 1_000_000))
        })
        .collect();
    // Seen two hours before: seven days less two hours; snoozed for ten days. To the hour.
    let expected = [("auto_set_ongoing".to_owned(), 7 * 24 - 2), ("set_unresolved".to_owned(), 10 * 24)];
    for ((kind, after), (expected_kind, expected_after)) in days.iter().zip(&expected) {
        assert_eq!(kind, expected_kind);
        assert!((after - expected_after).abs() <= 1, "{kind} after {after} hours");
    }
    assert_eq!(days.len(), 2, "{days:?}");
    assert_eq!(world.count("SELECT COUNT(*) FROM issue WHERE inbox_reason IS NOT NULL").await, 0);
    world.stop().await;
}

#[tokio::test]
async fn a_late_event_of_an_older_release_neither_regresses_an_issue_nor_makes_it_newer() {
    let world = with_issue().await;
    world.update(1, resolve(json!({"inRelease": "shop@1.1.0"}))).await;
    let last = world.row("SELECT last_seen_at FROM issue WHERE id = 1").await;
    world.send(&Event::error("cart").release("shop@1.0.0").at(world.ago(hours(50)))).await;
    assert_eq!(world.state(1).await, "resolved/");
    assert_eq!(world.row("SELECT last_seen_at FROM issue WHERE id = 1").await, last);
    let first =
        world.row("SELECT first_seen_at FROM issue WHERE id = 1").await["first_seen_at"].as_i64().unwrap();
    assert_eq!(first / 3_600_000_000, world.ago(hours(50)).as_microsecond() / 3_600_000_000);
    world.stop().await;
}
