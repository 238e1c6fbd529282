//! How shares, areas and quantiles are counted. Every task counts with these.

use std::time::Duration;

/// A part of a whole; nothing of nothing is no share.
pub fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean; of nothing there is none.
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

/// The value in the middle, the mean of two where two are; of nothing there is none.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().saturating_sub(1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// Area under the ROC curve: how often a positive scores above a negative, ties counted half.
pub fn auc(positive: &[f64], negative: &[f64]) -> Option<f64> {
    if positive.is_empty() || negative.is_empty() {
        return None;
    }
    let mut all: Vec<(f64, bool)> = positive.iter().map(|v| (*v, true)).collect();
    all.extend(negative.iter().map(|v| (*v, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = 0.0;
    let mut at = 0;
    for tie in all.chunk_by(|a, b| a.0 == b.0) {
        let end = at + tie.len();
        let positives = tie.iter().filter(|(_, positive)| *positive).count();
        ranks += positives as f64 * (at + 1 + end) as f64 / 2.0;
        at = end;
    }
    let n = positive.len() as f64;
    Some((ranks - n * (n + 1.0) / 2.0) / (n * negative.len() as f64))
}

/// The value that `share` of the times do not exceed.
pub fn quantile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    let at = (share * times.len() as f64).ceil() as usize;
    times.get(at.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_ties_half() {
        assert_eq!(auc(&[1.0, 2.0], &[0.0]), Some(1.0));
        assert_eq!(auc(&[1.0], &[1.0]), Some(0.5));
        assert_eq!(auc(&[1.0, 3.0], &[2.0, 2.0]), Some(0.5));
        assert_eq!(auc(&[], &[2.0]), None);
        assert_eq!(auc(&[f64::NEG_INFINITY, 1.0], &[f64::NEG_INFINITY]), Some(0.75));
    }

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut times: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(quantile(&mut times, 0.5), Duration::from_millis(50));
        assert_eq!(quantile(&mut times, 0.99), Duration::from_millis(99));
        assert_eq!(quantile(&mut [], 0.5), Duration::ZERO);
    }

    #[test]
    fn nothing_measured_is_no_number() {
        assert_eq!((share(0, 0), mean([]), median(&mut [])), (None, None, None));
        assert_eq!((median(&mut [3.0, 1.0]), median(&mut [9.0, 1.0, 2.0])), (Some(2.0), Some(2.0)));
        assert_eq!((share(1, 4), mean([1.0, 2.0])), (Some(0.25), Some(1.5)));
    }
}
