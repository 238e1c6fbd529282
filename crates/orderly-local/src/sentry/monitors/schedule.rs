//! When a job is expected, and how much is forgiven. Pure.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::crontab::Crontab;

/// The settings of a monitor, in the web API's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// `crontab` or `interval`.
    pub schedule_type: ScheduleType,
    /// When the job runs.
    pub schedule: Schedule,
    /// Minutes that a run may begin late; 1 when nothing is said.
    #[serde(default)]
    pub checkin_margin: Option<i64>,
    /// Minutes that a run may take; 30 when nothing is said.
    #[serde(default)]
    pub max_runtime: Option<i64>,
    /// Where the crontab's hours are those of the clock.
    #[serde(default)]
    pub timezone: Option<String>,
    /// Failures in a row that open an issue.
    #[serde(default)]
    pub failure_issue_threshold: Option<i64>,
    /// Successes in a row that resolve it.
    #[serde(default)]
    pub recovery_threshold: Option<i64>,
}

/// The kind of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleType {
    /// Five fields.
    Crontab,
    /// Every so often.
    Interval,
}

/// When a job runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Schedule {
    /// `0 * * * *`
    Crontab(String),
    /// `[1, "hour"]`
    Every(i64, Unit),
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// A day of the calendar.
    Day,
    /// Seven days.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

impl Config {
    /// What is wrong with it, if anything.
    pub fn problem(&self) -> Option<&'static str> {
        let fits = match (&self.schedule, self.schedule_type) {
            (Schedule::Crontab(text), ScheduleType::Crontab) => Crontab::read(text).is_some(),
            (Schedule::Every(count, _), ScheduleType::Interval) => (1..=10_000).contains(count),
            _ => false,
        };
        if !fits {
            return Some("The schedule is neither a crontab nor an interval such as [1, \"hour\"].");
        }
        if self.zone().is_none() {
            return Some("The timezone does not exist.");
        }
        let minutes = [self.checkin_margin, self.max_runtime];
        let counts = [self.failure_issue_threshold, self.recovery_threshold];
        let in_range = minutes.iter().flatten().all(|n| (1..=40_320).contains(n))
            && counts.iter().flatten().all(|n| (1..=720).contains(n));
        (!in_range).then_some("Margins and run times are 1 to 40320 minutes, thresholds 1 to 720.")
    }

    /// `None` for a zone that does not exist.
    fn zone(&self) -> Option<TimeZone> {
        self.timezone.as_deref().map_or(Some(TimeZone::UTC), |name| TimeZone::get(name).ok())
    }

    /// When the run after `from` is expected.
    pub fn next(&self, from: Timestamp) -> Option<Timestamp> {
        let zone = self.zone().unwrap_or(TimeZone::UTC);
        match &self.schedule {
            Schedule::Crontab(text) => Crontab::read(text)?.next(from, &zone),
            Schedule::Every(count, unit) => {
                let span = match unit {
                    Unit::Minute => count.minutes(),
                    Unit::Hour => count.hours(),
                    Unit::Day => count.days(),
                    Unit::Week => count.weeks(),
                    Unit::Month => count.months(),
                    Unit::Year => count.years(),
                };
                let next = from.to_zoned(zone).checked_add(span).ok()?.timestamp();
                // To the minute, as the checks are.
                Timestamp::from_second(next.as_second() - next.as_second().rem_euclid(60)).ok()
            }
        }
    }

    /// How long after it was expected a run is missed.
    pub fn margin(&self) -> SignedDuration {
        SignedDuration::from_mins(self.checkin_margin.unwrap_or(1))
    }

    /// How long a run may take.
    pub fn runtime(&self) -> SignedDuration {
        SignedDuration::from_mins(self.max_runtime.unwrap_or(30))
    }

    /// Failures in a row that open an issue.
    pub fn failures_allowed(&self) -> i64 {
        self.failure_issue_threshold.unwrap_or(1)
    }

    /// Successes in a row that resolve it.
    pub fn successes_needed(&self) -> i64 {
        self.recovery_threshold.unwrap_or(1)
    }
}
