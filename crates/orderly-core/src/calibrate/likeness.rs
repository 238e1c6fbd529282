//! Scores and shares as plans keep them: whole ten-thousandths, so that they compare and print the same everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;

const WHOLE: f64 = 10_000.0;

/// How alike an error and an item are, in ten-thousandths: 0 is nothing in common, 10,000 is equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u16", into = "u16")]
pub struct Likeness(u16);

/// A share, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u16", into = "u16")]
pub struct Share(u16);

impl Likeness {
    /// Equal.
    pub const EQUAL: Self = Self(10_000);

    /// A number of hundredths, at most 100.
    pub const fn percent(hundredths: u16) -> Self {
        Self(if hundredths > 100 { 10_000 } else { hundredths * 100 })
    }

    /// From a score between 0 and 1; what lies outside is cut off, and no number is nothing in common.
    pub fn of(score: f64) -> Self {
        Self(ten_thousandths(score, f64::round))
    }

    /// As a score between 0 and 1.
    pub fn score(self) -> f64 {
        f64::from(self.0) / WHOLE
    }
}

impl Share {
    /// From a share between 0 and 1, rounded up: what is promised must not shrink by rounding.
    pub fn at_least(share: f64) -> Self {
        // A share that is a whole number of ten-thousandths stays one.
        Self(ten_thousandths(share - 1e-9, f64::ceil))
    }

    /// Between 0 and 1.
    pub fn value(self) -> f64 {
        f64::from(self.0) / WHOLE
    }
}

fn ten_thousandths(value: f64, round: fn(f64) -> f64) -> u16 {
    // A cast of no number gives 0.
    round(value.clamp(0.0, 1.0) * WHOLE) as u16
}

impl From<u16> for Likeness {
    fn from(ten_thousandths: u16) -> Self {
        Self(ten_thousandths.min(10_000))
    }
}

impl From<Likeness> for u16 {
    fn from(likeness: Likeness) -> Self {
        likeness.0
    }
}

impl From<u16> for Share {
    fn from(ten_thousandths: u16) -> Self {
        Self(ten_thousandths.min(10_000))
    }
}

impl From<Share> for u16 {
    fn from(share: Share) -> Self {
        share.0
    }
}

/// `0.61`.
impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.score())
    }
}

/// `4.8 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", self.value() * 100.0)
    }
}
