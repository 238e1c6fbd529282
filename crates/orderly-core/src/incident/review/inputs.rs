//! What is looked up for a review, beside the log: all of it can be stored, so that the same review can be made again.

use crate::answer::Cause;
use crate::detect::Alarm;
use crate::ids::ProjectSlug;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// What Sentry recorded around an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Errors of its projects, hour by hour.
    pub series: Vec<Series>,
    /// What was changed meanwhile.
    pub changes: Vec<Change>,
    /// Which errors there were, the most frequent first.
    pub patterns: Vec<Pattern>,
    /// Which alarms would have been raised, and how often falsely.
    pub alarms: Vec<BackTest>,
    /// What could not be looked at.
    pub unseen: Vec<(String, Cause)>,
}

/// Errors of a project by hour, oldest first and without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Whose.
    pub project: ProjectSlug,
    /// When the first hour begins.
    pub begins: Timestamp,
    /// Errors of each hour.
    pub errors: Vec<u64>,
}

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What sort of thing.
    pub kind: ChangeKind,
    /// Which: a version, a flag.
    pub what: Untrusted<String>,
}

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A release went out.
    Deploy,
    /// A feature flag was switched.
    Flag,
}

/// Errors of the incident that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// Type of the error.
    pub kind: Untrusted<String>,
    /// Where it happened.
    pub transaction: Untrusted<String>,
    /// In which release.
    pub release: Untrusted<String>,
    /// How often.
    pub events: u64,
    /// How many users met it.
    pub users: u64,
}

/// An alarm that a watch would have raised over what was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackTest {
    /// Where.
    pub project: ProjectSlug,
    /// Which detector, as `orderly watch` names it.
    pub detector: String,
    /// When it would have been raised during the incident, at the latest; `None`: not at all.
    pub fires: Option<Fired>,
    /// Alarms in the time before the incident: false as far as is known.
    pub falsely: u32,
    /// Over so many hours before the incident that could be judged.
    pub hours: u32,
}

/// When an alarm would have been raised, and the sum behind it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fired {
    /// Not later than this.
    pub by: Timestamp,
    /// The sum.
    pub sum: Alarm,
    /// For errors: so many of them in the hour were enough.
    pub at_least: Option<u64>,
}
