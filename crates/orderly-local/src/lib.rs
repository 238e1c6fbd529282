//! The embedded Sentry-compatible server and tracker: a product feature and the test world.
//!
//! - [`sentry`]: ingest, grouping, issue states, storage and the web API.
//! - [`store`]: the one SQLite file behind both servers.
//! - [`clock`]: the time both servers live by.
//! - [`knobs`]: failures on demand, and a record of the requests that came in.

pub mod clock;
pub mod error;
pub mod knobs;
pub mod sentry;
pub mod store;

pub use clock::Clock;
pub use error::LocalError;
pub use store::DataLocation;
