//! Request, complexity and search limits: leaky buckets, one set per user, as Linear keeps them.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use super::model::UserId;
use super::problem::Problem;

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one user in an hour.
    pub requests_per_hour: u32,
    /// Points of complexity of one user in an hour.
    pub complexity_per_hour: u32,
    /// Points of a single request.
    pub complexity_per_request: u32,
    /// Searches of one user in a minute.
    pub searches_per_minute: u32,
}

impl Limits {
    /// What Linear publishes for requests without a key.
    pub const ANONYMOUS: Self = Self {
        requests_per_hour: 600,
        complexity_per_hour: 100_000,
        complexity_per_request: 10_000,
        searches_per_minute: 30,
    };
}

impl Default for Limits {
    /// What Linear publishes for API keys.
    fn default() -> Self {
        Self {
            requests_per_hour: 2_500,
            complexity_per_hour: 3_000_000,
            complexity_per_request: 10_000,
            searches_per_minute: 30,
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meter {
    Requests,
    Complexity,
    Searches,
}

impl Meter {
    fn allowed(self, limits: &Limits) -> u32 {
        match self {
            Self::Requests => limits.requests_per_hour,
            Self::Complexity => limits.complexity_per_hour,
            Self::Searches => limits.searches_per_minute,
        }
    }

    /// The time in which a full bucket runs empty.
    pub fn period(self) -> SignedDuration {
        match self {
            Self::Requests | Self::Complexity => SignedDuration::from_hours(1),
            Self::Searches => SignedDuration::from_mins(1),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Complexity => "complexity",
            Self::Searches => "search",
        }
    }
}

/// The state of one limit of one user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    pub meter: Meter,
    pub requested: u64,
    pub allowed: u32,
    pub remaining: u32,
    /// When the bucket is empty again if nothing is added.
    pub reset: Timestamp,
}

/// All buckets.
#[derive(Debug, Default)]
pub struct Buckets {
    levels: HashMap<(UserId, Meter), Level>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    amount: f64,
    at: Timestamp,
}

impl Buckets {
    /// Adds `amount` to a bucket, or refuses when it would run over. Both answer with the bucket's state.
    pub fn charge(
        &mut self,
        limits: &Limits,
        user: &UserId,
        meter: Meter,
        amount: u64,
        now: Timestamp,
    ) -> Result<Reading, Reading> {
        let allowed = meter.allowed(limits);
        let level = self.levels.entry((user.clone(), meter)).or_insert(Level { amount: 0.0, at: now });
        let period = meter.period().as_secs_f64();
        let elapsed = now.duration_since(level.at).as_secs_f64().max(0.0);
        level.amount = (level.amount - elapsed * f64::from(allowed) / period).max(0.0);
        level.at = now;
        let fits = level.amount + amount as f64 <= f64::from(allowed);
        if fits {
            level.amount += amount as f64;
        }
        let share = if allowed == 0 { 0.0 } else { level.amount / f64::from(allowed) };
        let reading = Reading {
            meter,
            requested: amount,
            allowed,
            remaining: (f64::from(allowed) - level.amount).max(0.0).floor() as u32,
            reset: now
                .checked_add(SignedDuration::from_millis((share * period * 1000.0).ceil() as i64))
                .unwrap_or(now),
        };
        if fits { Ok(reading) } else { Err(reading) }
    }
}

impl Reading {
    /// The refusal when this bucket would run over.
    pub fn problem(&self) -> Problem {
        let per = match self.meter {
            Meter::Requests => "requests per hour",
            Meter::Complexity => "points of complexity per hour",
            Meter::Searches => "searches per minute",
        };
        Problem::rate_limited(format!("You can use {} {per}; try again after {}.", self.allowed, self.reset))
    }

    /// Tells the client how this limit stands.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let names = match self.meter {
            Meter::Requests => {
                ["x-ratelimit-requests-limit", "x-ratelimit-requests-remaining", "x-ratelimit-requests-reset"]
            }
            Meter::Complexity => {
                headers.insert("x-complexity", HeaderValue::from(self.requested));
                [
                    "x-ratelimit-complexity-limit",
                    "x-ratelimit-complexity-remaining",
                    "x-ratelimit-complexity-reset",
                ]
            }
            Meter::Searches => {
                headers.insert("x-ratelimit-endpoint-name", HeaderValue::from_static("search"));
                [
                    "x-ratelimit-endpoint-requests-limit",
                    "x-ratelimit-endpoint-requests-remaining",
                    "x-ratelimit-endpoint-requests-reset",
                ]
            }
        };
        let values = [i64::from(self.allowed), i64::from(self.remaining), self.reset.as_millisecond()];
        for (name, value) in names.into_iter().zip(values) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}
