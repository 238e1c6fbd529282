//! How well the counts fit "no rise" and "a rise in this bin", with both rates integrated out on a grid.

use super::season::Season;
use crate::rate::tail::ln_likelihood;

/// Rates on the grid, evenly spaced on the log scale.
const RATES: usize = 41;
/// The grid reaches this far below and above the mean rate; no rise is believed to be larger.
const REACH: f64 = 30.0;
/// A rise by less is not told from drift.
const LEAST_RISE: f64 = 1.5;

/// Logarithms of the marginal likelihoods.
pub(super) struct Likelihoods {
    /// One rate throughout.
    pub none: f64,
    /// A lower rate before each bin, a higher one from it on.
    pub rise: Vec<f64>,
}

/// Weighs every bin as the onset.
pub(super) fn likelihoods(counts: &[f64], season: &Season) -> Likelihoods {
    let n = counts.len();
    let exposure: f64 = season.factor.iter().sum();
    let mean = ((counts.iter().sum::<f64>() + 0.5) / exposure.max(1.0)).max(1e-9);
    let pace = 2.0 * REACH.ln() / (RATES - 1) as f64;
    let cumulative: Vec<Vec<f64>> = (0..RATES)
        .map(|at| {
            let rate = mean * (pace * at as f64 - REACH.ln()).exp();
            let mut sums = Vec::with_capacity(n + 1);
            let mut sum = 0.0;
            sums.push(sum);
            for (count, factor) in counts.iter().zip(&season.factor) {
                sum += ln_likelihood(*count, rate * factor, season.dispersion);
                sums.push(sum);
            }
            sums
        })
        .collect();
    let throughout = each(|at| cumulative[at][n]);
    let (scale, weights) = relative(&throughout);
    let none = scale + (weights.iter().sum::<f64>() / RATES as f64).ln();
    let (least, most) = ((LEAST_RISE.ln() / pace).round() as usize, (REACH.ln() / pace).round() as usize);
    let pairs = (RATES * (most - least + 1)) as f64;
    let rise = (0..n)
        .map(|onset| {
            let (before_scale, before) = relative(&each(|at| cumulative[at][onset]));
            let (after_scale, after) = relative(&each(|at| cumulative[at][n] - cumulative[at][onset]));
            let mut up_to = [0.0; RATES + 1];
            for at in 0..RATES {
                up_to[at + 1] = up_to[at] + after[at];
            }
            let sum: f64 = (0..RATES.saturating_sub(least))
                .map(|low| before[low] * (up_to[(low + most + 1).min(RATES)] - up_to[low + least]))
                .sum();
            before_scale + after_scale + (sum / pairs).max(f64::MIN_POSITIVE).ln()
        })
        .collect();
    Likelihoods { none, rise }
}

fn each(value: impl Fn(usize) -> f64) -> [f64; RATES] {
    std::array::from_fn(value)
}

/// Likelihoods relative to the best of them, and the logarithm of that.
fn relative(logs: &[f64; RATES]) -> (f64, [f64; RATES]) {
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (best, logs.map(|log| (log - best).exp()))
}
