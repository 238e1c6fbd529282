//! What goes first: fair between projects, then by impact.

use crate::ids::{IssueId, ProjectSlug};
use crate::sync::snapshot::{Issue, Signal};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How much an issue weighs; the smaller value goes first. The id is the last tie-break, so no two issues are equal and
/// the order of an answer never decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Impact {
    strength: Strength,
    users: Reverse<u64>,
    events: Reverse<u64>,
    rise: Reverse<i64>,
    id: IssueId,
}

/// The strongest signal that named an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Named(Signal),
    Unnamed,
}

impl Impact {
    /// Weighs an issue.
    pub fn of(issue: &Issue, signals: &BTreeSet<Signal>) -> Self {
        Self {
            strength: signals.first().map_or(Strength::Unnamed, |signal| Strength::Named(*signal)),
            users: Reverse(issue.users),
            events: Reverse(issue.events),
            rise: Reverse(rise(&issue.trend)),
            id: issue.id,
        }
    }
}

/// Events of the last 6 hours above those of the 6 hours before.
fn rise(trend: &[u64]) -> i64 {
    let sum = |hours: &[u64]| {
        i64::try_from(hours.iter().fold(0_u64, |a, b| a.saturating_add(*b))).unwrap_or(i64::MAX)
    };
    let (before, last) = trend.split_at(trend.len().saturating_sub(6));
    sum(last).saturating_sub(sum(&before[before.len().saturating_sub(6)..]))
}

/// Round-robin by project: the weightiest of every project, then the second of every project, and so on; by impact
/// within a round. A noisy project cannot push the others out of a bounded pool.
pub fn fair<T>(items: Vec<T>, of: impl Fn(&T) -> (ProjectSlug, Impact)) -> Vec<T> {
    let mut weighed: Vec<(ProjectSlug, Impact, T)> = items
        .into_iter()
        .map(|item| {
            let (project, impact) = of(&item);
            (project, impact, item)
        })
        .collect();
    weighed.sort_by_key(|(_, impact, _)| *impact);
    let mut taken: BTreeMap<ProjectSlug, u32> = BTreeMap::new();
    let mut rounds: Vec<(u32, T)> = weighed
        .into_iter()
        .map(|(project, _, item)| {
            let round = taken.entry(project).or_default();
            *round += 1;
            (*round, item)
        })
        .collect();
    // Stable, so the order by impact holds within a round.
    rounds.sort_by_key(|(round, _)| *round);
    rounds.into_iter().map(|(_, item)| item).collect()
}
