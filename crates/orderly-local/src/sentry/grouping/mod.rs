//! Which issue an event belongs to, and what the issue is called. Pure.
//!
//! - [`payload`]: typed access to the parts of an event that matter here.
//! - [`hashes`]: the grouping hashes; events that share one are one issue.
//! - [`frames`]: what a stack frame contributes to a hash.
//! - [`parameterize`]: messages with their changing parts taken out.
//! - [`headline`]: title, metadata and location.
//! - [`culprit`]: the one line that says where.

pub mod culprit;
pub mod frames;
pub mod hashes;
pub mod headline;
pub mod parameterize;
pub mod payload;

#[cfg(test)]
mod tests;
