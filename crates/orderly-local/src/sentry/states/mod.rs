//! How issues move between states: pure functions that say what changes; the store carries it out.
//!
//! - [`update`]: what people ask for (`PUT`).

pub mod update;
