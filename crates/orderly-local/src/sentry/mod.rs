//! The embedded Sentry.
//!
//! - [`model`]: the enums everything speaks in.
//! - [`api`]: the web API under `/api/0`.
//! - [`search`]: the issue search syntax.
//! - [`states`]: how issues move between states.
//! - [`store`]: the tables.

pub mod api;
pub mod model;
pub mod search;
pub mod states;
pub mod store;
