//! Where the mistake behind a crash probably is: files of the trace, ranked, with a probability that was measured and a
//! reason for each. Suspects, never culprits.
//!
//! - [`Crash`]: what is judged. [`suspects`]: the judgement. [`Suspicion::verdict`]: whether it is worth a claim.

mod decide;
mod inputs;
mod raising;
#[cfg(test)]
mod tests;
mod weights;

pub use decide::{Reason, Suspect, Suspicion, Verdict, suspects};
pub use inputs::{Crash, Failure, Sight};
