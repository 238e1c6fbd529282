//! Incidents as a job: declare, count, write down, assign.
//!
//! - [`IncidentJob`] (`run.rs`): everything that is written goes through its log first.
//! - `count.rs`: the numbers that severity is judged by.

mod count;
mod run;

pub use run::{Declaration, Gaps, IncidentError, IncidentJob, IncidentPorts, Told};
