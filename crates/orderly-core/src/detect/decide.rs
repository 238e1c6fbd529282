//! Too much? The tail of the newest bin and of the last few together.
//!
//! A scan over windows finds what rises slowly (Höhle, *surveillance*; Kulldorff's scan statistic in time). Two windows are
//! always looked at; longer ones only where so few events are expected in them that a single bin can show nothing.

use crate::rate::tail::upper_tail;

/// Bins of the longest window.
pub(super) const LONGEST: usize = 8;
/// Windows up to this length are always looked at.
const ALWAYS: usize = 2;
/// Longer ones as long as they are expected to hold at most this many events.
const RARE: f64 = 1.0;
/// An alarm is raised when chance explains the count with a probability below this.
const LEVEL: f64 = 0.0032;
/// A rise is over when its newest bin is this unlikely to be so low.
const OVER: f64 = 0.35;

/// More events than usual, and the sum that says so.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// How many times as many as usual.
    pub fn ratio(&self) -> f64 {
        self.observed / self.expected.max(f64::MIN_POSITIVE)
    }
}

/// Looks at bins, newest first, each with its count and what was expected; the least likely window speaks.
pub(super) fn decide(bins: impl Iterator<Item = (f64, f64)>, dispersion: f64) -> Option<Alarm> {
    let (mut observed, mut expected) = (0.0, 0.0);
    let mut newest = None;
    let mut least: Option<Alarm> = None;
    for (window, (count, usual)) in (1..).zip(bins) {
        observed += count;
        expected += usual;
        if window > ALWAYS && expected > RARE {
            break;
        }
        let (newest, usual) = *newest.get_or_insert((count, usual));
        // Nothing within one standard deviation is that unlikely; a tail is dear.
        if observed <= expected + (dispersion * expected).sqrt() {
            continue;
        }
        let p_value = upper_tail(observed, expected, dispersion);
        if p_value >= least.map_or(LEVEL, |least| least.p_value) {
            continue;
        }
        let risen = usual * observed / expected;
        if window > 1 && 1.0 - upper_tail(newest + 1.0, risen, dispersion) < OVER {
            continue;
        }
        least = Some(Alarm { window, observed, expected, dispersion, p_value });
    }
    least
}
