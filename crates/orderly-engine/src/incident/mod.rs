//! Incidents as a job: declare, count, write down, assign.
//!
//! - [`IncidentJob`] (`run.rs`): everything that is written goes through its log first.
//! - `plan.rs`: the same in two steps, for whoever has to show an entry before it is written.
//! - `count.rs`: the numbers that severity is judged by.
//! - `mitigation.rs`: an option is tried, taken back, measured.
//! - `evidence.rs`: what a review looks up.
//! - [`FilePorts`] (`filing.rs`): actions as items of the tracker.
//! - [`TellPorts`] (`tell.rs`): people are told, in Sentry and in chat channels.
//! - [`ImportPorts`] (`import.rs`): what others recorded becomes entries.
//! - [`RecordJob`] (`record.rs`): everything that its decisions rest on, to be played again.

mod count;
mod evidence;
mod filing;
mod import;
mod mitigation;
mod plan;
mod record;
mod run;
mod tell;
#[cfg(test)]
mod tests;

pub use filing::{Became, FilePorts};
pub use import::ImportPorts;
pub use plan::{Foreseen, Wish};
pub use record::RecordJob;
pub use run::{Declaration, Gaps, IncidentError, IncidentJob, IncidentPorts, Told};
pub use tell::{ChannelAt, Reached, TellPorts};
