//! The test behind the verdict: one-sided, on square roots, with the dispersion that the windows themselves show.
//!
//! Square roots of counts have a variance of about a quarter of their dispersion, whatever the rate (Anscombe 1948,
//! *Biometrika* 35, whose 3/8 keeps empty windows honest); the dispersion is Pearson's, pooled within the two windows.

use super::{Expectation, Windows};
use crate::rate::tail::student_upper;

/// How often "it dropped" may be wrong when nothing did. A little under a twentieth: the square root is an approximation.
const LEVEL: f64 = 0.047;
/// Standard normal quantiles of [`LEVEL`] and of the power a "no" asks for (four times in five).
const QUANTILES: (f64, f64) = (1.675, 0.842);
/// Anscombe's correction.
const CORRECTION: f64 = 0.375;
/// No one waits for more bins than this.
const LONGEST_WAIT: u32 = 24 * 60;

/// Whether it worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The rate dropped provably, to what was expected or below.
    Worked,
    /// It dropped provably, and is still above what was expected.
    Partly,
    /// A drop as large as expected would have shown by now, and did not.
    No,
    /// Too few events to tell.
    NotYetProvable {
        /// Further bins after which an expected drop would show; `None` if not within sixty days of hours.
        more_bins: Option<u32>,
    },
}

/// A verdict and the sum behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// What it comes to.
    pub effect: Effect,
    /// Events a bin before.
    pub before: f64,
    /// Events a bin since.
    pub after: f64,
    /// Variance over mean within the windows, at least 1.
    pub dispersion: f64,
    /// Probability of such a difference if nothing had changed.
    pub p_value: f64,
}

/// Measures the effect against what was expected.
pub fn measure(windows: Windows<'_>, expected: Expectation) -> Measured {
    let (n, m) = (windows.before.len() as f64, windows.after.len() as f64);
    let (before, after) = (mean(windows.before), mean(windows.after));
    let freedom = n + m - 2.0;
    if windows.after.is_empty() || windows.before.is_empty() || freedom < 1.0 {
        let effect = Effect::NotYetProvable { more_bins: None };
        return Measured { effect, before, after, dispersion: 1.0, p_value: 1.0 };
    }
    let squares = spread(windows.before, before) + spread(windows.after, after);
    let dispersion = (squares / freedom).max(1.0);
    let p_value = p_of((before, n), (after, m), dispersion, freedom);
    let effect = if p_value < LEVEL && after < before {
        if after <= expected.at_most { Effect::Worked } else { Effect::Partly }
    } else {
        match bins_needed((before, n), expected.at_most, dispersion) {
            Some(needed) if f64::from(needed) <= m => Effect::No,
            needed => Effect::NotYetProvable {
                more_bins: needed.map(|needed| needed.saturating_sub(windows.after.len() as u32)),
            },
        }
    };
    Measured { effect, before, after, dispersion, p_value }
}

/// The p-value of "nothing changed" against "the rate fell".
fn p_of(before: (f64, f64), after: (f64, f64), dispersion: f64, freedom: f64) -> f64 {
    let root = |(rate, bins): (f64, f64)| (rate + CORRECTION / bins).sqrt();
    let error = (dispersion * (1.0 / before.1 + 1.0 / after.1)).sqrt();
    student_upper(2.0 * (root(before) - root(after)) / error, freedom)
}

/// How many bins after it a drop to the expected rate would be proven in four cases of five.
fn bins_needed(before: (f64, f64), expected: f64, dispersion: f64) -> Option<u32> {
    let asked = QUANTILES.0 + QUANTILES.1;
    (1..=LONGEST_WAIT).find(|bins| {
        let bins = f64::from(*bins);
        let error = (dispersion * (1.0 / before.1 + 1.0 / bins)).sqrt();
        let drop = (before.0 + CORRECTION / before.1).sqrt() - (expected.max(0.0) + CORRECTION / bins).sqrt();
        2.0 * drop / error >= asked
    })
}

fn mean(counts: &[u64]) -> f64 {
    counts.iter().map(|count| *count as f64).sum::<f64>() / counts.len().max(1) as f64
}

/// Pearson's sum of squares around a mean.
fn spread(counts: &[u64], mean: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    counts.iter().map(|count| (*count as f64 - mean).powi(2)).sum::<f64>() / mean
}
