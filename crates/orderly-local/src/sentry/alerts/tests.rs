//! Rules as values, and rules that run: created over the web API, evaluated on the servers' clock.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::condition::{Condition, Counted, Facts, Moment, Place, Stretch, as_rule, as_workflow, read};
use super::metric::{Alarm, Compared, Direction, MetricRule};
use super::ticks::ticks;
use crate::sentry::ingest::tests::world::{Event, World};
use crate::sentry::model::{Level, Priority};
use crate::sentry::webhooks::tests::{Listener, register};

fn metric(compared: Compared, direction: Direction, resolve: Option<f64>) -> MetricRule {
    MetricRule {
        dataset: "errors".to_owned(),
        aggregate: "count()".to_owned(),
        query: String::new(),
        environment: None,
        minutes: 5,
        compared,
        direction,
        critical: Some(100.0),
        warning: Some(50.0),
        resolve,
    }
}

#[test]
fn a_metric_past_a_threshold_alarms_until_it_is_back_where_alarms_end() {
    use Alarm::{Critical, Quiet, Warning};
    let above = metric(Compared::Value, Direction::Above, None);
    let lasting = metric(Compared::Value, Direction::Above, Some(10.0));
    let below = MetricRule {
        critical: Some(5.0),
        warning: Some(20.0),
        ..metric(Compared::Value, Direction::Below, None)
    };
    for (rule, value, was, expected) in [
        (&above, 101.0, Quiet, Critical),
        (&above, 100.0, Quiet, Warning),
        (&above, 50.0, Warning, Quiet),
        (&above, 60.0, Critical, Warning),
        (&lasting, 30.0, Critical, Critical),
        (&lasting, 30.0, Quiet, Quiet),
        (&lasting, 10.0, Warning, Quiet),
        (&below, 4.0, Quiet, Critical),
        (&below, 5.0, Quiet, Warning),
        (&below, 20.0, Warning, Quiet),
    ] {
        assert_eq!(rule.judge(value, was), expected, "{value} after {was:?} under {rule:?}");
    }
}

#[test]
fn a_change_is_measured_in_per_cent_of_the_earlier_window_and_not_at_all_of_nothing() {
    let rise = metric(Compared::Percent { earlier: 60 }, Direction::Above, None);
    let fall = metric(Compared::Percent { earlier: 60 }, Direction::Below, None);
    assert_eq!(rise.measured(30.0, 10.0), Some(200.0));
    assert_eq!(fall.measured(3.0, 10.0), Some(70.0));
    assert_eq!(rise.measured(30.0, 0.0), None);
    assert_eq!(fall.judge(70.0, Alarm::Quiet), Alarm::Warning);
}

proptest! {
    #[test]
    fn the_present_minute_is_always_looked_at_and_no_gap_is_wider_than_the_window(
        last in 0_i64..1_000_000, way in 1_i64..200_000, window in 1_i64..200,
    ) {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let found = ticks(at(last), at(last + way), window);
        prop_assert_eq!(found.last().copied(), Some(at(last + way)));
        prop_assert!(found.iter().all(|tick| *tick > at(last)));
        for pair in found.windows(2) {
            let gap = pair[1].duration_since(pair[0]).as_mins();
            prop_assert!((1..=window).contains(&gap), "{}", gap);
        }
    }
}

#[test]
fn conditions_read_back_from_the_words_of_both_apis() {
    let given = [
        json!({"type": "first_seen_event", "comparison": true}),
        json!({"type": "reappeared_event", "comparison": true}),
        json!({"type": "new_high_priority_issue", "comparison": true}),
        json!({"type": "event_frequency_count", "comparison": {"value": 10, "interval": "1h"}}),
        json!({"type": "event_unique_user_frequency_percent",
               "comparison": {"value": 50, "interval": "1h", "comparison_interval": "1d"}}),
        json!({"type": "issue_occurrences", "comparison": {"value": 3}}),
        json!({"type": "level", "comparison": {"match": "gte", "level": 40}}),
        json!({"type": "tagged_event", "comparison": {"key": "tier", "match": "co", "value": "gold"}}),
    ];
    for given in given {
        let condition = read(&given).unwrap();
        let (kind, comparison) = as_workflow(&condition);
        assert_eq!(read(&json!({"type": kind, "comparison": comparison})).unwrap(), condition, "{given}");
        for place in [Place::Conditions, Place::Filters] {
            assert_eq!(read(&as_rule(&condition, place)).unwrap(), condition, "{given}");
        }
    }
    for unread in [
        json!({"type": "age_comparison", "comparison": {}}),
        json!({"type": "event_frequency_count", "comparison": {"value": 10, "interval": "2y"}}),
        json!({"id": "sentry.rules.filters.assigned_to.AssignedToFilter"}),
        json!({}),
    ] {
        assert!(read(&unread).is_err(), "{unread}");
    }
}

#[test]
fn conditions_look_at_what_happened_and_what_was_counted() {
    let now = Stretch { of: Counted::Events, minutes: 60, earlier: 0 };
    let before = Stretch { earlier: 1_440, ..now };
    let facts = Facts {
        moments: BTreeSet::from([Moment::FirstSeen]),
        times_seen: 3,
        priority: Some(Priority::High),
        level: Level::Warning,
        tags: vec![("tier".to_owned(), "gold".to_owned())],
        counts: BTreeMap::from([(now, 15), (before, 10)]),
    };
    let rise =
        |percent| Condition::FrequencyRise { of: Counted::Events, percent, minutes: 60, earlier: 1_440 };
    let tag = |value: &str| {
        read(&json!({"type": "tagged_event", "comparison": {"key": "tier", "match": "eq", "value": value}}))
    };
    for (condition, expected) in [
        (Condition::Moment(Moment::FirstSeen), true),
        (Condition::Moment(Moment::Regression), false),
        (Condition::NewHighPriority, true),
        (Condition::Frequency { of: Counted::Events, above: 14.0, minutes: 60 }, true),
        (Condition::Frequency { of: Counted::Events, above: 15.0, minutes: 60 }, false),
        (rise(49.0), true),
        (rise(50.0), false),
        (Condition::Occurrences { at_least: 3 }, true),
        (Condition::Occurrences { at_least: 4 }, false),
        (tag("gold").unwrap(), true),
        (tag("silver").unwrap(), false),
    ] {
        assert_eq!(condition.holds(&facts), expected, "{condition:?}");
    }
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// Lets the servers' clock go on, as a person does it.
async fn go(world: &World, by: SignedDuration) {
    world.local("PUT", "/clock/", json!({"advance_seconds": by.as_secs()})).await;
}

fn field(list: &Value, key: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|one| one[key].clone()).collect()
}

#[tokio::test]
async fn a_metric_alert_opens_an_incident_when_the_count_passes_and_closes_it_when_it_is_back() {
    let world = World::start().await;
    let listener = Listener::start(&[]).await;
    register(&world, &listener, json!({"events": []})).await;
    let rule = json!({
        "name": "Many errors",
        "aggregate": "count()",
        "dataset": "events",
        "query": "level:error",
        "timeWindow": 5,
        "thresholdType": 0,
        "projects": ["backend"],
        "triggers": [{"label": "critical", "alertThreshold": 10}, {"label": "warning", "alertThreshold": 5}],
    });
    let rule = world.api("POST", "/organizations/acme/alert-rules/", rule).await;
    world.send_times(&Event::error("cart").with("level", "info"), 20).await;
    go(&world, minutes(1)).await;
    assert_eq!(world.api("GET", "/organizations/acme/incidents/", json!({})).await, json!([]));

    world.send_times(&Event::error("cart"), 6).await;
    go(&world, minutes(1)).await;
    assert_eq!(listener.told(1).await, ["metric_alert.warning"]);
    world.send_times(&Event::error("cart"), 6).await;
    go(&world, minutes(1)).await;
    assert_eq!(listener.told(2).await[1], "metric_alert.critical");
    let open = world.api("GET", "/organizations/acme/incidents/?status=open", json!({})).await;
    assert_eq!(
        (field(&open, "status"), field(&open, "title")),
        (vec![json!(20)], vec![json!("Many errors")])
    );
    assert_eq!(open[0]["alertRule"]["id"], rule["id"]);

    go(&world, minutes(10)).await;
    let told = listener.told(4).await;
    assert_eq!(told[2..], ["metric_alert.warning", "metric_alert.resolved"], "minute by minute");
    let closed = world.api("GET", "/organizations/acme/incidents/?status=closed", json!({})).await;
    assert_eq!(
        (field(&closed, "status"), field(&closed, "worst")),
        (vec![json!(2)], vec![json!("critical")])
    );
    let periods = format!("/organizations/acme/open-periods/?detectorId={}", rule["id"].as_str().unwrap());
    let periods = world.api("GET", &periods, json!({})).await;
    assert_eq!(field(&periods, "isOpen"), [json!(false)]);
    assert!(periods[0]["duration"].as_i64().unwrap() >= 5 * 60, "{periods}");

    let got = listener.wait(3).await;
    let body: Value = serde_json::from_str(&got[1].1).unwrap();
    let alert = &body["data"]["metric_alert"];
    assert_eq!((&alert["status"], &alert["projects"]), (&json!(20), &json!(["backend"])));
    let told = &alert["alert_rule"];
    assert_eq!((&told["aggregate"], &told["time_window"]), (&json!("count()"), &json!(5)));
    assert_eq!(
        told["triggers"],
        json!([{"label": "critical", "alert_threshold": 10.0}, {"label": "warning", "alert_threshold": 5.0}])
    );
    assert!(body["data"]["description_text"].as_str().unwrap().contains("count()"), "{body}");
    world.stop().await;
}

#[tokio::test]
async fn a_detector_compares_with_the_same_window_of_yesterday_and_is_seen_by_both_apis() {
    let world = World::start().await;
    let detector = json!({
        "name": "More than yesterday",
        "type": "metric_issue",
        "dataSources": [{"aggregate": "count()", "dataset": "errors", "query": "", "timeWindow": 3600}],
        "config": {"detectionType": "percent", "comparisonDelta": 86_400},
        "conditionGroup": {"logicType": "any", "conditions": [
            {"type": "gt", "comparison": 100, "conditionResult": 75},
            {"type": "lte", "comparison": 50, "conditionResult": 0},
        ]},
    });
    let made = world.api("POST", "/organizations/acme/projects/backend/detectors/", detector).await;
    let yesterday = world.ago(SignedDuration::from_hours(24) + minutes(5));
    world.send_times(&Event::error("cart").at(yesterday), 4).await;
    world.send_times(&Event::error("cart"), 8).await;
    go(&world, minutes(1)).await;
    let incidents = world.api("GET", "/organizations/acme/incidents/", json!({})).await;
    assert_eq!(incidents, json!([]), "twice as many is a hundred per cent more, not more than that");
    world.send(&Event::error("cart")).await;
    go(&world, minutes(1)).await;
    let incidents = world.api("GET", "/organizations/acme/incidents/", json!({})).await;
    assert_eq!(
        (field(&incidents, "status"), field(&incidents, "value")),
        (vec![json!(20)], vec![json!(125.0)])
    );

    let id = made["id"].as_str().unwrap();
    let rule = world.api("GET", &format!("/organizations/acme/alert-rules/{id}/"), json!({})).await;
    assert_eq!((&rule["comparisonDelta"], &rule["timeWindow"]), (&json!(1_440), &json!(60)));
    let listed = world.api("GET", "/organizations/acme/detectors/?query=type:metric_issue", json!({})).await;
    assert_eq!((field(&listed, "id"), field(&listed, "openIssues")), (vec![json!(id)], vec![json!(1)]));
    let errors =
        world.api("GET", "/organizations/acme/detectors/?query=type:error&project=1", json!({})).await;
    assert_eq!(field(&errors, "type"), [json!("error")]);

    world.api("PUT", &format!("/organizations/acme/detectors/{id}/"), json!({"enabled": false})).await;
    world.send_times(&Event::error("cart"), 30).await;
    go(&world, minutes(5)).await;
    let incidents = world.api("GET", "/organizations/acme/incidents/", json!({})).await;
    assert_eq!(field(&incidents, "value"), [json!(125.0)], "it is switched off");
    world.api("DELETE", &format!("/organizations/acme/detectors/{id}/"), json!({})).await;
    world.stop().await;
}

#[tokio::test]
async fn rules_that_cannot_be_evaluated_are_refused_with_the_reason() {
    let world = World::start().await;
    let metric = |aggregate: &str, query: &str| {
        json!({"name": "A", "aggregate": aggregate, "dataset": "errors", "query": query, "timeWindow": 5,
               "projects": ["backend"], "triggers": [{"label": "critical", "alertThreshold": 1}]})
    };
    for (path, body, field) in [
        ("/organizations/acme/alert-rules/", metric("p95(title)", ""), "aggregate"),
        ("/organizations/acme/alert-rules/", metric("title", ""), "aggregate"),
        ("/organizations/acme/alert-rules/", metric("count()", "(a:1"), "aggregate"),
        (
            "/projects/acme/backend/rules/",
            json!({"name": "A", "actionMatch": "any", "conditions": [{"id": "x.Y"}]}),
            "conditions",
        ),
        ("/organizations/acme/workflows/", json!({"name": "A", "detectorIds": ["99"]}), "detectorIds"),
        ("/organizations/acme/workflows/", json!({"name": ""}), "name"),
    ] {
        let answer = world.ask("POST", path, body.clone()).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        assert!(answer.body[field].is_array(), "{path} {body}: {}", answer.body);
    }
    world.stop().await;
}

#[tokio::test]
async fn an_issue_alert_tells_of_new_and_returning_issues_and_then_keeps_quiet_for_its_time() {
    let world = World::start().await;
    let listener = Listener::start(&[]).await;
    let app = register(&world, &listener, json!({"events": []})).await;
    let errors =
        world.api("GET", "/organizations/acme/detectors/?query=type:error&project=1", json!({})).await;
    let workflow = json!({
        "name": "New and back",
        "detectorIds": [errors[0]["id"]],
        "config": {"frequency": 30},
        "triggers": {"logicType": "any-short", "conditions": [
            {"type": "first_seen_event", "comparison": true, "conditionResult": true},
            {"type": "regression_event", "comparison": true, "conditionResult": true},
        ]},
        "actionFilters": [{"logicType": "all", "conditions": [
            {"type": "level", "comparison": {"match": "gte", "level": 40}, "conditionResult": true},
        ], "actions": [{"type": "sentry_app", "config": {"targetIdentifier": app["installation"]["uuid"]}}]}],
    });
    let made = world.api("POST", "/organizations/acme/workflows/", workflow).await;
    assert_eq!(made["detectorIds"], json!([errors[0]["id"]]));
    world.send(&Event::error("quiet").with("level", "info")).await;
    world.send(&Event::error("cart").with("tags", json!({"tier": "gold"}))).await;
    assert_eq!(listener.told(1).await, ["event_alert.triggered"]);
    // It comes back, but within half an hour of the first time.
    world.api("PUT", "/organizations/acme/issues/2/", json!({"status": "resolved"})).await;
    world.servers.clock().advance(minutes(10));
    world.send(&Event::error("cart")).await;
    world.wait_for("SELECT COUNT(*) FROM log_position l WHERE reader = 'workflows' AND event = (SELECT MAX(id) FROM event)", 1).await;
    world.api("PUT", "/organizations/acme/issues/2/", json!({"status": "resolved"})).await;
    world.servers.clock().advance(minutes(30));
    world.send(&Event::error("cart")).await;
    assert_eq!(listener.told(2).await.len(), 2);

    let body: Value = serde_json::from_str(&listener.wait(2).await[0].1).unwrap();
    let event = &body["data"]["event"];
    assert_eq!(body["data"]["triggered_rule"], "New and back");
    assert_eq!(event["issue_id"], "2");
    assert_eq!(
        event["exception"]["values"][0]["stacktrace"]["frames"][1]["in_app"], true,
        "as the SDK sent it"
    );
    assert!(event["tags"].as_array().unwrap().contains(&json!(["tier", "gold"])), "{event}");
    assert!(event["web_url"].as_str().unwrap().contains("/issues/2/events/"), "{event}");

    let fired = format!("/organizations/acme/workflows/{}/group-history/", made["id"].as_str().unwrap());
    let fired = world.api("GET", &fired, json!({})).await;
    assert_eq!((field(&fired, "count"), &fired[0]["group"]["id"]), (vec![json!(2)], &json!("2")));
    let named = world
        .api("GET", "/organizations/acme/workflows/?query=name:%22*back*%22&projectSlug=backend", json!({}))
        .await;
    assert!(named[0]["lastTriggered"].is_string(), "{named}");
    world.stop().await;
}

#[tokio::test]
async fn a_rule_of_the_older_api_fires_on_a_rate_and_only_in_its_environment() {
    let world = World::start().await;
    let listener = Listener::start(&[]).await;
    register(&world, &listener, json!({"events": []})).await;
    let rule = json!({
        "name": "Burst",
        "actionMatch": "all",
        "frequency": 5,
        "environment": "production",
        "conditions": [{"id": "sentry.rules.conditions.event_frequency.EventFrequencyCondition",
                        "value": 3, "interval": "1h", "comparisonType": "count"}],
        "actions": [],
    });
    let made = world.api("POST", "/projects/acme/backend/rules/", rule).await;
    assert_eq!(made["conditions"][0]["interval"], "1h");
    let production = Event::error("cart").with("environment", "production");
    world.send_times(&Event::error("cart").with("environment", "staging"), 5).await;
    world.send_times(&production.clone().at(world.ago(SignedDuration::from_hours(3))), 5).await;
    world.send_times(&production, 3).await;
    world.wait_for("SELECT COUNT(*) FROM log_position WHERE reader = 'workflows' AND event = 13", 1).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM workflow_firing").await, 0, "three are not more than three");
    world.send(&production).await;
    assert_eq!(listener.told(1).await, ["event_alert.triggered"]);

    let path = format!("/projects/acme/backend/rules/{}/", made["id"].as_str().unwrap());
    let workflow = format!("/organizations/acme/workflows/{}/", made["id"].as_str().unwrap());
    let workflow = world.api("GET", &workflow, json!({})).await;
    let trigger = &workflow["triggers"]["conditions"][0];
    assert_eq!(
        (&trigger["type"], &trigger["comparison"]["value"]),
        (&json!("event_frequency_count"), &json!(3.0))
    );
    let combined = world.api("GET", "/organizations/acme/combined-rules/?name=burst", json!({})).await;
    assert_eq!(field(&combined, "type"), [json!("rule")]);
    world.api("DELETE", &path, json!({})).await;
    assert_eq!(world.ask("GET", &path, json!({})).await.status, 404);
    world.stop().await;
}
