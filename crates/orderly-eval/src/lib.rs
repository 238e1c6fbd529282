//! Measures Orderly's engines on labelled data: public sets, or a team's own history.
//!
//! - [`task`]: what can be measured. [`run`]: one measurement from file to report.
//! - `rows`: labelled rows, one JSON object a line. [`predictions`]: what the engine answered, for other scorers.
//! - [`report`]: the numbers, as a table or as JSON. `metrics`: how shares, ranks and areas are counted.
//! - `verdicts`: the same, new or undecided, and how right that was.
//! - One module a task: its rows, its protocol, its metrics. [`duplicates`] also runs `arvo`, and
//!   the known methods in `baselines` beside the engine.
//!
//! Never here: a decision. What is measured is the engine of `orderly-core`, called as the jobs call it.

mod baselines;
mod changepoints;
mod deploys;
pub mod duplicates;
pub mod error;
pub mod fingerprints;
mod locate;
pub mod metrics;
mod mitigations;
mod outbreaks;
pub mod predictions;
pub mod report;
pub mod rows;
pub mod task;
mod text;
mod verdicts;

pub use error::EvalError;
pub use task::{Task, run};
