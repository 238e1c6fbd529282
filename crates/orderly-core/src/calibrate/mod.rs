//! From how alike two errors are to what may be said about them: the same, new, or nobody can tell; with the error that
//! each answer may have.
//!
//! - [`likeness`]: a score as plans keep it. [`examples`]: past answers whose truth became known.
//! - [`bound`]: from examples to a threshold and what it promises. [`decide`]: the thresholds of each project.
//! - [`shipped`]: the thresholds until a team has examples of its own. [`certificate`]: an answer with what it rests on.

pub mod bound;
pub mod certificate;
pub mod decide;
pub mod examples;
pub mod likeness;
pub mod shipped;
#[cfg(test)]
mod tests;

pub use bound::{Basis, Promise, Threshold};
pub use certificate::{Certificate, Likely, Nearest};
pub use decide::{Calibration, Call, Thresholds, calibrate};
pub use examples::{Example, Truth};
pub use likeness::{Likeness, Share};
