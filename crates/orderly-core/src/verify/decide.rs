//! The verdict.

use super::inputs::{Fixed, Verdict};
use crate::answer::Looked;
use crate::silence::{Silence, Usual, judge};
use crate::time::Now;

/// Judges a fix at `now`: the silence since it was deployed, against how often the error came before.
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
    let usual = Usual { rate: events / fixed.before.hours.max(1.0), dispersion: 1.0 };
    match judge(usual, quiet_hours) {
        Silence::Proven { luck } => Verdict::Verified { quiet_hours, luck },
        Silence::NotYet { luck, more_hours } => Verdict::NotYet { hours_left: more_hours, luck },
    }
}
