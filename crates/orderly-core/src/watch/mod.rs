//! Watching an organization: what is more than usual, and what of that is one incident.
//!
//! Reading order: [`Seen`] (everything that was counted), [`judge`] (its alarms, one file a detector: `errors`, `parts`,
//! `fresh`), [`Raised`] (an alarm with its sum), [`propose`] (alarms that belong together); `words` (an
//! alarm as people read it).

mod decide;
mod errors;
mod fresh;
mod inputs;
mod parts;
mod propose;
mod raised;
#[cfg(test)]
mod tests;
mod words;

pub use decide::{Judged, Sight, judge};
pub use inputs::{
    FreshIssue, Hour, Observed, Part, Progress, Seen, SentryAlert, Slow, Unseen, WatchPolicy, WeekOfProject,
};
pub use propose::{Proposal, propose};
pub use raised::{Detector, Raised, Sum};
pub(crate) use words::alert_words;
