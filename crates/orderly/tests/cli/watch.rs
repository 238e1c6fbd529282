//! `orderly watch` over the stories of the embedded servers, held against the truth about them.

use crate::played::{Played, alarms};
use crate::screen::typed;
use crate::stopping::signal;
use crate::world::{Burst, World, run};
use jiff::Timestamp;
use orderly_local::traffic::Scenario;
use orderly_local::traffic::deed::Deed;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

impl Played {
    /// The alarms so many minutes after the trouble started: all of them one incident, about the right services.
    fn minutes_after(&mut self, minutes: i64) -> Vec<Value> {
        let incident = self.truth.incident.clone().unwrap();
        self.until(incident.starts.as_second() - self.begins + minutes * 60);
        let alarms = alarms(&self.world, "2h");
        let (services, begun): (BTreeSet<&str>, BTreeSet<String>) = alarms
            .iter()
            .map(|alarm| (alarm["project"].as_str().unwrap(), alarm["incident"]["begins"].to_string()))
            .unzip();
        assert!(services.contains(incident.services[0]), "{alarms:#?}");
        let felt = |service: &&str| incident.services.contains(service) || incident.felt_by.contains(service);
        assert!(services.iter().all(felt), "{alarms:#?}");
        assert_eq!(begun.len(), 1, "one incident: {alarms:#?}");
        for sum in alarms.iter().map(|alarm| &alarm["sum"]) {
            let number = |key: &str| sum[key].as_f64().unwrap();
            assert!(number("observed") > 2.0 * number("expected") && number("p_value") < 0.01, "{alarms:#?}");
            assert!(number("dispersion") >= 1.5 && number("window") >= 1.0, "{alarms:#?}");
            assert!(number("by_chance_a_week") <= 0.05, "{alarms:#?}");
        }
        alarms
    }
}

/// Errors of all services, and the sessions of one: what costs least.
fn errors(deed: &Deed) -> bool {
    match deed {
        Deed::Event(_) => true,
        Deed::Sessions { project, .. } => *project == "storefront",
        _ => false,
    }
}

/// The transactions of the gateway as well.
fn with_gateway(deed: &Deed) -> bool {
    errors(deed) || matches!(deed, Deed::Transaction(sent) if sent.project == "gateway")
}

/// The deploys as well.
pub fn with_deploys(deed: &Deed) -> bool {
    errors(deed) || matches!(deed, Deed::Deploy(_))
}

fn detectors(alarms: &[Value]) -> BTreeSet<&str> {
    alarms.iter().map(|alarm| alarm["detector"].as_str().unwrap()).collect()
}

/// Waits for a condition.
fn until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to that");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until Sentry has raised its alert.
fn until_open(world: &World) {
    until(|| {
        // Sentry measures once a minute.
        let clock = world.servers().clock();
        clock.set(Timestamp::from_second(clock.now().as_second() + 61).unwrap());
        let open = world.sentry(reqwest::Method::GET, "incidents/?status=open", None);
        open.as_array().is_some_and(|open| !open.is_empty())
    });
}

#[test]
fn an_outage_is_an_alarm_within_five_minutes_and_soon_a_slow_and_failing_service() {
    let mut played = Played::from(Scenario::ApiOutage, 16 * 3600, with_gateway);
    let told = played.minutes_after(5);
    assert!(detectors(&told).contains("errors"), "{told:#?}");
    let told = played.minutes_after(25);
    assert!(detectors(&told).is_superset(&BTreeSet::from(["errors", "latency", "failures"])), "{told:#?}");
}

#[test]
fn a_bad_release_is_an_alarm_within_minutes_and_its_new_issue_is_named() {
    let told = Played::from(Scenario::BadDeploy, 16 * 3600, with_deploys).minutes_after(8);
    let fresh = told.iter().find(|alarm| alarm["detector"] == "new_in_release").unwrap();
    assert!(fresh["title"].as_str().unwrap().contains("tax_region"), "{fresh:#}");
    assert!(fresh["release"].as_str().unwrap().starts_with("checkout-api@"), "{fresh:#}");
}

#[test]
fn a_quiet_week_raises_no_alarm() {
    let mut played = Played::from(Scenario::Quiet, 0, errors);
    assert_eq!(played.truth.incident, None);
    played.until(7 * 24 * 3600);
    assert_eq!(alarms(&played.world, "6d"), Vec::<Value>::new());
}

#[test]
fn an_alert_that_somebody_set_in_sentry_is_told_with_its_numbers_to_whoever_reads() {
    let world = World::start();
    let rule = json!({
        "name": "many errors", "aggregate": "count()", "dataset": "errors", "query": "", "timeWindow": 5,
        "thresholdType": 0, "projects": ["backend"],
        "triggers": [{"label": "critical", "alertThreshold": 3, "actions": []}],
    });
    drop(world.sentry(reqwest::Method::POST, "alert-rules/", Some(rule)));
    world.send(Burst { events: 9, ..Burst::default() });
    until_open(&world);
    let told = alarms(&world, "2h");
    assert_eq!(detectors(&told), BTreeSet::from(["sentry_alert"]), "{told:#?}");
    assert_eq!((&told[0]["title"], &told[0]["threshold"]), (&json!("many errors"), &json!(3.0)), "{told:#?}");
    assert!(told[0]["value"].as_f64().unwrap() > 3.0 && told[0]["incident"].is_object(), "{told:#?}");

    // Whoever reads the lines may leave.
    let mut command = world.command(&["watch", "--every", "5s"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn spans_out_of_range_are_refused_before_anything_is_asked() {
    let world = World::start();
    for wrong in [["--every", "1s"], ["--since", "30d"]] {
        let ran = world.orderly(&["watch", wrong[0], wrong[1]]).exits(2);
        assert!(ran.stderr.contains("--every is at least 5s, --since at most 12d"), "{}", ran.stderr);
    }
}

#[test]
fn a_wrong_token_and_a_server_that_is_not_there_are_said_at_once() {
    let world = World::start();
    let mut wrong = world.command(&["watch"]);
    let refused = run({
        wrong.env(
            "SENTRY_AUTH_TOKEN",
            "sntryu_0000000000000000000000000000000000000000000000000000000000000000",
        );
        wrong
    })
    .exits(3);
    assert!(refused.stderr.contains("does not accept the token"), "{}", refused.stderr);
    let config = world.config();
    let gone = config.replacen(&world.servers().ready().sentry.url, "http://127.0.0.1:9", 1);
    world.write("orderly.toml", &gone);
    let lost = world.orderly(&["watch"]).exits(1);
    assert!(lost.stderr.contains("no usable reply") && lost.stdout.is_empty(), "{lost:?}");
}

#[test]
fn it_looks_on_until_it_is_interrupted() {
    let world = World::start();
    let mut child = world.spawn(&["watch", "--every", "5s"]);
    until(|| {
        let asked = world.servers().sentry_knobs().requests();
        asked.iter().any(|request| request.path.contains("events-timeseries"))
    });
    signal(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(told, "");
}

#[test]
fn on_a_terminal_it_is_a_screen_that_is_left_with_a_key() {
    let world = World::start();
    world.crashes(1);
    for leave in ["q", "\u{3}", "SIGTERM"] {
        let command = world.command(&["watch"]);
        let ran = typed(&world, &command, &json!([["backend", leave]]));
        assert_eq!(
            (&ran["code"], &ran["restored"], &ran["left"]),
            (&json!(0), &json!(true), &json!([])),
            "{ran}"
        );
        assert!(ran["wrote"].as_str().unwrap().contains("Nothing"), "{ran}");
    }
}
