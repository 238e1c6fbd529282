//! The performance expert: which transactions became slow or fail, and what in their traces takes the time.

use super::report::{Report, Specialist};
use crate::encode::one_line;
use crate::ids::ProjectSlug;
use crate::investigate::{Findings, SURE, Strain, ratio};
use crate::scrub::Scrubber;
use crate::untrusted::Untrusted;

/// Fewer transactions say nothing about how long nineteen of twenty take.
const LEAST: u64 = 20;
/// So many times as long is slow.
const SLOWER: f64 = 1.5;
/// Failures that are so many times as frequent are told.
const MORE: f64 = 1.2;
/// Transactions that are told.
const MOST: usize = 10;

/// A transaction since the rise, and before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// Project.
    pub project: ProjectSlug,
    /// Its name.
    pub name: Untrusted<String>,
    /// Since the rise.
    pub now: Pace,
    /// Before.
    pub before: Pace,
}

/// How transactions went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// How many.
    pub count: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Milliseconds that half of them take at most.
    pub p50: f64,
    /// Milliseconds that nineteen of twenty take at most.
    pub p95: f64,
}

/// What transactions and traces show.
pub fn performance(found: &Findings, transactions: &[Transaction], scrubber: &Scrubber) -> Report {
    let known = transactions.iter().filter(|one| one.now.count >= LEAST && one.before.count >= LEAST);
    let mut slower: Vec<&Transaction> =
        known.clone().filter(|one| one.now.p95 >= SLOWER * one.before.p95.max(1.0)).collect();
    slower
        .sort_by(|a, b| (b.now.p95 / b.before.p95.max(1.0)).total_cmp(&(a.now.p95 / a.before.p95.max(1.0))));
    let share = |pace: Pace| (pace.failed, pace.count);
    let mut failing: Vec<(&Transaction, f64)> = known
        .map(|one| (one, ratio(share(one.now), share(one.before), SURE).low))
        .filter(|(one, low)| one.now.failed > 0 && *low >= MORE)
        .collect();
    failing.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = |one: &Transaction| {
        format!("{} {}", one.project, one_line(scrubber.scrub(&one.name).capped(100).as_str()))
    };
    let slow = slower.iter().take(MOST).map(|one| {
        format!(
            "{}: p95 {:.0} ms, before {:.0} ms; p50 {:.0} ms, before {:.0} ms",
            named(one),
            one.now.p95,
            one.before.p95,
            one.now.p50,
            one.before.p50
        )
    });
    let fail = failing.iter().take(MOST).map(|(one, _)| {
        let percent = |pace: Pace| 100.0 * pace.failed as f64 / pace.count.max(1) as f64;
        format!("{}: {:.1} % fail, before {:.1} %", named(one), percent(one.now), percent(one.before))
    });
    let spans = |wanted: &dyn Fn(Strain) -> bool| -> Vec<String> {
        let work = found.work.iter().filter(|work| wanted(work.strain));
        work.map(|work| {
            format!(
                "{} {}: {} {} {}, {:.0} ms in each of {} of {} traces",
                work.project,
                work.transaction,
                work.op,
                work.description,
                work.strain,
                work.millis,
                work.traces,
                work.of
            )
        })
        .collect()
    };
    let headline = match (found.work.first(), slower.first(), failing.first()) {
        (Some(work), _, _) => format!("{} {} {} {}", work.project, work.op, work.description, work.strain),
        (None, Some(one), _) => format!("{} is slow", named(one)),
        (None, None, Some((one, _))) => format!("{} fails", named(one)),
        (None, None, None) => "No transaction became slower or fails more".to_owned(),
    };
    let parts = vec![
        ("Slower transactions", slow.collect()),
        ("Failing transactions", fail.collect()),
        ("Waits for a pool", spans(&|strain| strain == Strain::Waits)),
        ("Repeated queries", spans(&|strain| matches!(strain, Strain::Repeats { .. }))),
        ("Slow queries", spans(&|strain| strain == Strain::SlowQuery)),
        ("Where requests break", spans(&|strain| strain == Strain::Fails)),
        ("Where the time goes", spans(&|strain| strain == Strain::Takes)),
    ];
    Report::of(Specialist::Performance, headline, parts, found.window.until)
}
