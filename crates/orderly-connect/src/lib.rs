//! The real clients: Sentry and Linear over HTTP, behind the ports of the engine.
//!
//! - [`http`]: one origin a client, no redirects, capped answers, tokens that nothing prints; reads are asked again, writes never.
//! - [`sentry`]: `SentryRead`, `SentryLink`, and a probe for set-up.
//! - [`linear`]: `TrackerRead`, `TrackerCreate`, `TrackerLink`, `TrackerUndo`, and a probe for set-up.
//!
//! Never here: decisions about issues, shared mutable globals.

pub mod http;
pub mod linear;
pub mod sentry;
