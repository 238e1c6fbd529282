//! The effect of a trial: what was counted before it and since, by the calibrated test of [`crate::effect`]. What is compared
//! is fixed when it is tried; only time moves on.

use super::step::Promise;
use crate::effect::{self, Effect, Expectation, Windows};
use crate::incident::clock::plus;
use crate::time::{Now, Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// In how many of the counted bins one bin of the test is, at most an hour of five minutes.
const GROUPS: [usize; 5] = [1, 2, 3, 6, 12];
/// The test takes the root of a count for normal: bins are as long as makes this many errors usual before, if that leaves
/// [`LEAST_BINS`] of them.
const USUAL: f64 = 4.0;
/// Bins before that show how much they differ.
const LEAST_BINS: usize = 3;
/// Bins before that are kept in the log, the last ones.
const MOST_BINS: usize = 288;

/// Errors of an incident, bin by bin without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// When the first bin begins.
    pub from: Timestamp,
    /// Length of a bin.
    pub bin: Seconds,
    /// Errors of each.
    pub errors: Vec<u64>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// From here on it counts for "before".
    pub since: Timestamp,
    /// Up to here.
    pub begun: Timestamp,
    /// From here on it counts for "since".
    pub settled: Timestamp,
    /// Up to here.
    pub until: Timestamp,
}

/// Whether it worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Verdict {
    /// The rate fell provably, to what was expected or below.
    Worked,
    /// It fell provably, and is still above what was expected.
    Partly,
    /// The time is over, and a drop as large as expected would have shown.
    No,
    /// Too few errors, or too early to tell.
    NotYetProvable {
        /// After so long it could be said; `None`: no count would.
        more: Option<Seconds>,
    },
}

impl Verdict {
    /// Whether both say the same, however long there is to wait.
    pub const fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Worked, Self::Worked)
                | (Self::Partly, Self::Partly)
                | (Self::No, Self::No)
                | (Self::NotYetProvable { .. }, Self::NotYetProvable { .. })
        )
    }

    /// Whether more time changes nothing about it.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::NotYetProvable { .. })
    }
}

/// A verdict with the counts that it rests on, so that anybody can compute it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// What they come to.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Length of a bin.
    pub bin: Seconds,
    /// When the first bin before begins.
    pub from: Timestamp,
    /// Errors before, oldest first.
    pub before: Vec<u64>,
    /// When the first bin since begins.
    pub resumes: Timestamp,
    /// Errors since.
    pub after: Vec<u64>,
}

/// Measures what was promised, as of `now`.
pub(super) fn within(counts: &Counts, stretch: Stretch, promise: Promise, now: Now) -> Measurement {
    let fine = |from: Timestamp, until: Timestamp| -> (Timestamp, Vec<u64>) {
        let begins = |bin: usize| plus(counts.from, Seconds(counts.bin.0.saturating_mul(bin as u64)));
        let inside = |bin: &usize| begins(*bin) >= from && begins(bin + 1) <= until;
        let bins: Vec<usize> = (0..counts.errors.len()).filter(inside).collect();
        let first = bins.first().map_or(from, |bin| begins(*bin));
        (first, bins.into_iter().filter_map(|bin| counts.errors.get(bin).copied()).collect())
    };
    let (first, before) = fine(stretch.since, stretch.begun);
    let (resumes, after) = fine(stretch.settled, stretch.until);
    let group = group(&before);
    // The bins nearest to the trial are whole.
    let skipped = before.len() % group;
    let mut from = plus(first, Seconds(counts.bin.0.saturating_mul(skipped as u64)));
    let mut before: Vec<u64> = before[skipped..].chunks(group).map(|bins| bins.iter().sum()).collect();
    let bin = Seconds(counts.bin.0.saturating_mul(group as u64));
    let many = before.len().saturating_sub(MOST_BINS);
    before.drain(..many);
    from = plus(from, Seconds(bin.0.saturating_mul(many as u64)));
    let rest = Seconds((after.len() % group) as u64 * counts.bin.0);
    let after: Vec<u64> = after.chunks_exact(group).map(|bins| bins.iter().sum()).collect();
    let mut measurement =
        Measurement { verdict: Verdict::NotYetProvable { more: None }, bin, from, before, resumes, after };
    measurement.verdict = judged(&measurement, rest, promise, now);
    measurement
}

/// How many bins are taken together.
fn group(before: &[u64]) -> usize {
    let mean = before.iter().map(|count| *count as f64).sum::<f64>() / before.len().max(1) as f64;
    let enough = GROUPS.into_iter().filter(|group| *group == 1 || before.len() / group >= LEAST_BINS);
    let mut group = 1;
    for candidate in enough {
        group = candidate;
        if mean * candidate as f64 >= USUAL {
            break;
        }
    }
    group
}

fn judged(measurement: &Measurement, rest: Seconds, promise: Promise, now: Now) -> Verdict {
    let early = Seconds(Now(promise.by).seconds_since(now.0));
    if measurement.after.is_empty() {
        let waits = needed(measurement, promise).map(|bins| measurement.bin.0.saturating_mul(bins));
        return Verdict::NotYetProvable {
            more: waits.map(|waits| Seconds(waits.saturating_sub(rest.0)).max(early)),
        };
    }
    match measurement.sum(promise).effect {
        Effect::Worked => Verdict::Worked,
        Effect::Partly if early.0 == 0 => Verdict::Partly,
        Effect::No if early.0 == 0 => Verdict::No,
        // Until then it may still fall: nobody promised it sooner.
        Effect::Partly | Effect::No => Verdict::NotYetProvable { more: Some(early) },
        Effect::NotYetProvable { more_bins } => Verdict::NotYetProvable {
            more: more_bins.map(|bins| {
                let waits = measurement.bin.0.saturating_mul(u64::from(bins.max(1)));
                Seconds(waits.saturating_sub(rest.0)).max(early)
            }),
        },
    }
}

/// How many bins it takes while there is none: judged as if the first had been like those before.
fn needed(measurement: &Measurement, promise: Promise) -> Option<u64> {
    let all: u64 = measurement.before.iter().sum();
    let usual = all.checked_div(measurement.before.len() as u64)?;
    let with_one = Measurement { after: vec![usual], ..measurement.clone() };
    match with_one.sum(promise).effect {
        Effect::NotYetProvable { more_bins } => more_bins.map(|bins| u64::from(bins) + 1),
        Effect::Worked | Effect::Partly | Effect::No => Some(1),
    }
}

impl Measurement {
    /// The sum behind the verdict.
    pub fn sum(&self, promise: Promise) -> effect::Measured {
        let windows = Windows { before: &self.before, after: &self.after };
        let at_most = promise.at_most as f64 * self.bin.0 as f64 / 3600.0;
        effect::measure(windows, Expectation { at_most })
    }
}

/// The effect of a trial by what was counted up to `now`, where there is one to measure. `begins`: since when it can have one,
/// where that is not its end (the deploy of a hotfix).
///
/// `next`: when the next trial began; from there on what is counted may be that one's.
pub fn measure(
    trial: &super::Trial,
    counts: &Counts,
    begins: Option<Timestamp>,
    next: Option<Timestamp>,
    now: Now,
) -> Option<Measurement> {
    let ended = trial.in_force_since()?;
    let begun = begins.unwrap_or(trial.at);
    let settled = plus(begins.unwrap_or(ended), trial.intent.settles);
    let until = next.map_or(now.0, |next| next.min(now.0));
    let stretch = Stretch { since: trial.intent.since, begun, settled, until };
    Some(within(counts, stretch, trial.intent.promise, now))
}
