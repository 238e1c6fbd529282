//! Which unresolved issues a person is not shown: named rules, each with its evidence, and a guard over all of them. High
//! volume or many users are never noise.
//!
//! Reading order: [`Rule`] (`rule.rs`: the rules by name) -> [`Subject`], [`NoisePolicy`] (`inputs.rs`) -> [`judge`]
//! (`decide.rs`), with what is known of agents, hosts and environments in `known.rs`, of one issue's spread in
//! `spread.rs`, and of commits that fix issues in `head.rs`.

mod decide;
mod head;
mod inputs;
mod known;
mod rule;
mod spread;
#[cfg(test)]
mod tests;

pub use decide::{Judged, Noise, judge};
pub use head::{Committed, fixed_by};
pub use inputs::{Closer, Guard, HeadFix, HeadFixToldBy, NoisePolicy, ReleaseSeen, Subject};
pub use rule::Rule;
pub use spread::{Spread, TagSpread};
