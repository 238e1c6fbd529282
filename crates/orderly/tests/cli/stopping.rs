//! Runs that are stopped, meet each other, or lose whoever reads them.

use crate::look::results;
use crate::world::World;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

pub fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits until the tracker is asked for this.
fn until_asked(world: &World, field: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while world.asked(field) == 0 {
        assert!(Instant::now() < deadline, "nobody asked for {field}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn ctrl_c_stops_at_a_safe_point_and_the_next_run_finishes() {
    let world = World::start();
    world.crashes(3);
    world.servers().tracker_knobs().set_latency(Duration::from_millis(200));
    let mut child = world.spawn(&["sync", "--apply"]);
    until_asked(&world, "issueCreate");
    signal(&child, Signal::INT);
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    let mut report = String::new();
    child.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{told}");
    assert!(told.contains("stopping at the next safe point"), "{told}");
    assert!(report.contains("## Created Or Linked"), "{report}");

    world.servers().tracker_knobs().set_latency(Duration::ZERO);
    drop(world.orderly(&["sync", "--apply"]).exits(0));
    drop(world.orderly(&["sync", "--apply"]).exits(0));
    assert_eq!(world.own_items().len(), 3);
    for issue in world.issues("is:unresolved") {
        assert_eq!(world.external_issues(&issue["id"]).len(), 1);
    }
    assert_eq!(world.ledger_says("SELECT COUNT(*) FROM ledger_journal WHERE is_open = 1"), ["0"]);
}

#[test]
fn ctrl_c_before_anything_is_written_says_so() {
    let world = World::start();
    world.crashes(1);
    world.servers().tracker_knobs().set_latency(Duration::from_millis(500));
    let mut child = world.spawn(&["sync", "--apply"]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while world.servers().tracker_knobs().request_count() == 0 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(2));
    }
    signal(&child, Signal::INT);
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{told}");
    assert!(told.contains("stopped before anything was written"), "{told}");
    assert!(world.items().is_empty());
}

#[test]
fn of_two_runs_at_once_one_refuses_and_nothing_is_filed_twice() {
    let world = World::start();
    world.crashes(2);
    world.servers().tracker_knobs().set_latency(Duration::from_millis(100));
    let mut first = world.spawn(&["sync", "--apply"]);
    until_asked(&world, "teams");
    let refused = world.orderly(&["sync", "--apply"]).exits(4);
    assert!(refused.stderr.contains("another run"), "{}", refused.stderr);
    assert!(refused.stderr.contains("orderly history"), "{}", refused.stderr);
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(world.own_items().len(), 2);
    world.servers().tracker_knobs().set_latency(Duration::ZERO);
    let next = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(next["created_or_linked"], json!([]));
}

#[test]
fn a_preview_is_possible_while_another_run_applies() {
    let world = World::start();
    world.crashes(1);
    world.servers().tracker_knobs().set_latency(Duration::from_millis(100));
    let mut first = world.spawn(&["sync", "--apply"]);
    until_asked(&world, "teams");
    drop(world.orderly(&["sync"]).exits(0));
    assert_eq!(first.wait().unwrap().code(), Some(0));
}

#[test]
fn a_closed_pipe_is_success() {
    let world = World::start();
    world.crashes(3);
    for arguments in [&["sync"][..], &["sync", "--json"], &["history"], &["completions", "bash"], &["man"]] {
        let mut command = world.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}: {told}");
        assert!(!told.contains("panicked") && !told.contains("error:"), "{arguments:?}: {told}");
    }
}

#[test]
fn output_that_cannot_be_written_is_told_and_what_was_done_stays_done() {
    let world = World::start();
    world.crashes(1);
    let mut command = world.command(&["sync", "--apply"]);
    command.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("stdout cannot be written"), "{told}");
    let next = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert!(results(&next).is_empty());
    assert_eq!(world.own_items().len(), 1);
}
