//! Would a watch have seen it? The detectors of the watch over the hours that were recorded.

use super::inputs::{BackTest, Fired};
use crate::ids::ProjectSlug;
use crate::time::{Timestamp, later};
use crate::watch::{Hour, Observed, Progress, Raised, Seen, Slow, WatchPolicy, judge};
use std::collections::BTreeMap;

const HOUR: i64 = 3600;

/// How far before an incident false alarms are counted, and how many hours a series needs before it is judged.
const BEFORE: i64 = 10 * 24;
const UNJUDGED: i64 = 24;

/// The time of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first error, as far as is known.
    pub begins: Timestamp,
    /// Its end, or now.
    pub ends: Timestamp,
}

/// Which alarms the hours would have raised in the incident, and how often before it. Only what an hour is judged by is
/// tested: that a rate rose long ago and stays is said of the newest hour alone.
pub fn backtest(observed: &[Observed], stretch: Stretch, policy: WatchPolicy) -> Vec<BackTest> {
    let begun = hour_of(stretch.begins);
    let seen = Seen { observed: before(observed, stretch.ends), ..Seen::default() };
    let since = later(begun, -BEFORE * HOUR);
    let raised = judge(seen, since, policy).raised;
    let mut tests: BTreeMap<(ProjectSlug, &'static str), Vec<&Raised>> = BTreeMap::new();
    for one in raised.iter().filter(|one| one.detector.word() != "step") {
        tests.entry((one.project.clone(), one.detector.word())).or_default().push(one);
    }
    let mut all: Vec<BackTest> = tests
        .into_iter()
        .map(|((project, detector), mut alarms)| {
            alarms.sort_by_key(|alarm| alarm.newest);
            let fires = alarms
                .iter()
                .find(|alarm| alarm.newest >= begun)
                .and_then(|alarm| Some(Fired { by: alarm.ends(), sum: alarm.sum?.alarm, at_least: None }));
            BackTest {
                detector: detector.to_owned(),
                fires,
                falsely: runs(alarms.iter().map(|alarm| alarm.newest).filter(|newest| *newest < begun)),
                hours: judged(observed, &project, since, begun),
                project,
            }
        })
        .collect();
    all.sort_by_key(|test| (test.fires.is_none(), test.fires.map(|fired| fired.by), test.falsely));
    all
}

/// The least number of errors in the last of these hours that raises an alarm where so many projects are watched; `None`
/// when as many as there are do not.
pub fn least_alarming(
    project: &ProjectSlug,
    hours: &[Hour],
    projects: usize,
    policy: WatchPolicy,
) -> Option<u64> {
    // Chance gets as many tries as there are projects.
    let policy = WatchPolicy { false_a_week: policy.false_a_week / projects.max(1) as f64, ..policy };
    let last = hours.last()?;
    let alarms = |errors: u64| {
        let mut hours = hours.to_vec();
        if let Some(newest) = hours.last_mut() {
            *newest = Hour { errors, progress: Progress::Running, ..*last };
        }
        let observed = Observed {
            project: project.clone(),
            errors: hours,
            crashes: Vec::new(),
            failures: Vec::new(),
            slow: Slow::default(),
        };
        let seen = Seen { observed: vec![observed], ..Seen::default() };
        judge(seen, last.begins, policy).raised.iter().any(|one| one.detector.word() == "errors")
    };
    if !alarms(last.errors) {
        return None;
    }
    // More errors never silence an alarm.
    let (mut silent, mut enough) = (0, last.errors);
    while enough - silent > 1 {
        let middle = silent + (enough - silent) / 2;
        if alarms(middle) { enough = middle } else { silent = middle }
    }
    Some(enough)
}

/// Hours before the incident in which an alarm could have been raised: not before a project has been there for a day.
fn judged(observed: &[Observed], project: &ProjectSlug, since: Timestamp, begun: Timestamp) -> u32 {
    let first = observed
        .iter()
        .filter(|one| one.project == *project)
        .flat_map(|one| &one.errors)
        .find(|hour| hour.errors > 0)
        .map_or(since, |hour| later(hour.begins, UNJUDGED * HOUR));
    let seconds = begun.as_second().saturating_sub(first.max(since).as_second());
    u32::try_from(seconds / HOUR).unwrap_or(0)
}

/// The hours that had begun by then.
fn before(observed: &[Observed], ends: Timestamp) -> Vec<Observed> {
    let mut observed = observed.to_vec();
    for one in &mut observed {
        one.errors.retain(|hour| hour.begins <= ends);
        one.crashes.retain(|part| part.begins <= ends);
        one.failures.retain(|part| part.begins <= ends);
        one.slow.parts.retain(|part| part.begins <= ends);
    }
    observed
}

/// Hours in a row are one alarm.
fn runs(hours: impl Iterator<Item = Timestamp>) -> u32 {
    let (mut runs, mut last) = (0, None);
    for hour in hours {
        if last.is_none_or(|last| ends(last) < hour) {
            runs += 1;
        }
        last = Some(hour);
    }
    runs
}

/// When the hour of a time begins.
pub(in crate::incident) fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(HOUR)).unwrap_or(at)
}

fn ends(hour: Timestamp) -> Timestamp {
    later(hour, HOUR)
}
