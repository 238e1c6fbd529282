//! What a person approves before an option is tried: the exact command, how it is taken back, and what is expected.

use super::measure::{Counts, Verdict};
use super::option::{Kind, Mitigation};
use super::step::{Intent, Order, Promise};
use super::template::{Argv, Slot, Values};
use crate::digest;
use crate::ids::Digest;
use crate::incident::clock::plus;
use crate::incident::state::Incident;
use crate::investigate::{Window, onset};
use crate::time::{Now, Seconds, Timestamp};
use serde::Serialize;

/// So many errors show what is usual before a trial.
const ENOUGH: u64 = 40;
/// The shortest time before a trial that is compared; twice, four times as long, and so on, until there are enough.
const NEAR: Seconds = Seconds(1800);

/// What is expected, as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// Errors of the incident an hour that are not to be exceeded.
    pub at_most: u64,
    /// So soon.
    pub within: Seconds,
}

/// A trial before it is begun.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialPlan {
    /// The incident.
    pub incident: String,
    /// Name of the option.
    pub option: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What is done.
    pub order: Order,
    /// The command that takes it back.
    pub undo: Option<Argv>,
    /// How it is taken back, in words.
    pub reversibility: String,
    /// From its end to its effect.
    pub settles: Seconds,
    /// What is expected.
    pub expected: Expected,
    /// Trials before it: the same approval does not run a thing twice.
    pub before: usize,
    /// Errors an hour as they are now. They move with the clock, so no approval names them.
    #[serde(skip)]
    pub rate: f64,
    /// From here on errors are counted for "before".
    #[serde(skip)]
    pub since: Timestamp,
}

/// Why an option cannot be tried so.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unplannable {
    /// Its command has open places.
    #[error("`{option}` needs {}", .slots.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Missing {
        /// The option.
        option: String,
        /// The places.
        slots: Vec<Slot>,
    },
    /// There is nothing to repair.
    #[error("a hotfix is of an issue, and the incident has none")]
    NoIssue,
    /// It shows later than it is expected.
    #[error(
        "`{option}` shows its effect {after} after its end: what is expected cannot be there in {within}"
    )]
    TooSoon {
        /// The option.
        option: String,
        /// When it shows.
        after: Seconds,
        /// When it is expected.
        within: Seconds,
    },
    /// It is so already.
    #[error("there are {rate:.0} errors an hour now: what is expected has to be below that")]
    NoDrop {
        /// Errors an hour.
        rate: f64,
    },
}

impl TrialPlan {
    /// Plans a trial over what was counted up to now.
    ///
    /// # Errors
    /// Why it cannot be planned.
    pub fn of(
        incident: &Incident,
        option: &Mitigation,
        values: &Values,
        expected: Expected,
        counts: &Counts,
    ) -> Result<Self, Unplannable> {
        let leading = incident.issues().first().map(|owned| (owned.issue.id, &owned.issue.short_id));
        let (order, undo, slots) = option.order(values, leading).ok_or(Unplannable::NoIssue)?;
        let missing = || Unplannable::Missing { option: option.name.clone(), slots: slots.clone() };
        let order = order.ok_or_else(missing)?;
        let settles = option.time_to_effect.unwrap_or(Seconds(0));
        if settles > expected.within {
            let option = option.name.clone();
            return Err(Unplannable::TooSoon { option, after: settles, within: expected.within });
        }
        let since = since(incident, counts);
        let rate = rate(counts, since);
        if rate <= expected.at_most as f64 {
            return Err(Unplannable::NoDrop { rate });
        }
        Ok(Self {
            incident: incident.key().to_string(),
            option: option.name.clone(),
            kind: option.kind,
            order,
            undo,
            reversibility: option.reversibility.words(),
            settles,
            expected,
            before: incident.trials().len(),
            rate,
            since,
        })
    }

    /// What an approval of exactly this plan names: the commands and the expectation.
    pub fn digest(&self) -> Digest {
        digest::of(&("trial-v1", self))
    }

    /// What goes into the log before anything is done.
    pub fn intent(&self, now: Now) -> Intent {
        Intent {
            option: self.option.clone(),
            kind: self.kind,
            order: self.order.clone(),
            undo: self.undo.clone(),
            settles: self.settles,
            promise: Promise { at_most: self.expected.at_most, by: plus(now.0, self.expected.within) },
            since: self.since,
        }
    }
}

/// Where "before" begins: as near as there are [`ENOUGH`] errors, because a rate that rises slowly differs from itself; never
/// before the rise, nor before the last trial had its effect, unless that provably had none.
fn since(incident: &Incident, counts: &Counts) -> Timestamp {
    let last = incident.trials().iter().rev().find_map(|trial| Some((trial, trial.in_force_since()?)));
    let until = plus(counts.from, Seconds(counts.bin.0.saturating_mul(counts.errors.len() as u64)));
    let earliest = match last {
        Some((trial, _)) if trial.verdict() == Some(Verdict::No) => trial.intent.since,
        Some((trial, at)) => plus(at, trial.intent.settles),
        None => {
            let window = Window { from: counts.from, until, bin: counts.bin };
            let rise = onset(&counts.errors, &[], window);
            rise.unwrap_or_else(|| incident.began_at().max(counts.from))
        }
    };
    let whole = Now(until).seconds_since(earliest);
    let per_step = (NEAR.0 / counts.bin.0.max(1)).max(1);
    let mut bins = per_step;
    while bins.saturating_mul(counts.bin.0) < whole {
        let skipped = counts.errors.len().saturating_sub(usize::try_from(bins).unwrap_or(usize::MAX));
        if counts.errors[skipped..].iter().sum::<u64>() >= ENOUGH {
            return plus(counts.from, Seconds(counts.bin.0.saturating_mul(skipped as u64)));
        }
        bins = bins.saturating_mul(2);
    }
    earliest
}

/// Errors an hour since then.
fn rate(counts: &Counts, since: Timestamp) -> f64 {
    let late = Now(since).seconds_since(counts.from).div_ceil(counts.bin.0.max(1));
    let errors = counts.errors.get(usize::try_from(late).unwrap_or(usize::MAX)..).unwrap_or(&[]);
    let hours = errors.len() as f64 * counts.bin.0 as f64 / 3600.0;
    if hours > 0.0 { errors.iter().map(|count| *count as f64).sum::<f64>() / hours } else { 0.0 }
}
