//! Traffic to break things with: deterministic, seeded, and sent through the same doors as real traffic.
//!
//! [`shop`] is a day in the life of a small shop of services. It says what happens when; whoever plays it sends the
//! events through the ingest endpoint and does the rest through the web API and the tracker.

mod event;
pub mod player;
mod seed;
pub mod shop;
#[cfg(test)]
mod tests;

pub use event::{Crash, Language};
pub use player::{PlayError, Played, Player};
pub use seed::Seed;
