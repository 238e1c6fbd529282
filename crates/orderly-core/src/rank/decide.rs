//! The score of an issue. Counts weigh by their logarithm: ten times as many users are one step more, whatever there were.

use super::inputs::{Factor, Part, Score, Weighed, Weights};
use crate::sync::snapshot::{Level, Status, Unresolved};

/// Days that count as lately.
const LATELY: usize = 3;

/// Weighs an issue.
pub fn score(weighed: Weighed<'_>, weights: &Weights) -> Score {
    let part = |factor: Factor| {
        let (share, because) = share(factor, weighed)?;
        let points = (f64::from(weights.of(factor)) * share.clamp(0.0, 1.0)).round();
        // A share of a weight is no larger than the weight.
        let points = points as u32;
        (points > 0).then_some(Part { factor, points, because })
    };
    let parts: Vec<Part> = Factor::ALL.into_iter().filter_map(part).collect();
    Score { total: parts.iter().map(|part| part.points).sum(), parts }
}

/// The share of its weight that a factor gives, from 0 to 1 and more.
fn share(factor: Factor, weighed: Weighed<'_>) -> Option<(f64, String)> {
    let issue = weighed.issue;
    match factor {
        Factor::Users => Some((logarithmic(issue.users, 4.0), counted(issue.users, "user"))),
        Factor::Events => Some((logarithmic(issue.events, 5.0), counted(issue.events, "event"))),
        Factor::Trend => trend(weighed.daily),
        Factor::Level => Some((
            match issue.level {
                Level::Fatal => 1.0,
                Level::Error => 0.6,
                Level::Warning => 0.2,
                Level::Info | Level::Debug => 0.0,
            },
            issue.level.word().to_owned(),
        )),
        Factor::New => match weighed.current_release {
            Some(since) => {
                (issue.first_seen >= since).then(|| (1.0, "first seen in the current release".to_owned()))
            }
            None => (issue.status == Status::Unresolved(Unresolved::New))
                .then(|| (0.5, "first seen within a week".to_owned())),
        },
        Factor::Back => match issue.status {
            Status::Unresolved(Unresolved::Regressed) => Some((1.0, "regressed".to_owned())),
            Status::Unresolved(Unresolved::Escalating) => Some((0.7, "escalating".to_owned())),
            _ => None,
        },
    }
}

/// 1 at ten to the power of `full`.
fn logarithmic(count: u64, full: f64) -> f64 {
    // Counts of events are far below the 2^53 that a float holds exactly.
    (count as f64 + 1.0).log10() / full
}

/// Events a day lately against before: double counts a third, eight times all of it.
fn trend(daily: &[u64]) -> Option<(f64, String)> {
    let (before, lately) = daily.split_at(daily.len().checked_sub(LATELY)?);
    if before.len() < LATELY {
        return None;
    }
    let mean = |days: &[u64]| days.iter().sum::<u64>() as f64 / days.len() as f64;
    let (before, lately) = (mean(before), mean(lately));
    // One event a day more or less is no trend.
    let ratio = (lately + 1.0) / (before + 1.0);
    (ratio > 1.0).then(|| (ratio.log2() / 3.0, format!("{lately:.1} a day, {before:.1} before")))
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
