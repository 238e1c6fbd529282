//! An alarm, as everybody is told it.

use super::inputs::WatchPolicy;
use crate::detect::Alarm;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::time::{Timestamp, later};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

const HOUR: i64 = 3600;

/// What raised an alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "detector", rename_all = "snake_case")]
pub enum Detector {
    /// More errors than usual in the newest hours.
    Errors,
    /// The rate of errors rose some hours ago, and stays.
    Step,
    /// More errors in an hour than Sentry's own formula allows.
    Escalation {
        /// What it allows.
        limit: u64,
    },
    /// An issue that was first seen in a new release, with more events than new issues usually have.
    NewInRelease {
        /// Its id.
        issue: IssueId,
        /// Its short id.
        short_id: ShortId,
        /// Its title.
        title: Untrusted<String>,
        /// The release.
        release: Untrusted<String>,
    },
    /// More of the sessions crash than usual.
    Crashes {
        /// All sessions of the window.
        sessions: u64,
    },
    /// More of the transactions fail than usual.
    Failures {
        /// All transactions of the window.
        transactions: u64,
    },
    /// More of the transactions are slow than usual.
    Latency {
        /// All transactions of the window.
        transactions: u64,
        /// Slow is what takes longer than this, in milliseconds.
        over_millis: u64,
    },
    /// Sentry raised a critical alert by a rule that somebody wrote there.
    SentryAlert {
        /// Its id in Sentry.
        id: String,
        /// Name of the rule.
        title: Untrusted<String>,
        /// What was measured.
        value: Option<f64>,
        /// What it was held against.
        threshold: Option<f64>,
    },
}

impl Detector {
    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Step => "step",
            Self::Escalation { .. } => "escalation",
            Self::NewInRelease { .. } => "new_in_release",
            Self::Crashes { .. } => "crashes",
            Self::Failures { .. } => "failures",
            Self::Latency { .. } => "latency",
            Self::SentryAlert { .. } => "sentry_alert",
        }
    }
}

/// The sum behind an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// Observed, expected, dispersion, p-value; its window is in hours.
    #[serde(flatten)]
    pub alarm: Alarm,
    /// How often chance raises an alarm like this in a week, over everything that is watched.
    pub by_chance_a_week: f64,
}

impl Sum {
    /// The sum, with the dispersion that a policy believes in at least; chance gets `tries` a week.
    pub(super) fn of(alarm: Alarm, tries: f64, policy: WatchPolicy) -> Self {
        let dispersion = alarm.dispersion.max(policy.least_dispersion);
        let alarm = Alarm::of(alarm.window, alarm.observed, alarm.expected, dispersion);
        Self { alarm, by_chance_a_week: alarm.p_value * tries }
    }

    /// [`Sum::of`], if the policy lets it speak.
    pub(super) fn allowed(alarm: Alarm, tries: f64, policy: WatchPolicy) -> Option<Self> {
        let sum = Self::of(alarm, tries, policy);
        (sum.by_chance_a_week <= policy.false_a_week).then_some(sum)
    }
}

/// Something is more than usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// Where.
    pub project: ProjectSlug,
    /// By what, with what it is about.
    #[serde(flatten)]
    pub detector: Detector,
    /// When the first of the hours begins that are too much; for an issue or an alert of Sentry, when that began.
    pub begins: Timestamp,
    /// When the newest of them begins.
    pub newest: Timestamp,
    /// The sum; an alert of Sentry has its own.
    pub sum: Option<Sum>,
}

impl Raised {
    /// An alarm over the window that ends with the hour `newest`.
    pub(super) fn over(project: &ProjectSlug, detector: Detector, newest: Timestamp, sum: Sum) -> Self {
        let before = i64::try_from(sum.alarm.window.saturating_sub(1)).unwrap_or(0) * HOUR;
        let begins = later(newest, -before);
        Self { project: project.clone(), detector, begins, newest, sum: Some(sum) }
    }

    /// When the newest of its hours ends.
    pub fn ends(&self) -> Timestamp {
        later(self.newest, HOUR)
    }

    /// What makes it the same alarm when it is seen again: a lasting one has no hour of its own.
    pub fn key(&self) -> (ProjectSlug, &'static str, String) {
        let about = match &self.detector {
            Detector::NewInRelease { issue, .. } => issue.to_string(),
            Detector::SentryAlert { id, .. } => id.clone(),
            Detector::Step => String::new(),
            _ => self.newest.to_string(),
        };
        (self.project.clone(), self.detector.word(), about)
    }

    /// Less likely by chance first; where both are beyond what a number can tell, by how much there is too much.
    pub fn by_weight(&self, other: &Self) -> Ordering {
        let (a, b) = (self.weight(), other.weight());
        a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)).then_with(|| self.key().cmp(&other.key()))
    }

    fn weight(&self) -> (f64, f64) {
        let alarm = self.sum.map(|sum| sum.alarm);
        // What Sentry says of itself proves nothing by numbers.
        alarm.map_or((1.0, 0.0), |alarm| (alarm.p_value, alarm.observed - alarm.expected))
    }
}
