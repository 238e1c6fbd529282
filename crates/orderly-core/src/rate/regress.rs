//! Expected counts from covariates: a log-linear regression with dispersion, shrunk towards no effect.
//!
//! Quasi-likelihood with variance proportional to the mean (McCullagh and Nelder, *Generalized Linear Models*, 9.2),
//! solved by penalised iteratively reweighted least squares; the penalty is a normal prior on each coefficient.

/// What is fitted: one row of covariates and one weight for every count.
#[derive(Clone, Copy, Debug)]
pub struct Regression<'a, const K: usize> {
    /// Covariates; the first of each row is 1, the level.
    pub rows: &'a [[f64; K]],
    /// What was counted.
    pub counts: &'a [f64],
    /// How much each count is to be believed, from 0 to 1.
    pub weights: &'a [f64],
    /// Prior standard deviation of each coefficient; infinite for the level.
    pub spread: [f64; K],
    /// The dispersion expected beforehand, and the number of counts that this belief is worth.
    pub dispersion: (f64, f64),
}

/// A fitted regression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit<const K: usize> {
    /// Coefficients on the log scale.
    pub coefficients: [f64; K],
    /// Variance over mean, at least 1.
    pub dispersion: f64,
}

const ROUNDS: usize = 12;
/// No step of the iteration is longer: sparse counts would make it run away.
const LONGEST_STEP: f64 = 1.5;
/// Beyond this a mean is no longer a number of events.
const LOG_BOUND: f64 = 60.0;

impl<const K: usize> Fit<K> {
    /// The expected count under these covariates.
    pub fn mean(&self, row: &[f64; K]) -> f64 {
        let log: f64 = self.coefficients.iter().zip(row).map(|(c, x)| c * x).sum();
        log.clamp(-LOG_BOUND, LOG_BOUND).exp()
    }
}

impl<const K: usize> Regression<'_, K> {
    /// Fits. Defined for every input: without counts the level is that of half an event in a bin.
    pub fn fit(&self) -> Fit<K> {
        let weight: f64 = self.weights.iter().sum();
        let seen: f64 = self.counts.iter().zip(self.weights).map(|(y, w)| y * w).sum();
        let mut fit = Fit { coefficients: [0.0; K], dispersion: 1.0 };
        if let Some(level) = fit.coefficients.first_mut() {
            *level = ((seen + 0.25) / (weight + 0.5)).ln();
        }
        for _ in 0..ROUNDS {
            let moved = self.improve(&mut fit);
            fit.dispersion = self.dispersion_of(&fit, weight);
            if moved < 1e-4 {
                break;
            }
        }
        fit
    }

    /// One step from a fit to nearly the same counts towards the fit to these: enough while counts come one by one.
    pub fn step_from(&self, nearly: &Fit<K>) -> Fit<K> {
        let mut fit = *nearly;
        self.improve(&mut fit);
        fit.dispersion = self.dispersion_of(&fit, self.weights.iter().sum());
        fit
    }

    /// One Newton step; the longest change of a coefficient.
    fn improve(&self, fit: &mut Fit<K>) -> f64 {
        let mut curvature = [[0.0; K]; K];
        let mut slope = [0.0; K];
        for i in 0..K {
            let precision = fit.dispersion / (self.spread[i] * self.spread[i]);
            curvature[i][i] = precision + 1e-9;
            slope[i] = -precision * fit.coefficients[i];
        }
        for ((row, count), weight) in self.rows.iter().zip(self.counts).zip(self.weights) {
            let mean = fit.mean(row);
            for i in 0..K {
                slope[i] += weight * (count - mean) * row[i];
                for j in 0..=i {
                    curvature[i][j] += weight * mean * row[i] * row[j];
                }
            }
        }
        let mut moved = 0.0_f64;
        for (coefficient, step) in fit.coefficients.iter_mut().zip(solved(&curvature, &slope)) {
            let step = step.clamp(-LONGEST_STEP, LONGEST_STEP);
            *coefficient += step;
            moved = moved.max(step.abs());
        }
        moved
    }

    /// Pearson's estimate, with the belief beforehand as so many more counts.
    fn dispersion_of(&self, fit: &Fit<K>, weight: f64) -> f64 {
        let (expected, worth) = self.dispersion;
        let squares: f64 = (self.rows.iter().zip(self.counts).zip(self.weights))
            .map(|((row, count), weight)| {
                let mean = fit.mean(row);
                weight * (count - mean).powi(2) / mean.max(1e-3)
            })
            .sum();
        ((squares + worth * expected) / (weight - K as f64 + worth).max(1.0)).max(1.0)
    }
}

/// Solves a symmetric positive definite system, of which the lower half is given, by Cholesky's decomposition.
fn solved<const K: usize>(matrix: &[[f64; K]; K], right: &[f64; K]) -> [f64; K] {
    let mut lower = [[0.0; K]; K];
    let mut x = *right;
    for i in 0..K {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - known;
            lower[i][j] = if i == j { rest.max(1e-12).sqrt() } else { rest / lower[j][j] };
        }
        x[i] = (x[i] - (0..i).map(|k| lower[i][k] * x[k]).sum::<f64>()) / lower[i][i];
    }
    for i in (0..K).rev() {
        x[i] = (x[i] - (i + 1..K).map(|k| lower[k][i] * x[k]).sum::<f64>()) / lower[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubling_is_found_and_nothing_is_no_number_but_a_level() {
        let rows: Vec<[f64; 2]> = (0..40).map(|i| [1.0, f64::from(u8::from(i >= 20))]).collect();
        let counts: Vec<f64> = (0..40).map(|i| if i < 20 { 10.0 } else { 20.0 }).collect();
        let regression = Regression {
            rows: &rows,
            counts: &counts,
            weights: &[1.0; 40],
            spread: [f64::INFINITY, 10.0],
            dispersion: (1.0, 2.0),
        };
        let fit = regression.fit();
        assert!((fit.mean(&[1.0, 0.0]) - 10.0).abs() < 0.01 && (fit.mean(&[1.0, 1.0]) - 20.0).abs() < 0.05);
        assert!(fit.dispersion < 1.01);
        let empty = Regression { rows: &[], counts: &[], weights: &[], ..regression }.fit();
        assert!(empty.mean(&[1.0, 0.0]).is_finite());
    }
}
