//! The embedded Sentry.
//!
//! - [`model`]: the enums everything speaks in.
//! - [`api`]: the web API under `/api/0`.
//! - [`store`]: the tables.

pub mod api;
pub mod model;
pub mod store;
