//! Time as a value. The core never asks a clock; whoever calls it says what time it is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A point in time.
pub type Timestamp = jiff::Timestamp;

/// Whole seconds later, or earlier; at the ends of time, the same time.
pub fn later(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(at.as_second().saturating_add(seconds)).unwrap_or(at)
}

/// The time a decision is made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Now(pub Timestamp);

impl Now {
    /// Whole seconds since `then`; 0 when `then` lies ahead (clocks jump).
    pub fn seconds_since(self, then: Timestamp) -> u64 {
        u64::try_from(self.0.as_second().saturating_sub(then.as_second())).unwrap_or(0)
    }
}

/// A span of whole seconds, as configuration writes it (`24h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u64);

impl Seconds {
    /// `n` hours.
    pub const fn hours(n: u64) -> Self {
        Self(n * 3600)
    }

    /// `n` days.
    pub const fn days(n: u64) -> Self {
        Self(n * 86_400)
    }
}

impl fmt::Display for Seconds {
    /// As configuration writes it, in the largest unit that divides it: `7d`, `24h`, `90m`, `45s`. A day is `24h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n % 86_400 == 0 && n > 86_400 => write!(f, "{}d", n / 86_400),
            n if n % 3600 == 0 && n > 0 => write!(f, "{}h", n / 3600),
            n if n % 60 == 0 && n > 0 => write!(f, "{}m", n / 60),
            n => write!(f, "{n}s"),
        }
    }
}
