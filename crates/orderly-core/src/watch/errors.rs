//! Errors of a project: more than usual now, risen and stayed, more than Sentry's formula allows.

use super::inputs::{Hour, Progress, WatchPolicy};
use super::raised::{Detector, Raised, Sum};
use crate::detect::{Rhythm, Watched, lasting};
use crate::escalation::{Forecast, HourCount};
use crate::ids::ProjectSlug;
use crate::time::Timestamp;

const RHYTHM: Rhythm = Rhythm::Bins(24);
/// Hours that Sentry's formula looks at.
const WEEK: usize = 168;

/// Judges the hours from `since` on; what was expected of the newest one comes back.
///
/// An hour that still runs is held against what is expected of a whole one: it may be too much already, never too little.
pub(super) fn judge_errors(
    project: &ProjectSlug,
    hours: &[Hour],
    since: Timestamp,
    tries: f64,
    policy: WatchPolicy,
    raised: &mut Vec<Raised>,
) -> Option<f64> {
    // Before its first error a project may not have existed; that is no silence to learn from.
    let first = hours.iter().position(|hour| hour.errors > 0).unwrap_or(hours.len());
    let hours = &hours[first..];
    let mut watched = Watched::new(RHYTHM);
    let mut expected = None;
    for (at, hour) in hours.iter().enumerate() {
        if hour.begins < since {
            watched.learn(hour.errors);
            continue;
        }
        // What an hour that runs will hold in the end is learned when it is over.
        let mut judging = watched.clone();
        let alarm = judging.judge(hour.errors);
        let newest = judging.newest();
        expected = newest.map(|newest| newest.expected);
        let sum = alarm.and_then(|alarm| Sum::allowed(alarm, tries, policy));
        raised.extend(sum.map(|sum| Raised::over(project, Detector::Errors, hour.begins, sum)));
        let limit = limit(&hours[..at], hour.begins);
        if let (true, Some(alarm)) = (hour.errors > limit, newest) {
            let sum = Sum::of(alarm, tries, policy);
            raised.push(Raised::over(project, Detector::Escalation { limit }, hour.begins, sum));
        }
        if hour.progress == Progress::Over {
            watched = judging;
        }
    }
    raised.extend(step(project, hours, tries, policy));
    expected
}

/// What Sentry's formula allows in the hour that begins then.
fn limit(before: &[Hour], begins: Timestamp) -> u64 {
    let week = &before[before.len().saturating_sub(WEEK)..];
    let hours: Vec<HourCount> =
        week.iter().map(|hour| HourCount { hour: hour.begins.as_second(), events: hour.errors }).collect();
    Forecast::compute(&hours, begins).limit_on(begins, begins)
}

/// A rise that lasts, up to the newest hour that is over.
fn step(project: &ProjectSlug, hours: &[Hour], tries: f64, policy: WatchPolicy) -> Option<Raised> {
    let over: Vec<&Hour> = hours.iter().filter(|hour| hour.progress == Progress::Over).collect();
    let counts: Vec<u64> = over.iter().map(|hour| hour.errors).collect();
    let sum = Sum::allowed(lasting(&counts, RHYTHM)?, tries, policy)?;
    Some(Raised::over(project, Detector::Step, over.last()?.begins, sum))
}
