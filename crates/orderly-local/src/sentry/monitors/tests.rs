//! Schedules as values, and jobs that check in, are late, hang and come back.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::check_in::CheckIn;
use super::crontab::Crontab;
use super::schedule::Config;
use crate::sentry::ingest::tests::world::{Answer, World};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_crontab_names_the_next_minute() {
    // 2026-03-10 is a Tuesday.
    for (text, after, expected) in [
        ("*/5 * * * *", "2026-03-10T12:30:00Z", "2026-03-10T12:35:00Z"),
        ("*/5 * * * *", "2026-03-10T12:58:59Z", "2026-03-10T13:00:00Z"),
        ("0 0 * * *", "2026-03-10T12:30:00Z", "2026-03-11T00:00:00Z"),
        ("@hourly", "2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z"),
        ("30 8-10/2 * * mon-fri", "2026-03-13T10:30:00Z", "2026-03-16T08:30:00Z"),
        ("0 12 * * 7", "2026-03-10T12:30:00Z", "2026-03-15T12:00:00Z"),
        ("0 0 1 jan *", "2026-03-10T12:30:00Z", "2027-01-01T00:00:00Z"),
        ("0 0 29 2 *", "2026-03-10T12:30:00Z", "2028-02-29T00:00:00Z"),
        // Restricted both ways, either day will do.
        ("0 0 1 * fri", "2026-03-10T12:30:00Z", "2026-03-13T00:00:00Z"),
        ("15,45 23 31 12 *", "2026-12-31T23:15:00Z", "2026-12-31T23:45:00Z"),
    ] {
        let next = Crontab::read(text).unwrap().next(at(after), &TimeZone::UTC);
        assert_eq!(next, Some(at(expected)), "{text} after {after}");
    }
    assert_eq!(Crontab::read("0 0 30 2 *").unwrap().next(at("2026-03-10T12:30:00Z"), &TimeZone::UTC), None);
    for text in
        ["", "* * * *", "60 * * * *", "* * * * mon-", "a * * * *", "5-1 * * * *", "*/0 * * * *", "* * 0 * *"]
    {
        assert_eq!(Crontab::read(text), None, "{text}");
    }
}

#[test]
fn the_hours_of_a_crontab_are_those_of_its_zone_and_an_interval_counts_from_the_last_run() {
    let config = |value: Value| serde_json::from_value::<Config>(value).unwrap();
    let berlin =
        config(json!({"schedule_type": "crontab", "schedule": "0 9 * * *", "timezone": "Europe/Berlin"}));
    assert_eq!(berlin.problem(), None);
    assert_eq!(berlin.next(at("2026-03-10T12:30:00Z")), Some(at("2026-03-11T08:00:00Z")));
    assert_eq!(berlin.next(at("2026-03-28T12:30:00Z")), Some(at("2026-03-29T07:00:00Z")), "summer time");
    let hourly = config(json!({"schedule_type": "interval", "schedule": [2, "hour"]}));
    assert_eq!(hourly.next(at("2026-03-10T12:30:40Z")), Some(at("2026-03-10T14:30:00Z")));
    for bad in [
        json!({"schedule_type": "crontab", "schedule": "often"}),
        json!({"schedule_type": "interval", "schedule": [0, "hour"]}),
        json!({"schedule_type": "interval", "schedule": "* * * * *"}),
        json!({"schedule_type": "crontab", "schedule": "* * * * *", "timezone": "Mars/Base"}),
        json!({"schedule_type": "crontab", "schedule": "* * * * *", "max_runtime": 0}),
    ] {
        assert!(config(bad.clone()).problem().is_some(), "{bad}");
    }
}

#[test]
fn a_check_in_that_makes_no_sense_is_none() {
    let read = |slug, status, guid| CheckIn::new(slug, status, guid, None, None, None);
    assert!(read("nightly", "ok", Some("not an id")).unwrap().guid.is_none());
    assert!(read("nightly", "ok", Some("00000000000000000000000000000000")).unwrap().guid.is_none());
    for (slug, status) in [("", "ok"), ("a b", "ok"), ("nightly", "missed"), ("nightly", "fine")] {
        assert_eq!(read(slug, status, None), None, "{slug} {status}");
    }
}

async fn make(world: &World, config: Value) {
    let body = json!({"name": "Nightly report", "project": "backend", "config": config});
    let made = world.api("POST", "/organizations/acme/monitors/", body).await;
    assert_eq!((&made["slug"], &made["status"]), (&json!("nightly-report"), &json!("active")));
}

/// What a job does at its end: one plain request.
async fn told(world: &World, query: &str) -> u16 {
    let url = format!("{}{query}", world.url(&format!("cron/nightly-report/{}/", world.key())));
    Answer::of(world.http.get(url)).await.status
}

async fn go(world: &World, minutes: i64) {
    world.local("PUT", "/clock/", json!({"advance_seconds": minutes * 60})).await;
}

async fn runs(world: &World) -> Vec<String> {
    let runs = world.api("GET", "/organizations/acme/monitors/nightly-report/checkins/", json!({})).await;
    runs.as_array().unwrap().iter().rev().map(|run| run["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_job_that_does_not_run_is_missed_becomes_an_issue_and_is_resolved_when_it_runs_again() {
    let world = World::start().await;
    make(&world, json!({"schedule_type": "interval", "schedule": [1, "hour"], "checkin_margin": 5})).await;
    assert_eq!(told(&world, "?status=ok&environment=live").await, 202);
    go(&world, 64).await;
    assert_eq!(runs(&world).await, ["ok"], "the margin is not over");
    go(&world, 2).await;
    assert_eq!(runs(&world).await, ["ok", "missed"]);
    let issues = world.api("GET", "/organizations/acme/issues/?query=issue.category:outage", json!({})).await;
    let issue = &issues[0];
    assert_eq!(issue["title"], "Cron failure: Nightly report");
    assert_eq!(
        (&issue["issueType"], &issue["issueCategory"]),
        (&json!("monitor_check_in_failure"), &json!("outage"))
    );
    assert_eq!(
        (&issue["culprit"], &issue["level"]),
        (&json!("A missed check-in was detected"), &json!("warning"))
    );
    let monitor = world.api("GET", "/organizations/acme/monitors/nightly-report/", json!({})).await;
    assert_eq!(monitor["environments"][0]["status"], "error");
    assert!(monitor["environments"][0]["activeIncident"]["startingTimestamp"].is_string(), "{monitor}");

    // Two more are missed while nobody looks; they are one issue.
    go(&world, 120).await;
    assert_eq!(runs(&world).await, ["ok", "missed", "missed", "missed"]);
    assert_eq!(
        world.row("SELECT COUNT(*) AS issues, SUM(times_seen) AS events FROM issue").await,
        json!({"issues": 1, "events": 3})
    );

    told(&world, "?status=ok&environment=live").await;
    assert_eq!(world.state(1).await, "resolved/");
    let monitor = world.api("GET", "/organizations/acme/monitors/", json!({})).await;
    assert_eq!(monitor[0]["environments"][0]["status"], "ok");
    assert_eq!(monitor[0]["environments"][0]["activeIncident"], Value::Null);
    // It fails again: the same issue is back.
    told(&world, "?status=error&environment=live").await;
    world.servers.clock().advance(SignedDuration::from_secs(10));
    told(&world, "?status=error&environment=live").await;
    assert_eq!(world.state(1).await, "unresolved/regressed");
    world.stop().await;
}

#[tokio::test]
async fn a_run_that_does_not_end_times_out_and_thresholds_are_kept() {
    let world = World::start().await;
    let config = json!({
        "schedule_type": "crontab",
        "schedule": "0 0 * * *",
        "max_runtime": 10,
        "failure_issue_threshold": 2,
        "recovery_threshold": 2,
    });
    make(&world, config).await;
    told(&world, "?status=in_progress").await;
    told(&world, "?status=ok&duration=1.5").await;
    assert_eq!(runs(&world).await, ["ok"], "an end belongs to the run that is going on");
    told(&world, "?status=in_progress").await;
    go(&world, 11).await;
    assert_eq!(runs(&world).await, ["ok", "timeout"]);
    assert_eq!(world.count("SELECT COUNT(*) FROM issue").await, 0, "one failure is forgiven");
    told(&world, "?status=error").await;
    assert_eq!(world.count("SELECT COUNT(*) FROM issue").await, 1);
    told(&world, "?status=ok").await;
    assert_eq!(world.state(1).await, "unresolved/new", "one success does not prove it");
    told(&world, "?status=ok").await;
    assert_eq!(world.state(1).await, "resolved/");
    assert_eq!(told(&world, "?status=late").await, 400);
    assert_eq!(
        Answer::of(world.http.get(world.url("cron/nightly-report/nokey/?status=ok"))).await.status,
        403
    );
    world.stop().await;
}

#[tokio::test]
async fn an_sdk_that_knows_the_schedule_makes_the_monitor_with_its_first_check_in() {
    let world = World::start().await;
    let item = |id: &str, status: &str| {
        let item = json!({
            "check_in_id": id,
            "monitor_slug": "import",
            "status": status,
            "environment": "production",
            "monitor_config": {
                "schedule": {"type": "crontab", "value": "*/10 * * * *"},
                "checkin_margin": 2,
                "timezone": "UTC",
            },
        });
        format!("{{}}\n{{\"type\":\"check_in\"}}\n{item}\n")
    };
    let id = "83a7c03ed0a04e1b97e2e3b18d38f244";
    for (id, status) in [(id, "in_progress"), (id, "ok"), (id, "error")] {
        assert_eq!(Answer::of(world.post(item(id, status))).await.status, 200);
    }
    let monitor = world.api("GET", "/organizations/acme/monitors/import/", json!({})).await;
    assert_eq!(monitor["config"]["schedule"], "*/10 * * * *");
    assert_eq!(monitor["environments"][0]["nextCheckIn"], "2026-03-10T12:40:00Z");
    let runs = world.api("GET", "/projects/acme/backend/monitors/import/checkins/", json!({})).await;
    assert_eq!(
        (runs.as_array().unwrap().len(), &runs[0]["status"]),
        (1, &json!("ok")),
        "what has ended stays as it ended"
    );
    // Switched off, it is not missed.
    world.api("PUT", "/organizations/acme/monitors/import/", json!({"status": "disabled"})).await;
    go(&world, 90).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM issue").await, 0);
    world.api("DELETE", "/organizations/acme/monitors/import/", json!({})).await;
    world.stop().await;
}
