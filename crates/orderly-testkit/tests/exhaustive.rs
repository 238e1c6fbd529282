//! Every crash point and every outcome of every request, in small worlds, up to a number of unusual things in one schedule.

#![expect(clippy::print_stdout, reason = "how much was tried belongs to the result")]

use orderly_core::sync::policy::{MaxCreates, SyncPolicy};
use orderly_core::sync::snapshot::RepeatedIds;
use orderly_testkit::dice::Script;
use orderly_testkit::sim::scenario::{Links, Runners, Scenario, Weather};
use orderly_testkit::sim::{Bug, Memo, Trace, run_after};
use std::time::Instant;

/// Everything that can happen to a request, and a crash before and after each; weights only say "possible".
const ALL_FAULTS: Weather = Weather {
    never: 1,
    reply_lost: 1,
    late: 1,
    twice: 1,
    limited: 1,
    blind: 0,
    ledger: 1,
    crash: 2,
    lost_commit: 500,
    person: 0,
    jump: 0,
    interrupt: 1,
    refusal: 0,
};

fn world(issues: u64, runners: Runners, repeated: RepeatedIds, steps: u32) -> Scenario {
    let max_creates = MaxCreates::try_from(2).expect("2 lies within the bounds");
    Scenario {
        issues,
        runners,
        repeated,
        search_lag: 0,
        policy: SyncPolicy { max_creates, ..SyncPolicy::default() },
        refused: None,
        links: Links::Taken,
        weather: ALL_FAULTS,
        steps,
    }
}

/// Runs every schedule; says how many there are.
fn every(scenario: &Scenario, depth: usize, bug: Option<Bug>) -> Result<u64, (u64, String)> {
    let mut script = Script::new(depth);
    let mut memo = Memo::default();
    let mut count = 0;
    loop {
        count += 1;
        let report = run_after(scenario.clone(), bug, Trace::Off, &mut script, &mut memo);
        if let Some(violation) = report.violation {
            return Err((count, format!("{violation:?} with the unusual choices {:?}", script.unusual())));
        }
        match script.next() {
            Some(next) => script = next,
            None => return Ok(count),
        }
    }
}

fn sweep(what: &str, scenario: &Scenario, depth: usize, least: u64) {
    let began = Instant::now();
    let count =
        every(scenario, depth, None).unwrap_or_else(|(count, why)| panic!("{what}: schedule {count}: {why}"));
    println!(
        "{what}: all {count} schedules with at most {depth} faults, 0 violations, {:?}",
        began.elapsed()
    );
    assert!(count >= least, "only {count} schedules: the enumeration lost something");
}

#[test]
fn one_item_survives_every_combination_of_three_faults_and_crashes() {
    sweep("one item", &world(1, Runners::One, RepeatedIds::Refused, 40), 3, 10_000);
}

#[test]
fn one_item_survives_every_two_faults_on_a_tracker_that_merges_repeated_ids() {
    sweep("one item, merging tracker", &world(1, Runners::One, RepeatedIds::Merged, 40), 2, 500);
}

#[test]
fn two_items_survive_every_combination_of_two_faults_and_crashes() {
    sweep("two items", &world(2, Runners::One, RepeatedIds::Refused, 60), 2, 1_000);
}

#[test]
fn one_item_and_two_machines_survive_every_combination_of_two_faults_and_crashes() {
    sweep("one item, two ledgers", &world(1, Runners::TwoApart, RepeatedIds::Refused, 60), 2, 1_000);
    sweep("one item, shared ledger", &world(1, Runners::TwoSharing, RepeatedIds::Refused, 60), 2, 1_000);
}

#[test]
fn two_faults_are_enough_to_show_the_bugs_of_the_creation_protocol() {
    for bug in [
        Bug::SkipIntent,
        Bug::NewIdOnRepeat,
        Bug::HiddenRetry,
        Bug::UnknownIsRefused,
        Bug::UnknownIsCreated,
        Bug::RepeatWithoutLooking,
    ] {
        let found = every(&world(1, Runners::One, RepeatedIds::Refused, 40), 2, Some(bug));
        let (after, why) = found.expect_err("a planted bug must be found");
        println!("{bug:?}: found after {after} schedules: {why}");
    }
}
