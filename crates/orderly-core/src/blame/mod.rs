//! What changed? A posterior over deploys, flags and commits that includes "none of these" and abstains in doubt.

mod decide;
mod inputs;
mod likelihood;
mod season;
#[cfg(test)]
mod tests;

pub use decide::{Blame, CLAIM, Verdict, blame};
pub use inputs::{Change, Prior, Rates};
