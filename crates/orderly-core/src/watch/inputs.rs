//! What was counted, and how often chance may raise an alarm.

use crate::answer::Cause;
use crate::detect::share::Portion;
use crate::escalation::WeekOfIssue;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Everything that one look saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Projects, by name.
    pub observed: Vec<Observed>,
    /// Issues that are new in a new release.
    pub fresh: Vec<FreshIssue>,
    /// What issues of each project usually do.
    pub week: Vec<WeekOfProject>,
    /// Alerts that Sentry itself has raised.
    pub alerts: Vec<SentryAlert>,
    /// What could not be looked at.
    pub unseen: Vec<Unseen>,
}

/// Something that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// What: `errors of web`.
    pub what: String,
    /// Why not.
    pub cause: Cause,
}

/// What was counted in a project, hour by hour, oldest first and without gaps. A series that nobody reports is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Whose.
    pub project: ProjectSlug,
    /// Errors.
    pub errors: Vec<Hour>,
    /// Sessions that crashed, of all.
    pub crashes: Vec<Part>,
    /// Transactions that failed, of all.
    pub failures: Vec<Part>,
    /// Transactions that were slow, of all.
    pub slow: Slow,
}

/// An hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When it begins.
    pub begins: Timestamp,
    /// Errors in it so far.
    pub errors: u64,
    /// Whether there may be more.
    pub progress: Progress,
}

/// Part of what happened in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// When it begins.
    pub begins: Timestamp,
    /// How many of how many.
    pub portion: Portion,
}

/// Slow transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slow {
    /// Slow is what takes longer than this, in milliseconds.
    pub over_millis: u64,
    /// They, of all.
    pub parts: Vec<Part>,
}

/// Whether an hour is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It is.
    Over,
    /// It still runs, or its events still arrive.
    Running,
}

/// An issue that was first seen in a release that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshIssue {
    /// Its project.
    pub project: ProjectSlug,
    /// Its id.
    pub id: IssueId,
    /// Its short id.
    pub short_id: ShortId,
    /// Its title.
    pub title: Untrusted<String>,
    /// The release.
    pub release: Untrusted<String>,
    /// Its events so far.
    pub events: u64,
    /// Its first event.
    pub first_seen: Timestamp,
    /// Its last event.
    pub last_seen: Timestamp,
}

/// What the issues of a project did in the last week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekOfProject {
    /// The project.
    pub project: ProjectSlug,
    /// Its issues.
    pub issues: Vec<WeekOfIssue>,
}

/// A critical alert that Sentry has raised by a rule that somebody wrote there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentryAlert {
    /// Its id in Sentry.
    pub id: String,
    /// Name of the rule.
    pub title: Untrusted<String>,
    /// The projects that it is about.
    pub projects: Vec<ProjectSlug>,
    /// Since when.
    pub since: Timestamp,
    /// What was measured, if Sentry says.
    pub value: Option<f64>,
    /// What it was held against, if Sentry says.
    pub threshold: Option<f64>,
}

/// How careful a watch is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchPolicy {
    /// Alarms that chance may raise in a week, over everything that is watched together.
    pub false_a_week: f64,
    /// Errors come in bursts, which a few quiet weeks do not disprove: their variance is at least so many times their mean.
    pub least_dispersion: f64,
}

impl Default for WatchPolicy {
    /// One alarm by chance in twenty weeks.
    fn default() -> Self {
        Self { false_a_week: 0.05, least_dispersion: 1.5 }
    }
}
