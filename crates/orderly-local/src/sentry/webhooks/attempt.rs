//! What follows from an attempt to deliver a webhook. Pure.
//!
//! Published apps: three more attempts, five minutes apart, when there was no answer or a server's error; none after
//! a refusal (4xx). Internal integrations: one attempt. An app that timed out a thousand times in a day is told nothing more.

use std::time::Duration;

use jiff::SignedDuration;

/// An app answers within this time.
pub const TIMEOUT: Duration = Duration::from_secs(1);
/// From one attempt to the next, by the servers' clock.
pub const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(300);
/// Attempts after the first one.
const RETRIES: i64 = 3;
/// Timeouts in [`TIMEOUTS_WITHIN`] that switch a webhook off.
pub const MOST_TIMEOUTS: i64 = 1_000;
/// Over which time timeouts are counted.
pub const TIMEOUTS_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With this HTTP status.
    Answered(u16),
    /// With no answer in time.
    TimedOut,
    /// With no connection, or one that broke.
    Unreachable(String),
}

/// Whose webhook it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKind {
    /// Of one organization only.
    Internal,
    /// For everybody.
    Published,
}

/// What is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it arrived.
    Delivered,
    /// Nothing: it is given up.
    Failed,
    /// Another attempt after [`RETRY_AFTER`].
    Again,
}

/// What follows from the outcome of attempt number `attempts` (from 1).
pub fn next(outcome: &Outcome, attempts: i64, app: AppKind) -> Next {
    let worth_another = match outcome {
        Outcome::Answered(200..=299) => return Next::Delivered,
        Outcome::Answered(status) => *status >= 500,
        Outcome::TimedOut | Outcome::Unreachable(_) => true,
    };
    if worth_another && app == AppKind::Published && attempts <= RETRIES { Next::Again } else { Next::Failed }
}
