//! A Sentry, a tracker, people and a ledger, all in memory and deterministic.

pub mod ledger;
pub mod look;
pub mod people;
pub mod sentry;
pub mod tracker;

use orderly_core::ids::{OrgSlug, SentrySite, TeamKey};
use orderly_core::time::{Now, Timestamp};

/// The Sentry of every world.
pub fn site() -> SentrySite {
    SentrySite { base_url: "https://sentry.test".to_owned(), org: OrgSlug::new("acme") }
}

/// The team of every world.
pub fn team() -> TeamKey {
    TeamKey::new("PLAT")
}

/// Id of the team in the tracker.
pub const TEAM_ID: &str = "team-plat";

/// Second 0 of every world: a fixed day.
const DAWN: i64 = 1_790_000_000;

/// The time, `seconds` after dawn.
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_second(DAWN + i64::try_from(seconds).unwrap_or(0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The same to ten minutes: services and reports do not need to be told apart by seconds, and equal snapshots need to be
/// decided over only once.
pub fn about(seconds: u64) -> Timestamp {
    at(seconds / 600 * 600)
}

/// The same, as an input of a decision.
pub fn now(seconds: u64) -> Now {
    Now(at(seconds))
}
