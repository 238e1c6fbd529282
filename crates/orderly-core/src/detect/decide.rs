//! Too much? The tail of the newest bin and of the last few together.
//!
//! A scan over windows finds what rises slowly (Höhle, *surveillance*; Kulldorff's scan statistic in time). Two windows are
//! always looked at; longer ones only where so few events are expected in them that a single bin can show nothing.

use crate::rate::tail::upper_tail;
use serde::{Deserialize, Serialize};

/// Bins of the longest window: half a rhythm of weeks, a day of hours.
pub(super) const LONGEST: usize = 26;
/// Windows up to this length are always looked at.
const ALWAYS: usize = 2;
/// Longer ones as long as they are expected to hold at most this many events.
const RARE: f64 = 0.7;
/// An alarm is raised when chance explains the count with a probability below this.
const LEVEL: f64 = 0.001;
/// A rise is over when its newest bins, however many of them, are this unlikely to hold so few.
const OVER: f64 = 0.1;

/// More events than usual, and the sum that says so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Bins that were added up, the newest one last.
    pub window: usize,
    /// Events in them.
    pub observed: f64,
    /// Events that were expected in them.
    pub expected: f64,
    /// Variance over mean that is usual.
    pub dispersion: f64,
    /// Probability of as many events or more by chance: a negative binomial tail.
    pub p_value: f64,
}

impl Alarm {
    /// The sum over a window of so many bins.
    pub fn of(window: usize, observed: f64, expected: f64, dispersion: f64) -> Self {
        Self { window, observed, expected, dispersion, p_value: upper_tail(observed, expected, dispersion) }
    }

    /// How many times as many as usual.
    pub fn ratio(&self) -> f64 {
        self.observed / self.expected.max(f64::MIN_POSITIVE)
    }
}

/// Looks at bins, newest first, each with its count and what was expected; the least likely window speaks.
pub(super) fn decide(bins: impl Iterator<Item = (f64, f64)>, dispersion: f64) -> Option<Alarm> {
    let mut seen = [(0.0, 0.0); LONGEST];
    let (mut observed, mut expected) = (0.0, 0.0);
    let mut least: Option<Alarm> = None;
    for (window, bin) in (1..=LONGEST).zip(bins) {
        seen[window - 1] = bin;
        observed += bin.0;
        expected += bin.1;
        if window > ALWAYS && expected > RARE {
            break;
        }
        // Nothing within one standard deviation is that unlikely; a tail is dear.
        if observed <= expected + (dispersion * expected).sqrt() {
            continue;
        }
        let alarm = Alarm::of(window, observed, expected, dispersion);
        if alarm.p_value >= least.map_or(level(window), |least| least.p_value.min(level(window))) {
            continue;
        }
        if is_over(&seen[..window - 1], observed / expected, dispersion) {
            continue;
        }
        least = Some(alarm);
    }
    least
}

/// Long windows get more tries, and stay over a rise that has passed: they must be surer.
fn level(window: usize) -> f64 {
    LEVEL / (window as f64 / ALWAYS as f64).max(1.0).powi(2)
}

/// Whether so many times as much as usual came to an end in these bins, newest first.
fn is_over(newest: &[(f64, f64)], ratio: f64, dispersion: f64) -> bool {
    let (mut count, mut risen) = (0.0, 0.0);
    newest.iter().any(|(events, usual)| {
        count += events;
        risen += usual * ratio;
        1.0 - upper_tail(count + 1.0, risen, dispersion) < OVER
    })
}
