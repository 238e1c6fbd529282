//! Issues that are new in a new release: does one of them have more events than new issues of its project usually have?

use super::inputs::{FreshIssue, WatchPolicy, WeekOfProject};
use super::raised::{Detector, Raised, Sum};
use crate::detect::Alarm;
use crate::escalation::new_issue_rate;
use crate::time::Now;
use std::collections::BTreeMap;

/// Fewer events than this are somebody trying something.
const LEAST: u64 = 5;
/// The least that an issue is expected to have in an hour: nothing is known of a project that never had one.
const LEAST_RATE: f64 = 0.5;
/// Issues of a day are seen; chance gets seven such days a week.
const DAYS_A_WEEK: f64 = 7.0;

/// Holds each new issue against the rate that 95 % of the issues of its project stay below (Sentry's own measure).
pub(super) fn judge_fresh(fresh: &[FreshIssue], week: &[WeekOfProject], policy: WatchPolicy) -> Vec<Raised> {
    let usual: BTreeMap<_, f64> =
        week.iter().map(|one| (&one.project, new_issue_rate(&one.issues))).collect();
    let tries = DAYS_A_WEEK * fresh.len() as f64;
    fresh
        .iter()
        .filter(|issue| issue.events >= LEAST)
        .filter_map(|issue| {
            let hours = (Now(issue.last_seen).seconds_since(issue.first_seen) as f64 / 3600.0).max(1.0);
            let rate = usual.get(&issue.project).copied().unwrap_or(0.0).max(LEAST_RATE);
            let (window, events) = (hours.ceil() as usize, issue.events as f64);
            let alarm = Alarm::of(window, events, rate * hours, policy.least_dispersion);
            let sum = Sum::allowed(alarm, tries, policy)?;
            Some(Raised {
                project: issue.project.clone(),
                detector: Detector::NewInRelease {
                    issue: issue.id,
                    short_id: issue.short_id.clone(),
                    title: issue.title.clone(),
                    release: issue.release.clone(),
                },
                begins: issue.first_seen,
                newest: issue.last_seen,
                sum: Some(sum),
            })
        })
        .collect()
}
