//! How issues move between states: pure functions that say what changes; the store carries it out.
//!
//! - [`update`]: what people ask for (`PUT`).
//! - [`regression`]: does an event bring a resolved issue back?
//! - [`snooze`]: the condition an issue was archived under.
//! - [`aging`]: what time alone changes.
//! - [`priority`]: the first one, and how it follows escalation.

pub mod aging;
pub mod priority;
pub mod regression;
pub mod snooze;
pub mod update;
