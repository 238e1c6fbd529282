//! Each story from its first alarm to its review: `orderly watch`, `incident declare`, `investigate`, `options`, `try`, `effect`,
//! `review`, held against the truth.

use crate::mitigated::{Attempt, attempts, configure, effect, incident, left, options, review, try_out};
use crate::played::{Played, alarms};
use jiff::Timestamp;
use orderly_local::traffic::Scenario;
use orderly_local::traffic::deed::Deed;
use orderly_local::traffic::scenario::Cause;
use serde_json::{Value, json};

/// Minutes after the beginning at which somebody looks.
const LOOKS: [i64; 7] = [5, 10, 15, 20, 30, 35, 40];
/// Minutes from the first alarm to the investigation.
const LATER: i64 = 10;

/// A story that was handled.
struct Handled {
    played: Played,
    /// Minutes from the beginning to the first alarm.
    delay: i64,
    investigation: Value,
}

/// What costs little: errors, one service's sessions, and everything that changes.
fn cheap(deed: &Deed) -> bool {
    match deed {
        Deed::Event(_) | Deed::Deploy(_) | Deed::Flag(_) => true,
        Deed::Sessions { project, .. } => *project == "storefront",
        _ => false,
    }
}

/// The transactions of the gateway as well: they show whom it serves.
fn with_gateway(deed: &Deed) -> bool {
    cheap(deed) || matches!(deed, Deed::Transaction(sent) if sent.project == "gateway")
}

/// The transactions of the checkout as well: they become slow before they fail.
fn with_checkout(deed: &Deed) -> bool {
    cheap(deed) || matches!(deed, Deed::Transaction(sent) if sent.project == "checkout-api")
}

fn everything(_: &Deed) -> bool {
    true
}

/// The issues of a project with most errors in the last hour.
fn leading(played: &Played, project: &str) -> Vec<String> {
    let path = format!("issues/?project={project}&query=is%3Aunresolved&sort=freq&statsPeriod=1h&limit=2");
    let found = played.world.sentry(reqwest::Method::GET, &path, None);
    let issues = found.as_array().unwrap().iter();
    issues.map(|issue| issue["shortId"].as_str().unwrap().to_owned()).collect()
}

fn handle(scenario: Scenario, before: fn(&Deed) -> bool) -> Handled {
    let mut played = Played::from(scenario, 16 * 3600, before);
    configure(&played.world);
    let truth = played.truth.incident.clone().unwrap();
    let starts = truth.starts.as_second() - played.begins;
    played.until(starts - 1800);
    played.counted = everything;
    let delay = LOOKS.into_iter().find(|minutes| {
        played.until(starts + minutes * 60);
        let told = alarms(&played.world, "2h");
        told.iter().any(|alarm| truth.services.iter().any(|service| alarm["project"] == *service))
    });
    let delay = delay.expect("an alarm within forty minutes");
    played.until(starts + (delay + LATER) * 60);
    let issues = leading(&played, truth.services[0]);
    let mut declare = vec!["declare", "--json"];
    declare.extend(issues.iter().map(String::as_str));
    let declared = incident(&played, &declare).exits(0).json()["incident"].clone();
    // Each of them stops people from paying or from signing in, more than one of ten.
    assert_eq!(declared["severity"], "SEV1", "{declared:#}");
    let asked = ["investigate", "INC-1", "--tell", "--json"];
    let investigation = incident(&played, &asked).exits(0).json()["investigation"].clone();
    assert_eq!(investigation["gaps"], json!([]), "{investigation:#}");
    // The rise is found within one bin of five minutes, or two where it is slow.
    let onset: Timestamp = investigation["onset"].as_str().unwrap().parse().unwrap();
    assert!((onset.as_second() - truth.starts.as_second()).abs() <= 600, "{onset} {}", truth.starts);
    Handled { played, delay, investigation }
}

/// The right change is named first.
fn names(handled: &Handled) {
    let truth = handled.played.truth.incident.as_ref().unwrap();
    let found = &handled.investigation;
    let right = match &truth.cause {
        Cause::Deploy { release, .. } => release.clone(),
        Cause::Flag { flag } => (*flag).to_owned(),
        Cause::Outside { .. } | Cause::Attack { .. } => unreachable!("no change is right"),
    };
    assert_eq!(found["named"], "change", "{found:#}");
    assert!(found["changes"][0]["what"].as_str().unwrap().starts_with(&right), "{found:#}");
}

/// The option that is to be tried first; nothing was tried yet.
fn first(handled: &Handled) -> Value {
    let options = options(&handled.played);
    let Value::Object(first) = &options[0] else { unreachable!("an option is an object") };
    assert!(options.iter().all(|option| option["tried"].is_null()));
    Value::Object(first.clone())
}

/// Every specialist has something to say, each about its own.
fn reports(handled: &Handled) {
    for (specialist, part) in [
        ("commander", "## Due"),
        ("errors", "## Hypotheses"),
        ("performance", "ms"),
        ("release", "## How releases fare"),
    ] {
        let told = incident(&handled.played, &["report", specialist, "INC-1"]).exits(0).stdout;
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn an_outage_is_severe_and_blamed_on_no_change_with_the_cells_it_hits_and_ends_when_they_are_drained() {
    let mut handled = handle(Scenario::ApiOutage, with_gateway);
    assert!(handled.delay <= 5);
    assert_eq!(handled.investigation["named"], "none_of_these");
    let lifts = handled.investigation["lifts"].as_array().unwrap();
    let cells: Vec<&Value> =
        lifts.iter().filter(|lift| lift["key"] == "cell").map(|lift| &lift["value"]).collect();
    assert_eq!(cells.len(), 2, "{lifts:#?}");
    let joined = handled.investigation["joins"].as_array().unwrap().iter();
    assert!(
        joined.clone().any(|join| join["project"] == "storefront" && join["key"] == "trace"),
        "{joined:#?}"
    );
    let drain = first(&handled);
    assert_eq!(
        (&drain["name"], &drain["evidence"]["strength"]),
        (&json!("drain"), &json!("shown")),
        "{drain:#}"
    );
    let expect = "below 20/h by 14m";
    let tried = ["restart", "shift", "drain"].map(|option| Attempt { option, expect });
    attempts(&mut handled.played, &tried);
    for file in ["restarted-gateway", "shifted-half", "drained"] {
        assert!(left(&handled.played, file), "{file}");
    }
    review(&handled.played);
}

#[test]
fn a_pool_that_runs_dry_is_blamed_on_no_change_and_ends_when_what_holds_it_is_stopped() {
    let mut handled = handle(Scenario::PoolExhaustion, with_checkout);
    // It begins with three of a hundred requests, of a few a minute.
    assert!(handled.delay <= 40);
    assert_eq!(handled.investigation["named"], "none_of_these", "{:#}", handled.investigation);
    let work = handled.investigation["work"].as_array().unwrap();
    assert!(work.iter().any(|work| work["strain"] == "waits" && work["op"] == "db.pool"), "{work:#?}");
    let stop = first(&handled);
    assert_eq!((&stop["name"], &stop["command"]), (&json!("stop-reports"), &json!("by hand")), "{stop:#}");
    let expect = "below 10/h by 20m";
    attempts(&mut handled.played, &["restart", "stop-reports"].map(|option| Attempt { option, expect }));
    review(&handled.played);
}

#[test]
fn a_bad_release_is_named_among_others_of_the_same_hour_and_rolled_back() {
    let mut handled = handle(Scenario::BadDeploy, cheap);
    assert!(handled.delay <= 10);
    names(&handled);
    reports(&handled);
    let work = handled.investigation["work"].as_array().unwrap();
    assert!(work.iter().any(|work| work["strain"] == "repeats"), "{work:#?}");
    let truth = handled.played.truth.clone();
    let ends = truth.incident.as_ref().unwrap().ends;
    let before = &truth.deploys.iter().find(|deploy| deploy.at == ends).unwrap().release;
    let roll_back = first(&handled);
    assert_eq!(roll_back["command"], json!(format!("touch rolled-back-to-{before}")), "{roll_back:#}");
    assert_eq!(roll_back["evidence"]["strength"], "named");
    attempts(&mut handled.played, &[Attempt { option: "roll-back", expect: "below 20/h by 15m" }]);
    assert!(left(&handled.played, &format!("rolled-back-to-{before}")));
    let review = review(&handled.played);
    assert!(review["tried"][0].as_str().unwrap().contains("worked: "), "{:#}", review["tried"]);
}

#[test]
fn a_bad_flag_is_named_with_its_odds_and_what_does_nothing_before_it_is_off_is_not_said_to_work() {
    let mut handled = handle(Scenario::BadFlag, cheap);
    assert!(handled.delay <= 15);
    names(&handled);
    let flags = handled.investigation["flags"].as_array().unwrap();
    let flag = flags.iter().find(|flag| flag["flag"] == "express-checkout").unwrap();
    assert!(flag["odds"]["low"].as_f64().unwrap() > 1.0, "{flag:#}");
    let off = first(&handled);
    assert_eq!(off["command"], "touch switched-off-express-checkout", "{off:#}");

    // Somebody rolls a release back that has nothing to do with it: that does nothing, and is taken back.
    let played = &mut handled.played;
    let starts = played.truth.incident.as_ref().unwrap().starts.as_second() - played.begins;
    let wrong = try_out(played, &Attempt { option: "roll-back", expect: "below 5/h by 15m" });
    assert_eq!(wrong["state"], "done", "{wrong:#}");
    played.until(starts + 49 * 60);
    let (verdict, told) = effect(played, "1");
    assert_eq!(verdict, "no", "{told:#}");
    let undo = ["undo", "INC-1", "1", "--json"];
    let shown = incident(played, &undo).exits(0).json();
    assert_eq!(shown["trial"], Value::Null);
    let approve = [&undo[..], &["--approve", shown["digest"].as_str().unwrap()]].concat();
    assert_eq!(incident(played, &approve).exits(0).json()["trial"]["state"], "taken_back");
    attempts(played, &[Attempt { option: "flag-off", expect: "below 20/h by 15m" }]);
    assert!(left(played, "switched-off-express-checkout"));
    review(played);
}

#[test]
fn an_attack_is_read_as_one_its_incident_is_restricted_and_its_addresses_are_blocked() {
    let mut handled = handle(Scenario::AuthAttack, cheap);
    assert!(handled.delay <= 10);
    assert_eq!(handled.investigation["named"], "attack", "{:#}", handled.investigation);
    let attack = &handled.investigation["attack"];
    let Cause::Attack { sources } = &handled.played.truth.incident.as_ref().unwrap().cause else {
        unreachable!("the story is an attack");
    };
    let leading = attack["leading"].as_array().unwrap();
    assert!(leading.iter().all(|one| sources.contains(&one[0].as_str().unwrap().to_owned())), "{attack:#}");

    // What everybody hears has no details; the log has them, once.
    let told = |arguments: &[&str]| incident(&handled.played, arguments).exits(0).stdout;
    let (all, few) = (told(&["comms", "INC-1"]), told(&["comms", "INC-1", "--restricted"]));
    assert!(all.contains("details are in the restricted channel") && !all.contains("ACCOUNTS-"), "{all}");
    assert!(few.contains("ACCOUNTS-"), "{few}");
    let timeline = ["timeline", "INC-1", "--restricted"];
    let before = told(&timeline);
    assert!(before.contains("restricted to its own channel") && before.contains("an attack"), "{before}");
    let all = told(&["timeline", "INC-1"]);
    assert!(!all.contains("an attack") && !all.contains("ACCOUNTS-"), "{all}");
    told(&["investigate", "INC-1", "--tell"]);
    assert_eq!(told(&timeline), before);

    let block = first(&handled);
    assert_eq!(
        (&block["name"], &block["evidence"]["strength"]),
        (&json!("block"), &json!("named")),
        "{block:#}"
    );
    let sources = sources.clone();
    attempts(&mut handled.played, &[Attempt { option: "block", expect: "below 30/h by 15m" }]);
    assert!(
        left(&handled.played, "blocked")
            && sources.iter().filter(|one| left(&handled.played, one)).count() >= 10
    );
    review(&handled.played);
}
