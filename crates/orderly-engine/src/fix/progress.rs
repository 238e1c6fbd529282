//! How a person follows repairs.

use orderly_core::fix::{Case, CheckRun, Effect};

/// What a job is at.
#[derive(Clone, Copy, Debug)]
pub enum FixProgress<'a> {
    /// A case that an earlier run left open is taken up.
    Resuming(&'a Case),
    /// A case begins its next step.
    Doing(&'a Case, &'a Effect),
    /// A check ended.
    Checked(&'a Case, &'a CheckRun),
    /// A case is over.
    Ended(&'a Case),
}

/// Whoever follows.
pub trait FixWatch: Send + Sync {
    /// Sees what the job is at.
    fn see(&self, progress: FixProgress<'_>);
}

/// Nobody.
impl FixWatch for () {
    fn see(&self, _: FixProgress<'_>) {}
}
