//! Sentry's own answer to "is this too much?": the forecast for archived issues, and the rate for new ones.
//!
//! The formulas are Sentry's `escalating_issues_alg` and its rule for new issues, to the letter: the embedded server lives
//! by them, and a watch tells when they would have spoken. They guard against floods; a rate that doubles passes them.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Hours in the week that a forecast looks at.
const WEEK_HOURS: usize = 7 * 24;

/// Days a forecast covers.
pub const FORECAST_DAYS: usize = 14;

/// Seconds after which a forecast is computed anew.
pub const FORECAST_KEPT_SECONDS: i64 = 7 * 86_400;

/// One clock hour with at least one event: its first second since 1970, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    /// First second of the hour.
    pub hour: i64,
    /// Events in it.
    pub events: u64,
}

/// The most events per clock hour that are still as usual, for each of the next 14 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    limits: [u64; FORECAST_DAYS],
}

impl Forecast {
    /// Computes the forecast on the day of `now` from the hours of the week before it. Hours without events may be
    /// absent, and an issue with any such hour counts as young: its limit is ten times its busiest hour.
    pub fn compute(hours: &[HourCount], now: Timestamp) -> Self {
        let busy: Vec<HourCount> = hours.iter().copied().filter(|hour| hour.events > 0).collect();
        let max = busy.iter().map(|hour| hour.events).max().unwrap_or(1);
        if busy.len() < WEEK_HOURS {
            return Self { limits: [max.saturating_mul(10); FORECAST_DAYS] };
        }
        let today = day_number(now.as_second());
        let model = Baseline::of(&busy);
        let mut limits = [0; FORECAST_DAYS];
        for (ahead, limit) in limits.iter_mut().enumerate() {
            let weekday = (today + i64::try_from(ahead).unwrap_or(0)).rem_euclid(7);
            *limit = model.limit(&busy, weekday);
        }
        Self { limits }
    }

    /// Reads limits that were stored; `None` unless there are exactly 14.
    pub fn from_limits(limits: &[u64]) -> Option<Self> {
        limits.try_into().ok().map(|limits| Self { limits })
    }

    /// The limits, for storing.
    pub fn limits(&self) -> &[u64] {
        &self.limits
    }

    /// The limit on the day of `now` for a forecast made at `computed_at`; after the last day the last one holds.
    pub fn limit_on(&self, computed_at: Timestamp, now: Timestamp) -> u64 {
        let days = day_number(now.as_second()) - day_number(computed_at.as_second());
        let last = FORECAST_DAYS - 1;
        self.limits[usize::try_from(days).map_or(0, |days| days.min(last))]
    }

    /// Whether `events_this_hour` in the clock hour of `now` is more than the forecast allows.
    pub fn is_exceeded(&self, computed_at: Timestamp, now: Timestamp, events_this_hour: u64) -> bool {
        events_this_hour > self.limit_on(computed_at, now)
    }
}

/// What a full week of hours says, apart from the weekday.
struct Baseline {
    average: f64,
    bursty: f64,
    multiplier: f64,
}

impl Baseline {
    fn of(hours: &[HourCount]) -> Self {
        let counts: Vec<f64> = hours.iter().map(|hour| to_f64(hour.events)).collect();
        let n = to_f64(counts.len() as u64);
        let average = counts.iter().sum::<f64>() / n;
        let variance = counts.iter().map(|count| (count - average).powi(2)).sum::<f64>() / (n - 1.0);
        let deviation = variance.sqrt();
        let max = counts.iter().copied().fold(0.0, f64::max);
        let variation = deviation / average;
        let bursty = max * (5.0 * (-0.65 * variation).exp()).clamp(2.0, 5.0);
        let multiplier = ((average + 5.0 * deviation) / average).clamp(5.0, 8.0);
        Self { average, bursty, multiplier }
    }

    fn limit(&self, hours: &[HourCount], weekday: i64) -> u64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for hour in hours {
            let weight = if day_number(hour.hour).rem_euclid(7) == weekday { 2.0 } else { 1.0 };
            sum += weight * to_f64(hour.events);
            weights += weight;
        }
        let spike = sum / weights + self.multiplier * self.average;
        self.bursty.max(spike) as u64
    }
}

/// Days since 1970; the remainder by 7 is a weekday.
fn day_number(second: i64) -> i64 {
    second.div_euclid(86_400)
}

fn to_f64(count: u64) -> f64 {
    count as f64
}

/// What the rule for new issues looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewIssue {
    /// All its events.
    pub times_seen: u64,
    /// Seconds since its first event.
    pub age_seconds: i64,
    /// The project's usual: see [`new_issue_rate`].
    pub project_rate: f64,
}

/// Whether a new issue escalates: younger than a day, at least ten events, and more per hour than 95 % of the
/// project's issues. A rate of 0 means that nothing is usual yet, and nothing escalates.
pub fn new_issue_escalates(issue: NewIssue) -> bool {
    let age_hours = f64::from(i32::try_from(issue.age_seconds).unwrap_or(i32::MAX).max(0)) / 3600.0;
    age_hours < 24.0
        && issue.times_seen >= 10
        && issue.project_rate > 0.0
        && to_f64(issue.times_seen) / age_hours.max(1.0) > issue.project_rate
}

/// One issue of the project in the last week, for [`new_issue_rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekOfIssue {
    /// Its events in the last week.
    pub events: u64,
    /// Seconds since its first event.
    pub age_seconds: i64,
}

/// The 95th percentile of the hourly event rates of the project's issues over the last week (linear between ranks),
/// of issues with more than one event and older than an hour; 0 when there is none.
pub fn new_issue_rate(issues: &[WeekOfIssue]) -> f64 {
    let mut rates: Vec<f64> = issues
        .iter()
        .filter(|issue| issue.events > 1 && issue.age_seconds > 3600)
        .map(|issue| {
            let hours = (issue.age_seconds / 3600).clamp(1, 168);
            to_f64(issue.events) / to_f64(hours.unsigned_abs())
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let Some(last) = rates.len().checked_sub(1) else { return 0.0 };
    let rank = 0.95 * to_f64(last as u64);
    let below = rank.floor() as usize;
    let above = (below + 1).min(last);
    rates[below] + (rates[above] - rates[below]) * rank.fract()
}

#[cfg(test)]
mod tests;
