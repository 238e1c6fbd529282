//! Repairs as a job: evidence, a change by whoever is asked, checks before and after, one commit, the issue resolved.
//!
//! Reading order: [`FixJob`] (`run.rs`: the job, its ports, one case after the other) -> `named.rs` (what a
//! person names, and what crashes alike) -> `look.rs` (what is looked up before anything is touched) -> `drive.rs` (a case from step to
//! step, stored before each) -> `work.rs` (from effect to port call) -> `check.rs` (checks on base and fix) ->
//! [`VerifyJob`] (`verify.rs`: whether fixes hold in production) -> `progress.rs` (how a person follows it) -> [`Pace`]
//! (`pace.rs`: who is waited for before a step).

mod check;
mod drive;
mod look;
mod named;
mod pace;
mod progress;
mod run;
mod verify;
mod work;

pub use look::{LeftOut, LookError, Order, Prepared, Seen, Want};
pub use named::{Alike, Named};
pub use pace::Pace;
pub use progress::{FixProgress, FixWatch};
pub use run::{FixError, FixJob, FixPorts, Repaired};
pub use verify::{Followed, Looked, VerifyError, VerifyJob, VerifyPorts};
