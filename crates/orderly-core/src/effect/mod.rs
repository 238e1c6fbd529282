//! Did the rate really drop after a mitigation? Worked, partly, no, or not yet provable.

mod decide;
mod inputs;
#[cfg(test)]
mod tests;

pub use decide::{Effect, Measured, measure};
pub use inputs::{Expectation, Windows};
