//! What is behind an incident: what fails and how often, what else moves with it, whom it hits, and what changed.
//!
//! Reading order: [`Known`] (everything that was gathered), [`investigate`] (what it comes to: [`Findings`]), then one file a
//! part: `blamed` (what changed, each with its probability and the factors behind it), `join` (the same incident in other
//! projects, each with the key), `lift` (what its events have more often than others), `work` (where its time goes),
//! `attack` (its own reading for security); `page` (as people read it).

mod attack;
mod blamed;
mod decide;
mod inputs;
mod join;
mod lift;
pub(crate) mod page;
#[cfg(test)]
mod tests;
mod work;

pub use attack::{Attack, Signal};
pub use blamed::{Clue, Suspected, onset};
pub use decide::{Findings, Hypothesis, LeadFound, Named, investigate};
pub use inputs::{
    Changed, ChangedWhat, Compared, Deployed, FLAG_LOG, FlagCount, Known, LeadKnown, Neighbour, Own,
    RELEASES, SharedRelease, Source, Span, TagCount, Trace, Whole, Window,
};
pub use join::{Join, JoinKey};
pub(crate) use lift::says_who;
pub use lift::{FlagFound, Interval, Lift, SURE, odds, ratio};
pub use work::{Strain, Work};
