//! From an issue on the wire to an issue of the core.

use super::links;
use orderly_core::ids::{IssueId, ProjectSlug, ShortId};
use orderly_core::sync::snapshot::{
    AppLinks, Archived, Assignee, Issue, Level, Review, SentryPriority, Status, Unresolved,
};
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use orderly_wire::sentry::issue as wire;

/// What the counts of an answer are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// The asked window (lists).
    InWindow,
    /// The whole life of the issue (details): events of the window are taken from the series.
    Ever(Seconds),
}

/// `None` when the id is no number: such an issue cannot be told from others.
pub(super) fn from_wire(issue: &wire::Issue, counted: Counted) -> Option<Issue> {
    let id = IssueId(issue.id.parse().ok()?);
    let text = |text: &str| Untrusted::new(text.to_owned());
    let events = match counted {
        Counted::InWindow => issue.count,
        Counted::Ever(window) => events_within(issue, window),
    };
    let last_seen = issue.last_seen.or(issue.first_seen).unwrap_or(Timestamp::UNIX_EPOCH);
    Some(Issue {
        id,
        short_id: ShortId::new(issue.short_id.clone().unwrap_or_else(|| issue.id.clone())),
        project: ProjectSlug::new(issue.project.slug.clone()),
        title: text(&issue.title),
        error_type: issue.metadata.kind.as_deref().map(text),
        error_value: issue.metadata.value.as_deref().or(issue.metadata.title.as_deref()).map(text),
        culprit: text(&issue.culprit),
        level: level(&issue.level),
        status: status(&issue.status, issue.substatus.as_ref()),
        priority: issue.priority.as_ref().and_then(priority),
        review: if issue.inbox.is_some() { Review::Waiting } else { Review::Settled },
        events,
        users: issue.user_count,
        trend: trend(issue),
        first_seen: issue.first_seen.unwrap_or(last_seen),
        last_seen,
        assignee: issue.assigned_to.as_ref().map(assignee),
        links: links::of_issue(issue),
        app_links: if issue.sentry_app_issues.is_some() { AppLinks::Told } else { AppLinks::NotTold },
    })
}

pub(super) fn level(level: &wire::Level) -> Level {
    match level {
        wire::Level::Debug => Level::Debug,
        wire::Level::Info => Level::Info,
        wire::Level::Warning | wire::Level::Other(_) => Level::Warning,
        wire::Level::Error => Level::Error,
        wire::Level::Fatal => Level::Fatal,
    }
}

/// A status that this version does not know is no status to file work under: it counts as leaving.
fn status(status: &wire::Status, substatus: Option<&wire::Substatus>) -> Status {
    use wire::Substatus as Sub;
    match status {
        wire::Status::Unresolved => Status::Unresolved(match substatus {
            Some(Sub::New) => Unresolved::New,
            Some(Sub::Escalating) => Unresolved::Escalating,
            Some(Sub::Regressed) => Unresolved::Regressed,
            _ => Unresolved::Ongoing,
        }),
        wire::Status::Resolved => Status::Resolved,
        wire::Status::Ignored | wire::Status::Muted => Status::Archived(match substatus {
            Some(Sub::ArchivedUntilEscalating) => Archived::UntilEscalating,
            Some(Sub::ArchivedUntilConditionMet) => Archived::UntilCondition,
            _ => Archived::Forever,
        }),
        wire::Status::PendingDeletion
        | wire::Status::DeletionInProgress
        | wire::Status::PendingMerge
        | wire::Status::Reprocessing
        | wire::Status::Other(_) => Status::Leaving,
    }
}

fn priority(priority: &wire::Priority) -> Option<SentryPriority> {
    match priority {
        wire::Priority::Low => Some(SentryPriority::Low),
        wire::Priority::Medium => Some(SentryPriority::Medium),
        wire::Priority::High => Some(SentryPriority::High),
        wire::Priority::Other(_) => None,
    }
}

pub(super) fn assignee(actor: &wire::Actor) -> Assignee {
    if actor.kind == "team" {
        Assignee::Team { slug: actor.name.trim_start_matches('#').to_owned() }
    } else {
        Assignee::User {
            name: actor.name.clone(),
            email: actor.email.clone().filter(|email| !email.is_empty()),
        }
    }
}

fn trend(issue: &wire::Issue) -> Vec<u64> {
    let mut points = issue.stats.get("24h").cloned().unwrap_or_default();
    points.sort_unstable();
    points.into_iter().map(|(_, events)| events).collect()
}

/// Events of the window, from the finest series that covers it; without one the whole count, which is never too low.
fn events_within(issue: &wire::Issue, window: Seconds) -> u64 {
    let period = if window <= Seconds::days(1) { "24h" } else { "30d" };
    let Some(points) = issue.stats.get(period).filter(|points| !points.is_empty()) else {
        return issue.count;
    };
    let newest = points.iter().map(|(at, _)| *at).max().unwrap_or(0);
    let oldest = newest.saturating_sub(i64::try_from(window.0).unwrap_or(i64::MAX));
    points.iter().filter(|(at, _)| *at > oldest).map(|(_, events)| *events).sum()
}

#[cfg(test)]
mod tests;
