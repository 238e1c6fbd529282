//! The real core under injected faults: no duplicate, nothing lost, the cap never passed, Sentry never changed.
//!
//! `ORDERLY_SIM_SEED=1234 cargo nextest run -p orderly-testkit --test simulator one_seed_again --no-capture` prints one
//! schedule step by step. `ORDERLY_SIM_SCHEDULES=1000000` runs more of each kind.

#![expect(clippy::print_stdout, reason = "how much was tried belongs to the result")]

use orderly_testkit::dice::Seeded;
use orderly_testkit::sim::scenario::{Runners, Scenario};
use orderly_testkit::sim::{Bug, Report, Trace, run};
use std::time::Instant;

const KINDS: [Runners; 3] = [Runners::One, Runners::TwoSharing, Runners::TwoApart];

fn schedules(usually: u64) -> u64 {
    std::env::var("ORDERLY_SIM_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(usually)
}

fn one(seed: u64, runners: Runners, bug: Option<Bug>, trace: Trace) -> Report {
    run(Scenario::drawn(seed, runners), bug, trace, &mut Seeded::new(seed))
}

/// Runs `count` seeds and fails with the first that breaks something. Every hundredth runs twice, traced.
fn sweep(runners: Runners, first: u64, count: u64) {
    let began = Instant::now();
    let mut sum = [0_u64; 5];
    for seed in first..first + count {
        let report = one(seed, runners, None, Trace::Off);
        if let Some(violation) = report.violation {
            let trace = one(seed, runners, None, Trace::Kept).trace.join("\n");
            panic!(
                "{trace}\n\nseed {seed} with {runners:?}: {violation:?}\nagain: ORDERLY_SIM_SEED={seed} cargo nextest run -p orderly-testkit one_seed_again --no-capture"
            );
        }
        if seed % 100 == 0 {
            let (first, again) =
                (one(seed, runners, None, Trace::Kept), one(seed, runners, None, Trace::Kept));
            assert!(
                first == again && first.steps == report.steps,
                "seed {seed} with {runners:?} has two traces"
            );
        }
        let counts = [
            report.steps as usize,
            report.runs as usize,
            report.created,
            report.later_lives,
            report.comments,
        ];
        for (sum, count) in sum.iter_mut().zip(counts) {
            *sum += count as u64;
        }
    }
    let [steps, runs, created, later, comments] = sum;
    println!(
        "{count} schedules with {runners:?}: {steps} steps, {runs} runs, {created} items ({later} for issues that came back), \
         {comments} comments, 0 violations, {:?}",
        began.elapsed()
    );
    // A sweep in which these never happen shows nothing about them.
    assert!(
        count < 1000 || (created > count / 2 && later > 0 && comments > 0),
        "the schedules do too little"
    );
}

#[test]
fn one_runner_files_each_issue_once_under_faults() {
    sweep(Runners::One, 0, schedules(34_000));
}

#[test]
fn two_runners_on_one_ledger_file_each_issue_once_under_faults() {
    sweep(Runners::TwoSharing, 1_000_000, schedules(34_000));
}

#[test]
fn two_runners_with_a_ledger_each_file_each_issue_once_under_faults() {
    sweep(Runners::TwoApart, 2_000_000, schedules(34_000));
}

#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let most = 3_000;
        let found = (0..most).find_map(|seed| {
            let runners = KINDS[usize::try_from(seed).unwrap_or(0) % 3];
            one(seed, runners, Some(bug), Trace::Off).violation.map(|violation| (seed + 1, violation))
        });
        match found {
            Some((after, violation)) => println!("{bug:?}: found after {after} schedules: {violation:?}"),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[test]
fn one_seed_again() {
    let Some(seed) = std::env::var("ORDERLY_SIM_SEED").ok().and_then(|seed| seed.parse().ok()) else {
        return;
    };
    for runners in KINDS {
        let report = one(seed, runners, None, Trace::Kept);
        println!("{runners:?}\n{}\n{:?}", report.trace.join("\n"), report.violation);
    }
}
