//! Did the rate rise some hours ago, and stay? A step that no single bin gives away.
//!
//! The likelihood ratio of "it rose in that bin" for every bin against "it did not", with rates and rhythm integrated out,
//! is that of [`crate::blame`] without any change to blame. It finds steps of a half and more.

use super::baseline::Baseline;
use super::decide::Alarm;
use super::inputs::{LEAST, Rhythm};
use crate::blame::{Prior, Rates, blame};

/// So likely must it be that the rate rose at all.
const SURE: f64 = 0.99;
/// Before a rise is worth telling after the newest bins have been looked at alone.
const SHORTEST: usize = 3;
/// A rise that is older than this is how it is now.
const LONGEST: usize = 48;
/// What is believed before looking: that it rose in some bin.
const RISE: f64 = 0.05;

/// A rise within the last two days of hours that lasts, and the sum of all bins since; `counts` are whole bins, oldest first.
pub fn lasting(counts: &[u64], rhythm: Rhythm) -> Option<Alarm> {
    if counts.len() < LEAST + SHORTEST {
        return None;
    }
    let period = match rhythm {
        // A rhythm that was not seen twice cannot be told from a rise.
        Rhythm::Bins(period) if counts.len() >= 3 * usize::from(period) => usize::from(period),
        Rhythm::Bins(_) | Rhythm::None => 0,
    };
    let weighed = blame(Rates { counts, period }, &[], Prior { changed: 0.0, elsewhere: RISE });
    let onset = weighed.onset?;
    let window = counts.len() - onset;
    if weighed.elsewhere < SURE || onset < LEAST || !(SHORTEST..=LONGEST).contains(&window) {
        return None;
    }
    let (before, since) = counts.split_at(onset);
    let before: Vec<f64> = before.iter().map(|count| *count as f64).collect();
    let baseline = Baseline::fit(&before, onset as u64, rhythm, None);
    let expected = (onset..counts.len()).map(|bin| baseline.expected(bin as u64)).sum();
    let observed = since.iter().map(|count| *count as f64).sum();
    Some(Alarm::of(window, observed, expected, baseline.dispersion()))
}
