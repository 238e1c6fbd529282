//! What follows the end of an incident, against the embedded servers: a review over a story whose truth is known, and
//! actions that become items of the tracker once each.

use crate::played::Played;
use crate::watch::with_deploys;
use crate::world::{Burst, Ran, World};
use jiff::{SignedDuration, Timestamp};
use orderly_local::knobs::{Effect, Fault, Match};
use orderly_local::traffic::Scenario;
use serde_json::{Value, json};

const OWNER: &str = "owner@localhost";

/// `orderly incident …`, told by the owner at a time.
fn incident(world: &World, at: Timestamp, arguments: &[&str]) -> Ran {
    let at = at.to_string();
    let mut all = vec!["incident"];
    all.extend(arguments);
    all.extend(["--at", &at]);
    let mut command = world.command(&all);
    command.env("ORDERLY_AS", OWNER);
    crate::world::run(command)
}

#[test]
fn a_review_finds_the_release_the_pattern_and_the_alarm_that_was_possible() {
    let mut played = Played::from(Scenario::BadDeploy, 0, with_deploys);
    let truth = played.truth.incident.clone().unwrap();
    let minutes = |minutes: i64| truth.starts + SignedDuration::from_mins(minutes);
    played.until(truth.starts.as_second() - played.begins + 40 * 60);
    let world = &played.world;
    let issue = world.issues("tax_region").first().unwrap()["shortId"].as_str().unwrap().to_owned();
    let tell = |at: i64, arguments: &[&str]| incident(world, minutes(at), arguments).exits(0);
    tell(30, &["declare", &issue]);
    tell(31, &["assign", "INC-1", "commander", OWNER]);
    tell(32, &["note", "INC-1", "the release broke the tax", "--kind", "hypothesis"]);
    tell(35, &["mitigate", "INC-1", "rolled back"]);
    tell(40, &["resolve", "INC-1", "the rollback holds"]);

    let timeline = tell(41, &["timeline", "INC-1", "--json"]).json()["timeline"].clone();
    let hypothesis = timeline.as_array().unwrap().iter().find(|entry| entry["kind"] == "hypothesis").unwrap();
    let confirms = hypothesis["sequence"].to_string();
    let learn =
        ["learn", "INC-1", "the tax of a new region was never tested", "--kind", "factor", "--confirms"];
    tell(41, &[&learn[..], &[&confirms]].concat());
    let wrong = incident(world, minutes(41), &[&learn[..], &["1"]].concat()).exits(4);
    assert!(wrong.stderr.contains("entry 1 is no hypothesis"), "{}", wrong.stderr);

    let file = world.dir().join("review.html");
    let ran = tell(42, &["review", "INC-1", "--json", "--html", file.to_str().unwrap()]);
    assert!(ran.stderr.contains("missing: contributing factors: name at least two"), "{}", ran.stderr);
    let review = &ran.json()["review"];
    let metrics = &review["metrics"];
    assert_eq!((&metrics["to_acknowledge"], &metrics["to_right_hypothesis"]), (&json!(60), &json!(120)));
    assert!((1..=30 * 60).contains(&metrics["to_detect"].as_u64().unwrap()), "{metrics}");
    let changed = review["changed_before"].to_string();
    assert!(changed.contains("release checkout-api@"), "{review:#}");
    assert!(review["patterns"][0]["events"].as_u64().unwrap() > 5, "{:#}", review["patterns"]);
    let alarm = review["detection"].as_array().unwrap().iter().find(|alarm| alarm["detector"] == "errors");
    let alarm = alarm.unwrap_or_else(|| panic!("{:#}", review["detection"]));
    let by: Timestamp = alarm["fires"]["by"].as_str().unwrap().parse().unwrap();
    assert!(by > truth.starts && by <= minutes(20), "{alarm:#}");
    assert_eq!(alarm["falsely"], 0, "{alarm:#}");
    assert!(alarm["fires"]["at_least"].as_u64().unwrap() > 1, "{alarm:#}");
    assert!(review["gaps"][0].as_str().unwrap().contains("before it was declared"), "{}", review["gaps"]);
    assert_eq!(review["unseen"], json!([]));

    let page = std::fs::read_to_string(file).unwrap();
    for part in
        ["<svg ", "class=\"m deploy\"", "class=\"m alarm\"", "class=\"m declared\"", "class=\"m mitigated\""]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script") && !page.contains("src="), "{page}");
}

/// An incident with one action.
fn planned(world: &World, at: Timestamp) {
    world.send(Burst { events: 3, ..Burst::default() });
    incident(world, at, &["declare", "BACKEND-1"]).exits(0);
    let plan = ["action", "INC-1", "test amounts with a comma", "--owner", "#platform", "--due"];
    let refused = incident(world, at, &[&plan[..], &["2999-01-01"]].concat()).exits(2);
    assert!(refused.stderr.contains("--verify"), "{}", refused.stderr);
    let late = incident(world, at, &[&plan[..], &["2001-01-01", "--verify", "a test"]].concat()).exits(4);
    assert!(late.stderr.contains("an action needs a due date after the incident"), "{}", late.stderr);
    let plan = [&plan[..], &["2999-01-01", "--verify", "a test is red without it"]].concat();
    let open = incident(world, at, &plan).exits(0);
    assert!(open.stdout.contains("test amounts with a comma"), "{}", open.stdout);
}

fn digest(world: &World, at: Timestamp) -> String {
    let shown = incident(world, at, &["file", "INC-1", "--json"]).exits(0).json();
    shown["digest"].as_str().unwrap().to_owned()
}

fn filed(world: &World) -> Vec<Value> {
    let ours =
        |item: &Value| item["description"].as_str().is_some_and(|text| text.contains("Action of Orderly: "));
    world.items().into_iter().filter(ours).collect()
}

#[test]
fn an_action_becomes_one_item_whatever_the_network_does_and_is_closed_on_evidence() {
    let world = World::start();
    let now = || world.servers().clock().now();
    planned(&world, now());
    let shown = incident(&world, now(), &["file", "INC-1"]).exits(0);
    assert!(shown.stdout.contains("Verified by: a test is red without it"), "{}", shown.stdout);
    assert_eq!(filed(&world), Vec::<Value>::new(), "a preview files nothing");
    incident(&world, now(), &["file", "INC-1", "--approve", "0123456789ab"]).exits(4);

    // Never handled: nobody knows. The next run looks first, finds nothing, and sends the same again; now the reply is
    // lost, and the item is found by its id.
    let knobs = world.servers().tracker_knobs();
    let approve = |digest: &str| incident(&world, now(), &["file", "INC-1", "--approve", &digest[..12]]);
    let first = digest(&world, now());
    knobs.inject(Fault::new(Match::root_field("issueCreate"), Effect::DropConnection));
    let unknown = approve(&first).exits(1);
    assert!(unknown.stderr.contains("nobody knows whether action 1 was filed"), "{}", unknown.stderr);
    assert_eq!(filed(&world), Vec::<Value>::new());
    knobs.inject(Fault::new(Match::root_field("issueCreate"), Effect::DropReply));
    let second = digest(&world, now());
    approve(&second).exits(0);
    approve(&second).exits(0);
    let items = filed(&world);
    assert_eq!(items.len(), 1, "{items:#?}");
    assert_eq!(items[0]["title"], "test amounts with a comma");
    let nothing = incident(&world, now(), &["file", "INC-1"]).exits(0);
    assert!(nothing.stdout.contains("No action waits for an item"), "{}", nothing.stdout);

    let close = ["close", "INC-1", "1"];
    let refused = incident(&world, now(), &close).exits(4);
    assert!(refused.stderr.contains("is not completed"), "{}", refused.stderr);
    incident(&world, now(), &[&close[..], &["--evidence", " "]].concat()).exits(4);
    world.move_item(items[0]["id"].as_str().unwrap(), "completed");
    let closed = incident(&world, now(), &close).exits(0);
    assert!(closed.stdout.contains("was completed in the tracker"), "{}", closed.stdout);
    assert_eq!(incident(&world, now(), &["actions"]).exits(0).stdout.trim(), "No action is open.");
    let all = incident(&world, now(), &["actions", "--all", "--json"]).exits(0).json();
    assert_eq!(all["actions"][0]["action"]["item"], items[0]["identifier"]);
}
