//! What is usual: a level, its drift and its rhythm, fitted to counts of which the outbreaks are not believed.
//!
//! Weights as in Noufaily et al., *Statistics in Medicine* 32 (2013) 1206-1222: a count far above its expectation counts
//! for less, so that an outbreak of the past does not hide the next one.

use super::inputs::Rhythm;
use crate::rate::regress::{Fit, Regression};
use std::f64::consts::TAU;

/// Level, drift, and two harmonics of the rhythm.
const COVARIATES: usize = 6;
/// Prior standard deviations: the level is free, the drift over [`STRIDE`] bins small, a rhythm moderate and smooth.
const SPREAD: [f64; COVARIATES] = [f64::INFINITY, 0.3, 0.5, 0.5, 0.25, 0.25];
/// Errors come in small bursts: this dispersion is believed as if twenty bins had shown it.
pub(super) const DISPERSION: (f64, f64) = (1.5, 20.0);
/// The bins in which the drift is counted.
const STRIDE: f64 = 52.0;
/// A residual beyond this many standard deviations makes a count doubtful.
const DOUBTFUL: f64 = 1.5;
/// How often counts are weighed anew when nothing is known beforehand; with an older fit one step is enough.
const ROUNDS: usize = 2;

/// What is usual, as of some bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Baseline {
    fit: Fit<COVARIATES>,
    /// The first bin that it knows nothing of.
    until: u64,
    rhythm: Rhythm,
}

impl Baseline {
    /// Fits it to counts, oldest first, that end before the bin `until`. An older one is where the search starts.
    pub fn fit(counts: &[f64], until: u64, rhythm: Rhythm, older: Option<&Self>) -> Self {
        let first = until - counts.len() as u64;
        let rows = rows(first, until, rhythm);
        let every = vec![1.0; counts.len()];
        let regression =
            Regression { rows: &rows, counts, weights: &every, spread: SPREAD, dispersion: DISPERSION };
        let weights = |fit: &Fit<COVARIATES>| -> Vec<f64> {
            let rows = counts.iter().zip(&rows);
            rows.map(|(count, row)| weight(*count, fit.mean(row), fit.dispersion)).collect()
        };
        let fit = match older {
            Some(Self { fit, .. }) => Regression { weights: &weights(fit), ..regression }.step_from(fit),
            None => (0..ROUNDS)
                .fold(regression.fit(), |fit, _| Regression { weights: &weights(&fit), ..regression }.fit()),
        };
        Self { fit, until, rhythm }
    }

    pub const fn until(&self) -> u64 {
        self.until
    }

    pub const fn dispersion(&self) -> f64 {
        self.fit.dispersion
    }

    /// Events expected in a bin. The drift is not carried into the future.
    pub fn expected(&self, bin: u64) -> f64 {
        self.fit.mean(&row(bin, self.until, self.rhythm))
    }
}

/// Covariates of the bins from one to another. A turn by the same angle each is quicker than an angle each.
fn rows(first: u64, until: u64, rhythm: Rhythm) -> Vec<[f64; COVARIATES]> {
    let ([.., cos, sin, _, _], [.., turn_cos, turn_sin, _, _]) =
        (row(first, until, rhythm), row(1, until, rhythm));
    let mut phase = (cos, sin);
    (first..until)
        .map(|bin| {
            let (cos, sin) = phase;
            phase = (cos * turn_cos - sin * turn_sin, sin * turn_cos + cos * turn_sin);
            covariates(bin, until, cos, sin)
        })
        .collect()
}

fn row(bin: u64, until: u64, rhythm: Rhythm) -> [f64; COVARIATES] {
    match rhythm {
        Rhythm::None | Rhythm::Bins(0 | 1) => covariates(bin, until, 0.0, 0.0),
        Rhythm::Bins(period) => {
            let period = u64::from(period);
            let (sin, cos) = (TAU * (bin % period) as f64 / period as f64).sin_cos();
            covariates(bin, until, cos, sin)
        }
    }
}

/// The level, the drift until now, and the harmonics, the second by the formulas of the double angle.
fn covariates(bin: u64, until: u64, cos: f64, sin: f64) -> [f64; COVARIATES] {
    let drift = -(until.saturating_sub(bin) as f64) / STRIDE;
    [1.0, drift, cos, sin, cos * cos - sin * sin, 2.0 * sin * cos]
}

/// How far a count is believed, by Anscombe's residual.
pub(super) fn weight(count: f64, mean: f64, dispersion: f64) -> f64 {
    if count <= mean {
        return 1.0;
    }
    let root = mean.cbrt();
    let residual = 1.5 * (count.cbrt().powi(2) - root * root) / (root * dispersion).sqrt();
    if residual > DOUBTFUL { (DOUBTFUL / residual).powi(2) } else { 1.0 }
}
