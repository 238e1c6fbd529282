//! Hours that follow each other, on one line a project.

use crate::detect::share::Portion;
use crate::ids::ProjectSlug;
use crate::time::{Timestamp, later};
use crate::watch::{Hour, Observed, Part, Progress, Slow};
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3600;

/// What was counted in a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    project: ProjectSlug,
    /// Errors of each hour.
    errors: Vec<Stretch<u64>>,
    /// When the hours begin in which there may be more.
    running: Vec<Timestamp>,
    /// Sessions that crashed, of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    crashes: Vec<Stretch<(u64, u64)>>,
    /// Transactions that failed, of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Stretch<(u64, u64)>>,
    /// Transactions that took longer than `over_millis`, of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    slow: Vec<Stretch<(u64, u64)>>,
    #[serde(default)]
    over_millis: u64,
}

/// Hours without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stretch<T> {
    begins: Timestamp,
    hours: Vec<T>,
}

impl From<&Observed> for Line {
    fn from(observed: &Observed) -> Self {
        let Observed { project, errors, crashes, failures, slow } = observed;
        let parts = |parts: &[Part]| {
            stretches(parts.iter().map(|part| (part.begins, (part.portion.hit, part.portion.of))))
        };
        let runs = |hour: &&Hour| hour.progress == Progress::Running;
        Self {
            project: project.clone(),
            errors: stretches(errors.iter().map(|hour| (hour.begins, hour.errors))),
            running: errors.iter().filter(runs).map(|hour| hour.begins).collect(),
            crashes: parts(crashes),
            failures: parts(failures),
            slow: parts(&slow.parts),
            over_millis: slow.over_millis,
        }
    }
}

impl From<Line> for Observed {
    fn from(line: Line) -> Self {
        let parts = |stretches: Vec<Stretch<(u64, u64)>>| -> Vec<Part> {
            let part = |(begins, (hit, of))| Part { begins, portion: Portion { hit, of } };
            hours(stretches).map(part).collect()
        };
        let hour = |(begins, errors)| {
            let runs = line.running.contains(&begins);
            Hour { begins, errors, progress: if runs { Progress::Running } else { Progress::Over } }
        };
        Self {
            errors: hours(line.errors).map(hour).collect(),
            crashes: parts(line.crashes),
            failures: parts(line.failures),
            slow: Slow { over_millis: line.over_millis, parts: parts(line.slow) },
            project: line.project,
        }
    }
}

fn stretches<T>(hours: impl Iterator<Item = (Timestamp, T)>) -> Vec<Stretch<T>> {
    let mut all: Vec<Stretch<T>> = Vec::new();
    for (begins, count) in hours {
        match all.last_mut() {
            Some(last) if after(last.begins, last.hours.len()) == begins => last.hours.push(count),
            _ => all.push(Stretch { begins, hours: vec![count] }),
        }
    }
    all
}

fn hours<T>(stretches: Vec<Stretch<T>>) -> impl Iterator<Item = (Timestamp, T)> {
    stretches.into_iter().flat_map(|Stretch { begins, hours }| {
        hours.into_iter().enumerate().map(move |(number, count)| (after(begins, number), count))
    })
}

/// So many hours later.
fn after(begins: Timestamp, hours: usize) -> Timestamp {
    match i64::try_from(hours) {
        Ok(0) => begins,
        hours => later(begins, hours.unwrap_or(i64::MAX).saturating_mul(HOUR)),
    }
}
