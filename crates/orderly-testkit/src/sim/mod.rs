//! The simulator: the real selection, decision, approval and machine, driven against a hostile world.
//!
//! One seed is one schedule, and one schedule is one byte-identical trace. A schedule has two parts: a time of faults, and
//! then calm, in which everything must converge. [`checks`] watches both.
//!
//! - [`scenario`]: what a schedule's world is like. [`schedule`]: runs one. [`runner`]: one process that syncs.
//! - [`surroundings`]: services, ledgers, clocks and the checks. [`network`]: what becomes of a request. [`checks`]: what must never happen. [`bugs`]: what the checks must find.

pub mod bugs;
pub mod checks;
mod memo;
pub mod network;
pub mod runner;
pub mod scenario;
pub mod schedule;
pub mod surroundings;
mod words;

pub use bugs::Bug;
pub use checks::Violation;
pub use memo::Memo;
pub use scenario::Scenario;
pub use schedule::{Report, run, run_after};
pub use surroundings::Trace;
