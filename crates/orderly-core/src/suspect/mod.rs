//! Where the mistake behind a crash probably is: files of the trace and those that it leads to, ranked, with a probability
//! that was measured and a reason for each. Suspects, never culprits.
//!
//! - [`Crash`]: what is judged. [`leads()`]: which files outside the trace. [`suspects`]: the judgement.
//!   [`Suspicion::verdict`]: whether it is worth a claim.

mod decide;
mod inputs;
mod leads;
mod raising;
#[cfg(test)]
mod tests;
mod trace;
mod weights;

pub use decide::{Reason, Suspect, Suspicion, Verdict, suspects};
pub use inputs::{Crash, Failure, Sight};
pub use leads::{Lead, Link, leads, tracked_leads};
