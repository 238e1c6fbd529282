//! Backlog sync: recent high-signal Sentry issues become proven, bounded, exactly-once backlog work.
//!
//! Reading order: [`snapshot`] (what was gathered) -> [`policy`] (what is wanted) -> [`decide`] -> [`plan`] ->
//! [`approve`] -> [`machine`] (every outside effect, one at a time, re-entrant) -> [`report`].

pub mod approve;
pub mod decide;
pub mod draft;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod machine;
pub mod marker;
pub(crate) mod page;
pub mod plan;
pub mod policy;
pub mod report;
pub mod snapshot;
