//! Which of the listed issues are looked at closer. Everything listed leaves as selected or held, and the sums add up.

mod decide;
mod inputs;
mod rank;
#[cfg(test)]
mod tests;

pub use decide::{by_status, is_back, is_escalating, select};
pub use inputs::{Held, HeldReason, IntentState, Listed, Remembered, Selection};
pub use rank::{Impact, fair};
