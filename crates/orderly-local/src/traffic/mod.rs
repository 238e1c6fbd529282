//! Traffic to break things with: deterministic, seeded, and sent through the same doors as real traffic.
//!
//! [`Scenario`] names the stories: [`shop`] is a day with everything a backlog meets, the others have one thing that
//! goes wrong and an answer sheet. A story says what happens when ([`deed`]); a [`Player`] sends the events through the
//! ingest endpoint and does the rest through the web API and the tracker.

pub mod deed;
mod event;
pub mod player;
pub mod scenario;
mod seed;
pub mod shop;
#[cfg(test)]
mod tests;

pub use event::{Crash, Language};
pub use player::{PlayError, Played, Player};
pub use scenario::{Scenario, Story};
pub use seed::Seed;
