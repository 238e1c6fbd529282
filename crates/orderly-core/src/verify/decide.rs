//! The verdict.

use super::inputs::{Fixed, Verdict};
use crate::answer::Looked;
use crate::time::Now;

/// A chance below this is not held to be luck.
pub const ENOUGH: f64 = 0.05;

/// Judges a fix at `now`. Errors that come at a steady rate leave `T` hours empty with the chance `exp(-rate * T)`
/// (a Poisson process), so `ln(1/0.05)/rate` hours of silence are needed: three times the mean gap between events.
pub fn decide(fixed: &Fixed, now: Now) -> Verdict {
    let deployed = match &fixed.deployed {
        Looked::Saw(Some(deployed)) => deployed,
        Looked::Saw(None) => return Verdict::NotReleased,
        Looked::CouldNotLook(cause) => return Verdict::Unknown(cause.clone()),
    };
    match &fixed.again {
        Looked::Saw(Some(seen)) => return Verdict::DidNotHold(seen.clone()),
        Looked::Saw(None) => {}
        Looked::CouldNotLook(cause) => return Verdict::Unknown(cause.clone()),
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds and counts of events are far below 2^52")]
    let (quiet_hours, events) = (now.seconds_since(deployed.at) as f64 / 3600.0, fixed.before.events as f64);
    // Less than an hour of history would make a single burst look like a rate that never ends.
    let rate = events / fixed.before.hours.max(1.0);
    let luck = (-rate * quiet_hours).exp();
    if rate > 0.0 && luck < ENOUGH {
        return Verdict::Verified { quiet_hours, luck };
    }
    let needed = (rate > 0.0).then(|| (1.0 / ENOUGH).ln() / rate);
    Verdict::NotYet { hours_left: needed.map(|needed| (needed - quiet_hours).max(0.0)), luck }
}
