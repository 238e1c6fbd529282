//! The usual rhythm of a day, estimated together with the rise so that neither is taken for the other.

use crate::rate::regress::Regression;
use std::f64::consts::TAU;

/// Level, rise, and two harmonics of the period.
const COVARIATES: usize = 6;
/// Prior standard deviations: the level is free, a rise may be large, a rhythm is moderate and smooth.
const SPREAD: [f64; COVARIATES] = [f64::INFINITY, 4.5, 0.5, 0.5, 0.25, 0.25];
/// Errors come in small bursts: this dispersion is believed as if twenty bins had shown it.
const DISPERSION: (f64, f64) = (1.5, 20.0);

/// The rhythm and the dispersion around it.
pub(super) struct Season {
    /// What each bin is multiplied by; 1 without a rhythm.
    pub factor: Vec<f64>,
    /// Variance over mean.
    pub dispersion: f64,
}

/// Fits both, given how likely each bin is to lie after the rise.
pub(super) fn season(counts: &[f64], after: &[f64], period: usize) -> Season {
    let rows: Vec<[f64; COVARIATES]> = (after.iter().enumerate())
        .map(|(bin, after)| {
            if period < 2 {
                return [1.0, *after, 0.0, 0.0, 0.0, 0.0];
            }
            let angle = TAU * (bin % period) as f64 / period as f64;
            [1.0, *after, angle.cos(), angle.sin(), (2.0 * angle).cos(), (2.0 * angle).sin()]
        })
        .collect();
    let weights = vec![1.0; counts.len()];
    let fit =
        Regression { rows: &rows, counts, weights: &weights, spread: SPREAD, dispersion: DISPERSION }.fit();
    let rhythm = |row: &[f64; COVARIATES]| {
        let log: f64 = (2..COVARIATES).map(|k| row[k] * fit.coefficients[k]).sum();
        log.clamp(-5.0, 5.0).exp()
    };
    Season { factor: rows.iter().map(rhythm).collect(), dispersion: fit.dispersion }
}
