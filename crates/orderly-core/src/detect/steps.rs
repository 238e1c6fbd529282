//! Where a series jumps or bends, looking back at the whole of it.
//!
//! Each segment is a straight line; the best segmentation by least squares is found exactly by dynamic programming
//! (Jackson et al., *IEEE Signal Processing Letters* 12 (2005) 105-108). Its likelihood ratio must pay for what a segment
//! costs by Schwarz' criterion: a level, a slope and a place. The noise is what the whole series shows around one line.

/// A level, a slope and a place.
const PARAMETERS: f64 = 3.0;
/// Two points are a line whatever they are.
const SHORTEST: usize = 3;
/// Noise of a series that is a line, relative to its spread.
const LEAST_NOISE: f64 = 1e-9;

/// Indices of the first points of new segments, ascending; takes time that grows with the square of the length.
///
/// Values that are no finite numbers make no segments.
pub fn steps(values: &[f64]) -> Vec<usize> {
    let n = values.len();
    if n < 2 * SHORTEST || !values.iter().all(|value| value.is_finite()) {
        return Vec::new();
    }
    let sums = Sums::of(values);
    let spread = sums.around_mean(0, n);
    let noise = sums.around_line(0, n).max(spread * LEAST_NOISE) / n as f64;
    if noise <= 0.0 {
        return Vec::new();
    }
    let price = PARAMETERS * (n as f64).ln() * noise;
    // For each end: the cost of the best segmentation up to it, and where its last segment begins.
    let mut best = vec![(f64::INFINITY, 0_usize); n + 1];
    best[0] = (-price, 0);
    for end in SHORTEST..=n {
        best[end] = (0..=end - SHORTEST)
            .map(|begin| (best[begin].0 + sums.around_line(begin, end) + price, begin))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or((f64::INFINITY, 0));
    }
    let mut found = Vec::new();
    let mut end = best[n].1;
    while end > 0 {
        found.push(end);
        end = best[end].1;
    }
    found.reverse();
    found
}

/// Running sums of the values around their mean, from which every residual sum of squares follows at once.
struct Sums {
    value: Vec<f64>,
    square: Vec<f64>,
    moment: Vec<f64>,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let running = |term: &dyn Fn(usize, f64) -> f64| {
            let mut sum = 0.0;
            let mut sums = vec![sum];
            sums.extend(values.iter().enumerate().map(|(at, value)| {
                sum += term(at, value - mean);
                sum
            }));
            sums
        };
        Self {
            value: running(&|_, value| value),
            square: running(&|_, value| value * value),
            moment: running(&|at, value| at as f64 * value),
        }
    }

    fn around_mean(&self, begin: usize, end: usize) -> f64 {
        let sum = self.value[end] - self.value[begin];
        (self.square[end] - self.square[begin] - sum * sum / (end - begin) as f64).max(0.0)
    }

    fn around_line(&self, begin: usize, end: usize) -> f64 {
        let length = (end - begin) as f64;
        let middle = ((begin + end) as f64 - 1.0) / 2.0;
        let sum = self.value[end] - self.value[begin];
        let slope = self.moment[end] - self.moment[begin] - middle * sum;
        let spread = length * (length * length - 1.0) / 12.0;
        (self.around_mean(begin, end) - slope * slope / spread).max(0.0)
    }
}
