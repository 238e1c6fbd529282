//! Alerts: metrics that pass a threshold, and issues that people want to hear of.
//!
//! - [`metric`]: a rule about a metric, and what a value means under it; [`ticks`]: when it is measured. Pure.
//! - [`condition`], [`rule`]: what an issue alert looks at. Pure.
//! - [`evaluate`]: measures metrics and opens and closes incidents; [`workflows`]: looks at what happened to issues.

pub mod condition;
pub mod evaluate;
pub mod metric;
pub mod rule;
#[cfg(test)]
mod tests;
pub mod ticks;
pub mod workflows;
