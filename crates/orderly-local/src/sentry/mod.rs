//! The embedded Sentry.
//!
//! - [`model`]: the enums everything speaks in.

pub mod model;
