//! Probabilities of counts whose variance is `dispersion` times their mean: negative binomial above 1, Poisson at 1.
//!
//! The parameterisation is NB1 (Cameron and Trivedi, *Regression Analysis of Count Data*, 3.3): with size
//! `mean / (dispersion - 1)` and success probability `1 / dispersion` sums of such counts are such counts again.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::{checked_gamma_lr, ln_gamma};

/// Below this a count is as good as Poisson, and the negative binomial loses precision.
const AS_POISSON: f64 = 1.01;
/// The least mean: a count that cannot happen at all would make one event infinitely surprising.
const LEAST_MEAN: f64 = 1e-12;

/// Natural logarithm of the probability of exactly `count`.
pub fn ln_probability(count: f64, mean: f64, dispersion: f64) -> f64 {
    ln_likelihood(count, mean, dispersion) - ln_gamma(count + 1.0)
}

/// [`ln_probability`] without the terms that depend on the count alone: enough to compare means.
pub fn ln_likelihood(count: f64, mean: f64, dispersion: f64) -> f64 {
    let mean = mean.max(LEAST_MEAN);
    if dispersion < AS_POISSON {
        return count * mean.ln() - mean;
    }
    let size = mean / (dispersion - 1.0);
    rising(size, count) - size * dispersion.ln() + count * ((dispersion - 1.0) / dispersion).ln()
}

/// ln of `size (size + 1) .. (size + count - 1)`. Small counts are most of all counts, and multiplying is quicker.
fn rising(size: f64, count: f64) -> f64 {
    if count < 8.0 {
        (0..count as u8).map(|k| size + f64::from(k)).product::<f64>().ln()
    } else {
        ln_gamma(count + size) - ln_gamma(size)
    }
}

/// Probability of `count` events or more.
pub fn upper_tail(count: f64, mean: f64, dispersion: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    let mean = mean.max(LEAST_MEAN);
    if dispersion < AS_POISSON {
        return checked_gamma_lr(count, mean).unwrap_or(1.0);
    }
    let size = mean / (dispersion - 1.0);
    checked_beta_reg(count, size, (dispersion - 1.0) / dispersion).unwrap_or(1.0)
}

/// Probability that a Student t variable with `freedom` degrees exceeds `t`.
pub fn student_upper(t: f64, freedom: f64) -> f64 {
    let half = 0.5 * checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t)).unwrap_or(1.0);
    if t > 0.0 { half } else { 1.0 - half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_probabilities_come_out() {
        assert!((upper_tail(1.0, 2.0, 1.0) - (1.0 - (-2.0_f64).exp())).abs() < 1e-12);
        // Size 2, probability 1/2: nothing with probability 1/4, one with 1/4.
        assert!((upper_tail(2.0, 2.0, 2.0) - 0.5).abs() < 1e-12);
        assert!((ln_probability(1.0, 2.0, 2.0) - 0.25_f64.ln()).abs() < 1e-12);
        assert!((student_upper(2.048, 28.0) - 0.025).abs() < 1e-4);
        assert!((student_upper(0.0, 28.0) - 0.5).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn tails_are_the_sums_of_what_lies_beyond(count in 0_u32..40, mean in 0.01..20.0_f64, dispersion in 1.0..5.0_f64) {
            let below: f64 = (0..count).map(|k| ln_probability(f64::from(k), mean, dispersion).exp()).sum();
            let tail = upper_tail(f64::from(count), mean, dispersion);
            prop_assert!((1.0 - below - tail).abs() < 1e-6, "{} {}", 1.0 - below, tail);
        }

        #[test]
        fn more_events_are_never_likelier_and_any_count_has_a_tail(a: u64, b: u64, mean in 0.0..1e9_f64, dispersion in 1.0..50.0_f64) {
            let (low, high) = (a.min(b) as f64, a.max(b) as f64);
            let (likely, rare) = (upper_tail(low, mean, dispersion), upper_tail(high, mean, dispersion));
            prop_assert!((0.0..=1.0).contains(&rare) && rare <= likely + 1e-9);
        }
    }
}
