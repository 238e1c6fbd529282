//! Ending the impact: which option, by which command, with what expectation, and whether it did.
//!
//! Reading order: [`Mitigation`] (`option.rs`: what is configured) -> [`Template`] and [`Values`] (`template.rs`: from its words to
//! exactly one command) -> [`compare()`] (`compare.rs`: the options side by side; `ground.rs`: what speaks for each) ->
//! [`Expected`] and [`TrialPlan`] (`plan.rs`: what is approved before anything runs) -> [`Step`] (`step.rs`: what the log
//! has of it) -> [`Trial`] (`trial.rs`: what the steps come to, and which are refused) -> [`measure()`] (`measure.rs`: the effect).

mod compare;
mod ground;
mod measure;
mod option;
mod plan;
mod step;
mod template;
#[cfg(test)]
mod tests;
mod trial;
mod words;

pub use compare::{Compared, Comparison, compare};
pub use ground::{Ground, Strength};
pub use measure::{Counts, Measurement, Verdict, measure};
pub use option::{Kind, Mitigation, Reach, Reversibility, Sign, SignKind};
pub use plan::{Expected, TrialPlan, Unplannable};
pub use step::{Became, Intent, Order, Promise, Run, Step};
pub use template::{Argv, BadTemplate, Slot, Template, Unfit, Value, Values};
pub use trial::{Inadmissible, Trial, TrialState};
pub use words::{TrialView, per_hour};

pub(super) use trial::Trials;
