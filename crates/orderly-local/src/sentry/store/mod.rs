//! The embedded Sentry's tables, one file per subject.

pub mod tokens;
