//! How quickly an error is compared with everything that is tracked.

use crate::crashes::{Crashes, Draw};
use crate::program::memory_now;
use crate::start::milliseconds;
use crate::table::Row;
use orderly_core::backlog::LEAST_NAMED;
use orderly_core::similar::{Index, Signature};
use orderly_eval::metrics::quantile;
use std::hint::black_box;
use std::time::{Duration, Instant};

const FEW: u32 = 10_000;
const MANY: u32 = 1_000_000;
const QUERIES: usize = 1_000;
/// Candidates that an answer names; a sync asks for as many.
const NAMED: usize = 5;
/// Signatures that are made before they are inserted, so that making them is not measured.
const BATCH: u32 = 10_000;

const P50_TARGET_MS: f64 = 1.0;
const P99_TARGET_MS: f64 = 10.0;
const BUILD_TARGET: f64 = 50_000.0;

/// Builds an index of 10,000 items and one of a million, and asks each with errors that are known and errors that are new.
pub fn measure() -> Vec<Row> {
    let mut rows = measured(FEW, "10,000", |p50, p99| {
        [
            Row::at_most("query p50 of 10,000 items", p50, P50_TARGET_MS, " ms"),
            Row::told("query p99 of 10,000 items", format!("{p99:.2} ms")),
        ]
    });
    rows.extend(measured(MANY, "1,000,000", |p50, p99| {
        [
            Row::told("query p50 of 1,000,000 items", format!("{p50:.2} ms")),
            Row::at_most("query p99 of 1,000,000 items", p99, P99_TARGET_MS, " ms"),
        ]
    }));
    rows
}

/// One size; `told` makes rows of the median and the 99th percentile.
fn measured(items: u32, named: &str, told: impl Fn(f64, f64) -> [Row; 2]) -> Vec<Row> {
    let before = memory_now();
    let (index, building, reading) = built(items);
    let memory = before.zip(memory_now()).map(|(before, after)| after.saturating_sub(before));
    let [mut again, mut new] = [Draw::Again, Draw::New].map(|draw| asked(&index, draw));
    let mut all: Vec<Duration> = again.iter().chain(&new).copied().collect();
    let at = |times: &mut [Duration], share| milliseconds(quantile(times, share));
    let mut rows = Vec::from(told(at(&mut all, 0.5), at(&mut all, 0.99)));
    for (draw, times) in [("known", &mut again), ("new", &mut new)] {
        let [p50, p99, longest] = [0.5, 0.99, 1.0].map(|share| at(times, share));
        let numbers = format!("{p50:.2} ms, {p99:.2} ms, {longest:.2} ms");
        rows.push(Row::told(format!("... {draw} errors: p50, p99, longest"), numbers));
    }
    let per_second = |time: Duration| f64::from(items) / time.as_secs_f64();
    let what = format!("index built of {named} items");
    rows.push(Row::at_least(what, per_second(building), BUILD_TARGET, " items/s"));
    let numbers = format!("{:.0} items/s", per_second(reading));
    rows.push(Row::told("... cutting what the ledger keeps into parts", numbers));
    let each = memory.map_or_else(|| "-".to_owned(), |bytes| format!("{} bytes", bytes / u64::from(items)));
    rows.push(Row::told("... memory an item", each));
    rows
}

/// The index, how long inserting took, and how long it took to cut what the ledger keeps into parts.
fn built(items: u32) -> (Index<u32>, Duration, Duration) {
    let mut crashes = Crashes::new(1);
    let mut index = Index::default();
    let (mut building, mut reading) = (Duration::ZERO, Duration::ZERO);
    for batch in 0..items / BATCH {
        let facts: Vec<_> = (0..BATCH).map(|_| crashes.draw(Draw::Tracked)).collect();
        let begun = Instant::now();
        let signatures: Vec<Signature> = facts.into_iter().map(Signature::from).collect();
        reading += begun.elapsed();
        let begun = Instant::now();
        for (nth, signature) in (0..).zip(&signatures) {
            index.insert(batch * BATCH + nth, signature);
        }
        building += begun.elapsed();
    }
    (index, building, reading)
}

fn asked(index: &Index<u32>, draw: Draw) -> Vec<Duration> {
    let mut crashes = Crashes::new(2);
    let ask = |_| {
        let asked = Signature::from(crashes.draw(draw));
        let begun = Instant::now();
        black_box(index.nearest(&asked, NAMED, LEAST_NAMED.score()));
        begun.elapsed()
    };
    (0..QUERIES / 2).map(ask).collect()
}
