//! Is there more of it than usual for so many? Sessions that crash, requests that fail or are slow, out of all of them.
//!
//! The usual share is that of the bins before, of which outbreaks are believed less; the newest bins are held against
//! what that share expects of as many sessions or requests as there really were. So a busy hour raises no alarm.

use super::baseline::{DISPERSION, weight};
use super::decide::{Alarm, LONGEST, decide};
use super::inputs::{GAP, LEAST, MEMORY};

/// So many of a bin's sessions or requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// Those that are looked for.
    pub hit: u64,
    /// All.
    pub of: u64,
}

/// Fewer than this before the newest bins say nothing about what is usual.
const LEAST_KNOWN: f64 = 100.0;
/// How often the usual share is weighed anew.
const ROUNDS: usize = 3;

/// Whether there is more of it than usual in the last of these bins, or in the last few together.
///
/// `None` as well while too little is known.
pub fn judge(bins: &[Portion]) -> Option<Alarm> {
    let before = &bins[..bins.len().saturating_sub(GAP)];
    let before = &before[before.len().saturating_sub(MEMORY)..];
    let usual = Usual::of(before)?;
    let newest = bins.iter().rev().take(LONGEST);
    decide(newest.map(|bin| (bin.hit as f64, usual.share * bin.of as f64)), usual.dispersion)
}

struct Usual {
    share: f64,
    dispersion: f64,
}

impl Usual {
    fn of(bins: &[Portion]) -> Option<Self> {
        let bins: Vec<(f64, f64)> =
            bins.iter().filter(|bin| bin.of > 0).map(|bin| (bin.hit as f64, bin.of as f64)).collect();
        let known: f64 = bins.iter().map(|(_, of)| of).sum();
        if bins.len() < LEAST || known < LEAST_KNOWN {
            return None;
        }
        let mut weights = vec![1.0; bins.len()];
        let mut usual = Self { share: 0.0, dispersion: 1.0 };
        for _ in 0..ROUNDS {
            let sum = |value: &dyn Fn((f64, f64)) -> f64| -> f64 {
                bins.iter().zip(&weights).map(|(bin, weight)| weight * value(*bin)).sum()
            };
            usual.share = (sum(&|(hit, _)| hit) + 0.5) / (sum(&|(_, of)| of) + 1.0);
            let squares = sum(&|(hit, of)| (hit - usual.share * of).powi(2) / (usual.share * of));
            let (expected, worth) = DISPERSION;
            usual.dispersion = ((squares + worth * expected)
                / (weights.iter().sum::<f64>() - 1.0 + worth).max(1.0))
            .max(1.0);
            weights = bins.iter().map(|(hit, of)| weight(*hit, usual.share * of, usual.dispersion)).collect();
        }
        Some(usual)
    }
}
