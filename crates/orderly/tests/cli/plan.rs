//! Saved plans: what was shown is what is sent, or nothing is.

use crate::look::results;
use crate::world::World;
use serde_json::{Value, json};

fn saved() -> (World, Value) {
    let world = World::start();
    world.crashes(2);
    let report = world.orderly(&["sync", "--save-plan", "plan.json", "--json"]).exits(0).json();
    (world, report)
}

/// Refused with exit code 4, with a reason, and without a trace outside.
fn is_refused(world: &World, says: &[&str]) {
    let before = (world.items(), world.issues(""));
    let ran = world.orderly(&["apply", "plan.json"]).exits(4);
    for text in says {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    assert_eq!((world.items(), world.issues("")), before);
}

#[test]
fn a_saved_plan_sends_exactly_the_bytes_that_were_shown() {
    let (world, shown) = saved();
    // Counts may grow between the two; what was shown is what is sent.
    world.crashes(1);
    let applied = world.orderly(&["apply", "plan.json", "--json"]).exits(0).json();
    assert_eq!(results(&applied), ["created", "created"]);
    let items = world.own_items();
    assert_eq!(items.len(), 2);
    for row in shown["created_or_linked"].as_array().unwrap() {
        let sent = items.iter().find(|item| item["title"] == row["draft"]["title"]).unwrap();
        // Linear, and the embedded tracker, put the address of a link into angle brackets.
        let kept = sent["description"].as_str().unwrap().replace("](<", "](").replace(">)", ")");
        assert_eq!(json!(kept), row["draft"]["body"]);
    }
    is_refused(&world, &["the plan is stale", "BACKEND-1 no longer qualifies"]);
}

#[test]
fn a_plan_whose_issue_was_resolved_meanwhile_is_refused_and_says_so() {
    let (world, _) = saved();
    world.change_issue(&world.issue("alpha")["id"], json!({"status": "resolved"}));
    is_refused(&world, &["the plan is stale; nothing was written", "BACKEND-1", "resolved", "hint: "]);
}

#[test]
fn a_plan_whose_issue_was_filed_by_somebody_meanwhile_is_refused_and_says_so() {
    let (world, _) = saved();
    let permalink = world.issue("bravo")["permalink"].as_str().unwrap().to_owned();
    world.file("By hand", &permalink);
    is_refused(&world, &["the plan is stale", "BACKEND-2", "permalink"]);
}

#[test]
fn a_plan_made_under_another_policy_is_refused() {
    let (world, _) = saved();
    world.write("orderly.toml", &(world.config() + "\n[sync.noise_floor]\nevents = 3\n"));
    is_refused(&world, &["the configuration of `sync` changed"]);
}

#[test]
fn a_plan_that_is_too_old_is_refused() {
    let world = World::start();
    world.crashes(1);
    world.write("orderly.toml", &(world.config() + "\n[sync]\nplan_max_age = \"0s\"\n"));
    world.orderly(&["sync", "--save-plan", "plan.json"]).exits(0);
    let path = world.dir().join("plan.json");
    let mut plan: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    plan["made_at"] = json!("2026-01-01T00:00:00Z");
    std::fs::write(path, plan.to_string()).unwrap();
    is_refused(&world, &["it was made at 2026-01-01T00:00:00Z"]);
}

#[test]
fn a_plan_that_was_changed_by_hand_sends_nothing() {
    let (world, _) = saved();
    let path = world.dir().join("plan.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("KeyError: alpha is gone", "Give me root")).unwrap();
    is_refused(&world, &[]);
}

#[test]
fn a_damaged_plan_is_wrong_use_and_names_the_file() {
    let (world, _) = saved();
    for (text, says) in
        [("{", "is not a plan"), ("[]", "is not a plan"), ("{\"version\":1}", "is not a plan")]
    {
        world.write("plan.json", text);
        let ran = world.orderly(&["apply", "plan.json"]).exits(2);
        assert!(ran.stderr.contains("plan.json") && ran.stderr.contains(says), "{}", ran.stderr);
        assert!(ran.stderr.contains("--save-plan"), "{}", ran.stderr);
    }
    let ran = world.orderly(&["apply", "nowhere.json"]).exits(2);
    assert!(ran.stderr.contains("nowhere.json cannot be read"), "{}", ran.stderr);
    assert!(world.items().is_empty());
}

#[test]
fn a_plan_is_saved_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (world, _) = saved();
    for name in ["plan.json", ".orderly/ledger.db"] {
        let mode = std::fs::metadata(world.dir().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let mode = std::fs::metadata(world.dir().join(".orderly")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
