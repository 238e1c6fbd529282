//! What severity is judged by, and the policy that judges.

use crate::time::Seconds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How bad an incident is; the worse, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Few notice.
    #[serde(rename = "SEV4")]
    Sev4,
    /// A part of the service suffers.
    #[serde(rename = "SEV3")]
    Sev3,
    /// Many suffer, or something that must not suffer does.
    #[serde(rename = "SEV2")]
    Sev2,
    /// The service fails for its users.
    #[serde(rename = "SEV1")]
    Sev1,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4];

    /// `SEV1`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sev1 => "SEV1",
            Self::Sev2 => "SEV2",
            Self::Sev3 => "SEV3",
            Self::Sev4 => "SEV4",
        }
    }

    /// The next worse one; SEV1 is the worst.
    #[must_use]
    pub const fn worse(self) -> Self {
        match self {
            Self::Sev4 => Self::Sev3,
            Self::Sev3 => Self::Sev2,
            Self::Sev2 | Self::Sev1 => Self::Sev1,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no severity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are SEV1, SEV2, SEV3 and SEV4")]
pub struct Unnamed;

impl std::str::FromStr for Severity {
    type Err = Unnamed;

    /// `SEV1`, `sev1` or `1`.
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let number = text.trim().to_ascii_uppercase();
        let number = number.strip_prefix("SEV").unwrap_or(&number);
        Self::ALL
            .into_iter()
            .find(|severity| severity.word().ends_with(number) && number.len() == 1)
            .ok_or(Unnamed)
    }
}

/// What was counted. What could not be looked at is `None`: it makes nothing worse, and the assessment names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// How far back was counted.
    pub window: Seconds,
    /// Users who met an error of the incident.
    pub users: Option<u64>,
    /// Users who used the services at all.
    pub active_users: Option<u64>,
    /// Errors of the incident.
    pub events: Option<u64>,
    /// The same errors before.
    pub usual: Option<Usual>,
    /// Projects with errors of the incident.
    pub services: u32,
    /// What it touches that must not suffer, each with the pattern that says so.
    pub touches: BTreeMap<Touch, String>,
    /// Whether it grows.
    pub trend: Option<Trend>,
}

/// What was counted before the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// Errors in all of these windows.
    pub events: u64,
    /// How many windows; not 0.
    pub windows: u32,
}

/// Something that must not suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// A path on which money is taken.
    Money,
    /// Authentication, permissions, secrets.
    Security,
}

/// Whether errors become more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Fewer.
    Falling,
    /// As many, as far as can be told.
    Steady,
    /// More.
    Rising,
}

impl Trend {
    /// From the errors of two halves of the window. Under one rate the difference of two Poisson counts has the variance
    /// of their sum; beyond 1.645 standard deviations (one side, 5 %) it is a trend.
    pub fn of(earlier: u64, later: u64) -> Self {
        let (earlier, later) = (earlier as f64, later as f64);
        let bound = 1.645 * (earlier + later).sqrt();
        match later - earlier {
            difference if difference > bound => Self::Rising,
            difference if difference < -bound => Self::Falling,
            _ => Self::Steady,
        }
    }
}

/// What makes an incident how bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeverityPolicy {
    /// One of these makes it SEV1.
    pub sev1: Thresholds,
    /// One of these makes it SEV2.
    pub sev2: Thresholds,
    /// One of these makes it SEV3.
    pub sev3: Thresholds,
    /// A share of users says nothing below this many users with an error.
    pub least_users: u64,
    /// A rate says nothing below this many errors.
    pub least_events: u64,
    /// At least this where money is touched.
    pub money: Severity,
    /// At least this where security is touched.
    pub security: Severity,
    /// Growing errors make it one worse, but not worse than this.
    pub rising: Severity,
}

/// From where on it is so bad; what is `None` never makes it so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Users with an error.
    pub users: Option<u64>,
    /// Their share of all active users, in percent.
    pub share: Option<u32>,
    /// Errors as a multiple of what is usual; less than one error a window counts as one.
    pub rate: Option<u32>,
    /// Projects with errors.
    pub services: Option<u32>,
}

impl SeverityPolicy {
    /// The thresholds by severity, the worst first.
    pub(super) fn levels(&self) -> [(Severity, &Thresholds); 3] {
        [(Severity::Sev1, &self.sev1), (Severity::Sev2, &self.sev2), (Severity::Sev3, &self.sev3)]
    }
}

impl Default for SeverityPolicy {
    fn default() -> Self {
        let thresholds = |users, share, rate, services| Thresholds {
            users: Some(users),
            share: Some(share),
            rate,
            services,
        };
        Self {
            sev1: thresholds(5000, 10, None, None),
            sev2: thresholds(500, 2, Some(20), Some(3)),
            sev3: thresholds(50, 1, Some(5), Some(2)),
            least_users: 5,
            least_events: 20,
            money: Severity::Sev2,
            security: Severity::Sev2,
            rising: Severity::Sev2,
        }
    }
}
