//! The ledger on SQLite (one runner) and PostgreSQL (several runners), with one SQL text for both; and recorded incidents.
//!
//! - [`SqlLedger`]: the [`Ledger`](orderly_engine::ports::ledger::Ledger) itself; its tables are in `leases`, `journal`,
//!   `reports`, `runs`, `cases`, `backlog` and `incidents`, one module each.
//! - [`LedgerLocation`]: where a ledger is kept; never prints a password.
//! - [`schema`]: the versions of the tables.
//! - [`keep_recording`], [`read_recording`]: recorded incidents, a folder each.
//!
//! Never here: decisions.

mod backlog;
mod cases;
mod connection;
mod failure;
mod incidents;
mod journal;
mod leases;
mod ledger;
mod location;
mod private_file;
mod recordings;
mod reports;
mod row;
mod runs;
pub mod schema;

pub use ledger::SqlLedger;
pub use location::{BadDatabaseUrl, LedgerLocation, SecretUrl};
pub use recordings::{RecordingError, keep_recording, read_recording};
