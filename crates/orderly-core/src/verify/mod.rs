//! Whether a fix holds in production: silence that luck does not explain, or the error in a release that has the fix.
//!
//! `inputs.rs`: what is known of a fix; `decide.rs`: the verdict, with [`crate::silence`] for the arithmetic.

mod decide;
mod inputs;
#[cfg(test)]
mod tests;

pub use decide::decide;
pub use inputs::{Before, Deployed, Fixed, Seen, Verdict};
