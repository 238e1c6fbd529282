//! Which of the listed issues are looked at closer. Everything listed leaves as selected or held, and the sums add up.

mod decide;
mod inputs;
#[cfg(test)]
mod tests;

pub use decide::select;
pub use inputs::{Held, HeldReason, IntentState, Listed, Remembered, Selection};
