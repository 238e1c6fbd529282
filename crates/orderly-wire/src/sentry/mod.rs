//! Sentry on the wire.

pub mod dsn;
pub mod envelope;
pub mod event_id;
pub mod link;
