//! The alarms of everything that was seen.

use super::errors::judge_errors;
use super::fresh::judge_fresh;
use super::inputs::{Hour, Observed, Seen, SentryAlert, Unseen, WatchPolicy};
use super::parts::judge_parts;
use super::propose::{Proposal, propose};
use super::raised::{Detector, Raised};
use crate::ids::ProjectSlug;
use crate::time::Timestamp;

const HOURS_A_WEEK: f64 = 168.0;
/// Series of each project: errors, their steps, crashes, failures, slow transactions.
const SERIES: f64 = 5.0;

/// What one look comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sight {
    /// Each project with its newest hour, by name.
    pub judged: Vec<Judged>,
    /// Alarms, oldest first.
    pub raised: Vec<Raised>,
    /// The incidents that they come to.
    pub proposals: Vec<Proposal>,
    /// What could not be looked at.
    pub unseen: Vec<Unseen>,
}

/// The errors of a project in its newest hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Which.
    pub project: ProjectSlug,
    /// Its newest hour, if it has any.
    pub newest: Option<Hour>,
    /// Errors that were expected in it, if enough is known to expect something.
    pub expected: Option<f64>,
}

/// Judges every hour that begins at `since` or later, each by the hours before it alone.
///
/// Chance gets as many tries as there are series and hours, so each alarm has to be that much less likely by chance.
pub fn judge(seen: Seen, since: Timestamp, policy: WatchPolicy) -> Sight {
    let tries = HOURS_A_WEEK * SERIES * seen.observed.len() as f64;
    let mut raised = Vec::new();
    let judged = seen.observed.iter().map(|one| judge_one(one, since, tries, policy, &mut raised)).collect();
    raised.extend(judge_fresh(&seen.fresh, &seen.week, policy));
    let newest = seen.observed.iter().filter_map(|one| one.errors.last()).map(|hour| hour.begins).max();
    raised.extend(seen.alerts.into_iter().flat_map(|alert| told_by_sentry(alert, newest)));
    raised.sort_by(|a, b| (a.newest, a.key()).cmp(&(b.newest, b.key())));
    let proposals = propose(&raised);
    Sight { judged, raised, proposals, unseen: seen.unseen }
}

fn judge_one(
    one: &Observed,
    since: Timestamp,
    tries: f64,
    policy: WatchPolicy,
    raised: &mut Vec<Raised>,
) -> Judged {
    let Observed { project, errors, crashes, failures, slow } = one;
    let expected = judge_errors(project, errors, since, tries, policy, raised);
    let mut parts = |parts: &[_], detector: &dyn Fn(u64) -> Detector| {
        raised.extend(judge_parts(project, parts, since, tries, policy, detector));
    };
    parts(crashes, &|sessions| Detector::Crashes { sessions });
    parts(failures, &|transactions| Detector::Failures { transactions });
    let over_millis = slow.over_millis;
    parts(&slow.parts, &|transactions| Detector::Latency { transactions, over_millis });
    Judged { project: project.clone(), newest: errors.last().copied(), expected }
}

/// An alert of Sentry, in each of its projects. It is as new as the newest hour.
fn told_by_sentry(alert: SentryAlert, newest: Option<Timestamp>) -> impl Iterator<Item = Raised> {
    let SentryAlert { id, title, projects, since, value, threshold } = alert;
    projects.into_iter().map(move |project| Raised {
        project,
        detector: Detector::SentryAlert { id: id.clone(), title: title.clone(), value, threshold },
        begins: since,
        newest: newest.unwrap_or(since).max(since),
        sum: None,
    })
}
