//! Repairs as a job: evidence, a change by whoever is asked, checks before and after, one commit, the issue resolved.
//!
//! Reading order: [`FixJob`] (`run.rs`: the job, its ports, one case after the other) -> `locate.rs` (where a
//! change is expected) -> `drive.rs` (a case from step to
//! step, stored before each) -> `work.rs` (from effect to port call) -> `check.rs` (checks on base and fix) ->
//! [`VerifyJob`] (`verify.rs`: whether fixes hold in production) -> `progress.rs` (how a person follows it).

mod check;
mod drive;
mod locate;
mod progress;
mod run;
mod verify;
mod work;

pub use progress::{FixProgress, FixWatch};
pub use run::{FixError, FixJob, FixPorts, Order, Repaired};
pub use verify::{Looked, VerifyError, VerifyJob, VerifyPorts};
