//! The embedded Sentry-compatible server and tracker: a product feature and the test world.
//!
//! - [`servers`]: starts and stops both.
//! - [`sentry`]: ingest, grouping, issue states, storage and the web API.
//! - [`tracker`]: Linear's GraphQL API, as far as issues go.
//! - [`traffic`]: a day in a shop, sent through the same doors as real traffic.
//! - [`store`]: the one SQLite file behind both servers.
//! - [`clock`]: the time both servers live by.
//! - [`knobs`]: failures on demand, and a record of the requests that came in.

pub mod clock;
pub mod error;
mod hidden;
pub mod knobs;
pub mod sentry;
pub mod servers;
pub mod store;
pub mod tracker;
pub mod traffic;

pub use clock::Clock;
pub use error::LocalError;
pub use knobs::Knobs;
pub use sentry::store::retention::Retention;
pub use sentry::webhooks::address::Reach;
pub use servers::{LocalConfig, LocalServers, Ready, Steering};
pub use store::DataLocation;
