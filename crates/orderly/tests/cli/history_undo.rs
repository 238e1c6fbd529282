//! What was done can be looked up, and taken back as far as that is possible.

use crate::world::{World, bare, run};
use serde_json::json;

fn applied() -> (World, String) {
    let world = World::start();
    world.crashes(2);
    let permalink = world.issue("bravo")["permalink"].as_str().unwrap().to_owned();
    world.file("By hand", &permalink);
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    let run = report["run"].as_str().unwrap().to_owned();
    (world, run)
}

#[test]
fn every_run_stands_in_the_history_with_its_report() {
    let (world, applied) = applied();
    drop(world.orderly(&["sync"]).exits(0));
    let list = world.orderly(&["history"]).exits(0);
    let lines: Vec<&str> = list.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", list.stdout);
    assert!(lines[1].contains("preview") && lines[2].contains("apply"), "{}", list.stdout);
    assert!(lines[2].contains(&applied) && lines[2].contains("2 created or linked"), "{}", list.stdout);
    let one = world.orderly(&["history", &applied]).exits(0);
    assert!(
        one.stdout.contains("## Created Or Linked") && one.stdout.contains("created PLAT-2"),
        "{}",
        one.stdout
    );
    let json = world.orderly(&["history", &applied, "--json"]).exits(0).json();
    assert_eq!(json["report"]["run"], json!(applied));
    let unknown = world.orderly(&["history", "yesterday"]).exits(2);
    assert!(unknown.stderr.contains("no run `yesterday`"), "{}", unknown.stderr);
}

#[test]
fn a_folder_without_runs_has_an_empty_history_and_gets_no_ledger_from_looking() {
    let dir = tempfile::TempDir::new().unwrap();
    let ran = run(bare(dir.path(), &["history"])).exits(0);
    assert!(ran.stdout.starts_with("No run yet."), "{}", ran.stdout);
    assert_eq!(run(bare(dir.path(), &["history", "--json"])).exits(0).json(), json!({"runs": []}));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn undo_trashes_what_the_run_created_detaches_what_it_linked_and_says_what_stays() {
    let (world, applied) = applied();
    let ran = world.orderly(&["undo", &applied, "--yes"]).exits(0);
    assert!(ran.stdout.contains("PLAT-2: moved to the trash"), "{}", ran.stdout);
    assert!(ran.stdout.contains("PLAT-1: attachment removed"), "{}", ran.stdout);
    let items = world.items();
    let find = |key: &str| items.iter().find(|item| item["identifier"] == key).unwrap();
    assert_eq!(find("PLAT-2")["trashed"], true);
    assert_ne!(find("PLAT-1")["trashed"], true);
    assert_eq!(find("PLAT-1")["attachments"]["nodes"], json!([]));
    let again = world.orderly(&["undo", &applied, "--yes"]).exits(0);
    assert!(!again.stdout.contains("moved to the trash"), "{}", again.stdout);
}

#[test]
fn undo_leaves_an_item_that_somebody_worked_on() {
    let (world, applied) = applied();
    let own = world.own_items().remove(0);
    world.move_item(own["id"].as_str().unwrap(), "started");
    let ran = world.orderly(&["undo", &applied, "--yes"]).exits(0);
    assert!(ran.stdout.contains("stays: "), "{}", ran.stdout);
    assert_ne!(world.own_items().remove(0)["trashed"], true);
}

#[test]
fn undo_asks_first_and_does_nothing_unasked() {
    let (world, applied) = applied();
    let ran = world.orderly(&["undo", &applied]).exits(4);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert_ne!(world.own_items().remove(0)["trashed"], true);
    let unknown = world.orderly(&["undo", "yesterday", "--yes"]).exits(2);
    assert!(unknown.stderr.contains("yesterday"), "{}", unknown.stderr);
}
