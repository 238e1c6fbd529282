//! Sessions that crash, transactions that fail or are slow: more of them than usual?

use super::inputs::{Part, WatchPolicy};
use super::raised::{Detector, Raised, Sum};
use crate::detect::share::{Portion, judge};
use crate::ids::ProjectSlug;
use crate::time::Timestamp;

/// Judges the hours from `since` on; `detector` is given how many there were of all in the window of an alarm.
pub(super) fn judge_parts(
    project: &ProjectSlug,
    parts: &[Part],
    since: Timestamp,
    tries: f64,
    policy: WatchPolicy,
    detector: &dyn Fn(u64) -> Detector,
) -> Vec<Raised> {
    let portions: Vec<Portion> = parts.iter().map(|part| part.portion).collect();
    let judged = parts.iter().enumerate().filter(|(_, part)| part.begins >= since);
    judged
        .filter_map(|(at, part)| {
            let so_far = &portions[..=at];
            let sum = Sum::allowed(judge(so_far)?, tries, policy)?;
            let window = &so_far[so_far.len().saturating_sub(sum.alarm.window)..];
            let all = window.iter().map(|portion| portion.of).sum();
            Some(Raised::over(project, detector(all), part.begins, sum))
        })
        .collect()
}
