//! A series that is watched: what is remembered of it, and how its counts come in.

use super::baseline::Baseline;
use super::decide::{Alarm, LONGEST, decide};
use std::collections::VecDeque;

/// Bins that are remembered: what is older says nothing about what is usual today.
pub const MEMORY: usize = 260;
/// The newest bins do not count as usual: a rise would soon be its own excuse. A quarter of what is known, within these.
pub(super) const GAP: usize = 8;
const LONGEST_GAP: usize = LONGEST;
/// Fewer bins than this say nothing about what is usual.
pub(super) const LEAST: usize = 16;
/// What is usual is estimated anew after so many bins.
const REFIT: u64 = 10;

/// After how many bins a series repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// It does not.
    None,
    /// After so many bins: 24 where a bin is an hour, 52 where it is a week.
    Bins(u16),
}

/// A series that is watched: a few hundred counts and a model of them, about a kilobyte.
#[derive(Clone, Debug)]
pub struct Watched {
    rhythm: Rhythm,
    /// The newest counts, oldest first.
    counts: VecDeque<u32>,
    /// How many bins have been seen.
    seen: u64,
    baseline: Option<Baseline>,
}

impl Watched {
    /// A series of which nothing is known yet.
    pub const fn new(rhythm: Rhythm) -> Self {
        Self { rhythm, counts: VecDeque::new(), seen: 0, baseline: None }
    }

    /// Takes in a bin that is over and asks nothing: history.
    pub fn learn(&mut self, count: u64) {
        if self.counts.len() == MEMORY + LONGEST_GAP {
            self.counts.pop_front();
        }
        self.counts.push_back(u32::try_from(count).unwrap_or(u32::MAX));
        self.seen += 1;
    }

    /// Takes in the newest bin, and says whether there is more than usual in it, or in the last few together.
    ///
    /// Judged by the bins before it alone, without the newest of them; `None` as well while too little is known.
    pub fn judge(&mut self, count: u64) -> Option<Alarm> {
        self.learn(count);
        if self.counts.len() < LEAST + GAP {
            return None;
        }
        let gap = (self.counts.len() / 4).clamp(GAP, LONGEST_GAP);
        let due =
            self.baseline.as_ref().is_none_or(|baseline| self.seen - baseline.until() >= REFIT + gap as u64);
        if due {
            let usual = self.counts.len() - gap;
            let counts: Vec<f64> = self.counts.range(..usual).map(|count| f64::from(*count)).collect();
            let until = self.seen - gap as u64;
            self.baseline = Some(Baseline::fit(&counts, until, self.rhythm, self.baseline.as_ref()));
        }
        let baseline = self.baseline.as_ref()?;
        let newest = self.counts.len().min(LONGEST);
        let bins = self.counts.iter().rev().take(newest).zip((0..self.seen).rev());
        decide(bins.map(|(count, bin)| (f64::from(*count), baseline.expected(bin))), baseline.dispersion())
    }

    /// The sum of the newest bin alone, whether or not it is too much; `None` while too little is known.
    pub fn newest(&self) -> Option<Alarm> {
        let baseline = self.baseline.as_ref()?;
        let observed = f64::from(*self.counts.back()?);
        let expected = baseline.expected(self.seen.saturating_sub(1));
        Some(Alarm::of(1, observed, expected, baseline.dispersion()))
    }
}
