//! Incidents as a job: declare, count, write down, assign.
//!
//! - [`IncidentJob`] (`run.rs`): everything that is written goes through its log first.
//! - `plan.rs`: the same in two steps, for whoever has to show an entry before it is written.
//! - `count.rs`: the numbers that severity is judged by.

mod count;
mod plan;
mod run;

pub use plan::{Foreseen, Wish};
pub use run::{Declaration, Gaps, IncidentError, IncidentJob, IncidentPorts, Told};
