//! Runs the jobs over small ports: gather, decide, apply, report.
//!
//! - [`ports`]: what the engine needs of the world, split by power.
//! - [`locate`]: from an issue to the code that crashed, and who is suspected.
//! - [`sync`]: the backlog sync as a job. [`triage`]: gathering what is unresolved. [`watch`]: alarms over live rates.
//! - [`fix`]: repairs, from a chosen issue to a proven commit, and whether they hold.
//! - [`incident`]: incidents: what is counted about them, and what is written down. [`investigate`]: what is behind them.
//!
//! Never here: the name of a vendor client or a database.

pub mod fix;
pub mod incident;
pub mod investigate;
pub mod locate;
pub mod ports;
pub mod sync;
pub mod triage;
pub mod watch;
