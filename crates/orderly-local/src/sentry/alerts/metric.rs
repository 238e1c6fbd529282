//! A rule about a metric, and what a measured value means under it. Pure.

use serde::{Deserialize, Serialize};

/// A rule about a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricRule {
    /// Of which data, in the words of the web API: `errors`, `transactions`, `spans`.
    pub dataset: String,
    /// What is measured, as in `count()` or `p95(span.duration)`.
    pub aggregate: String,
    /// Of which rows.
    pub query: String,
    /// Of which environment; `None`: all.
    pub environment: Option<String>,
    /// Over how many minutes.
    pub minutes: i64,
    /// What is compared with the thresholds.
    pub compared: Compared,
    /// Which side of a threshold is bad.
    pub direction: Direction,
    /// The worse threshold.
    pub critical: Option<f64>,
    /// The other one.
    pub warning: Option<f64>,
    /// Where an alarm ends, if that is not where it begins.
    pub resolve: Option<f64>,
}

/// What is compared with the thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The value.
    Value,
    /// By how many per cent it differs from the same window this many minutes earlier.
    Percent {
        /// Minutes.
        earlier: i64,
    },
}

/// Which side of a threshold is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Values above it.
    Above,
    /// Values below it.
    Below,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// Not at all.
    Quiet,
    /// Past the warning threshold.
    Warning,
    /// Past the critical threshold.
    Critical,
}

impl MetricRule {
    /// What is compared with the thresholds; `earlier` is the value of the earlier window. `None` when there is no
    /// value to compare with: such a moment says nothing.
    pub fn measured(&self, value: f64, earlier: f64) -> Option<f64> {
        match (self.compared, self.direction) {
            (Compared::Value, _) => Some(value),
            (Compared::Percent { .. }, _) if earlier == 0.0 => None,
            (Compared::Percent { .. }, Direction::Above) => Some((value - earlier) / earlier * 100.0),
            (Compared::Percent { .. }, Direction::Below) => Some((earlier - value) / earlier * 100.0),
        }
    }

    /// What this measured value means, after it was so.
    pub fn judge(&self, measured: f64, was: Alarm) -> Alarm {
        let passes = |threshold: Option<f64>| threshold.is_some_and(|limit| self.is_past(measured, limit));
        if passes(self.critical) {
            Alarm::Critical
        } else if passes(self.warning) {
            Alarm::Warning
        } else if passes(self.resolve) {
            was
        } else {
            Alarm::Quiet
        }
    }

    fn is_past(&self, measured: f64, limit: f64) -> bool {
        match (self.compared, self.direction) {
            // A fall is measured as a positive number of per cent.
            (Compared::Percent { .. }, _) | (Compared::Value, Direction::Above) => measured > limit,
            (Compared::Value, Direction::Below) => measured < limit,
        }
    }

    /// `thresholdType` of the web API.
    pub const fn threshold_type(&self) -> i64 {
        match self.direction {
            Direction::Above => 0,
            Direction::Below => 1,
        }
    }
}
