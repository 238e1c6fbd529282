//! From examples to a threshold, and what it promises.
//!
//! Split conformal prediction (Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*): of n examples and
//! one more, drawn alike, each is equally likely to be the k-th from the end, so the one more lies beyond the k-th of
//! the n with a probability of at most k / (n + 1). Nothing is assumed of the scores. That is an average over what the
//! examples might have been; how far these n may mislead is the upper bound of Clopper and Pearson (1934), here the
//! quantile of Beta(k, n + 1 - k). A [`Risk`] says which of both must stay within its level.

use super::likeness::{Likeness, Share};
use crate::ids::ProjectSlug;
use serde::{Deserialize, Serialize};
use statrs::function::beta::checked_beta_reg;

/// How sure [`Promise::at_most`] is.
pub const CONFIDENCE: f64 = 0.95;

/// A likeness beyond which an answer is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// The likeness.
    pub at: Likeness,
    /// How often the answer is wrong.
    pub promise: Promise,
}

/// How often an answer is wrong, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The share that is wrong on average.
    pub expected: Share,
    /// The share that is not passed, with a confidence of [`CONFIDENCE`].
    pub at_most: Share,
    /// Labelled examples behind both.
    pub examples: u32,
    /// Whose examples they are.
    pub basis: Basis,
}

/// Whose examples a threshold rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", content = "project", rename_all = "snake_case")]
pub enum Basis {
    /// Those of this project alone.
    Project(ProjectSlug),
    /// Those of the whole backlog.
    Backlog,
    /// Public crash reports that Orderly was measured on; none of the user's own.
    Shipped,
}

/// Which end of the scores is given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Lower scores: what may be called new.
    Below,
    /// Higher scores: what may be called the same.
    Above,
}

/// How often an answer may be wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Risk {
    /// At most this share, on average over what the examples might have been.
    OnAverage(f64),
    /// At most this share, whatever the examples might have been, but for one time in five.
    Surely(f64),
}

/// How sure [`Risk::Surely`] is.
const SURELY: f64 = 0.8;

impl Risk {
    /// The share.
    pub const fn level(self) -> f64 {
        match self {
            Self::OnAverage(level) | Self::Surely(level) => level,
        }
    }

    /// Fewer examples cannot say it.
    pub fn least_examples(self) -> usize {
        (1..).find(|n| self.given_away(*n) > 0).unwrap_or(usize::MAX)
    }

    /// How many of `n` examples may lie on the wrong side.
    fn given_away(self, n: usize) -> usize {
        // The least error of a product must not cost an example: 0.05 * 20 is 1.
        let on_average = (self.level() * (n as f64 + 1.0) + 1e-9).floor() as usize;
        match self {
            Self::OnAverage(_) => on_average,
            // Whether the quantile of so many is within the level; it rises with them.
            Self::Surely(level) => {
                let within = |k: usize| below(k as f64, n as f64, level) >= SURELY;
                let (mut least, mut most) = (0, on_average);
                while least < most {
                    let middle = (least + most).div_ceil(2);
                    if within(middle) { least = middle } else { most = middle - 1 }
                }
                least
            }
        }
    }
}

/// The threshold beyond which another score like these lies no more often than the risk says; `None` when there are too
/// few of them to say so ([`Risk::least_examples`]).
pub fn threshold(mut scores: Vec<Likeness>, beyond: Beyond, risk: Risk, basis: Basis) -> Option<Threshold> {
    scores.sort_unstable();
    if beyond == Beyond::Above {
        scores.reverse();
    }
    let n = scores.len();
    let k = risk.given_away(n);
    let at = *scores.get(k.checked_sub(1)?)?;
    let (k, n) = (k as f64, n as f64);
    let promise = Promise {
        expected: Share::at_least(k / (n + 1.0)),
        at_most: Share::at_least(quantile(k, n, CONFIDENCE)),
        examples: u32::try_from(scores.len()).unwrap_or(u32::MAX),
        basis,
    };
    Some(Threshold { at, promise })
}

/// Whether `wrong` of `n` are too many to believe that at most `level` are wrong in the long run.
pub fn contradicts(wrong: usize, n: usize, level: f64) -> bool {
    if wrong == 0 || wrong > n {
        return false;
    }
    // The probability of so many or more: the tail of the binomial is a beta integral.
    let tail = checked_beta_reg(wrong as f64, (n - wrong) as f64 + 1.0, level).unwrap_or(1.0);
    tail < 1.0 - CONFIDENCE
}

/// The quantile of Beta(k, n + 1 - k).
fn quantile(k: f64, n: f64, confidence: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if below(k, n, middle) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The share of Beta(k, n + 1 - k) that lies below `x`.
fn below(k: f64, n: f64, x: f64) -> f64 {
    checked_beta_reg(k, n + 1.0 - k, x).unwrap_or(1.0)
}
