//! Webhooks out: apps are told what happens, as Sentry's integration platform tells them.
//!
//! - [`address`]: where webhooks may be sent.
//! - [`attempt`]: what follows from an answer. Pure.
//! - [`feed`], [`comments`]: from what happened to deliveries; [`payload`]: what they say.
//! - [`deliver`]: sends them.

pub mod address;
pub mod attempt;
pub mod comments;
pub mod deliver;
pub mod feed;
pub mod payload;
#[cfg(test)]
pub(crate) mod tests;
