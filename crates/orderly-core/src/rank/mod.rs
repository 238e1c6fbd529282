//! How much an unresolved issue weighs: a score of parts, each with its reason, so that a person can disagree with it.

mod decide;
mod inputs;
#[cfg(test)]
mod tests;

pub use decide::score;
pub use inputs::{Factor, Part, Score, Weighed, Weights};
