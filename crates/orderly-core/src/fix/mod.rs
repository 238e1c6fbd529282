//! From a selected issue to a commit that is proven, and to the issue resolved with that proof.
//!
//! Reading order: [`FixPolicy`] (`policy.rs`: budgets, protected zones, allowed branches) -> [`Course`] (`course.rs`: what is to
//! be done about a crash at all; `ignore.rs`: what only a person may say) -> [`Case`] (`case.rs`: one repair
//! of one issue) -> [`Effect`] and [`Event`] (`effect.rs`) -> [`next`] and [`step`] (`step.rs`: the machine; `landed.rs`: once
//! there is a commit) -> [`CaseFile`] (`case_file.rs`: what an agent is told) ->
//! [`Bounds`] (`permit.rs`: what one that asks is permitted) -> [`read_answer`] (`answer.rs`: what it says) -> [`Change`]
//! (`change.rs`: zones and size) -> [`found_checks`] (`found.rs`: what the names of files tell) -> [`Compared`] (`checks.rs`: new failures apart from old and flaky ones) -> [`message`]
//! (`message.rs`: the commit message) -> [`Receipt`] and [`ResolveProof`] (`receipt.rs`, `proof.rs`) -> [`Disposition`]
//! (`disposition.rs`: how a case ends) -> [`page`] (`page.rs`: the report of a run).

mod answer;
mod case;
mod case_file;
mod change;
mod checks;
mod course;
mod disposition;
mod effect;
mod found;
mod ignore;
mod landed;
mod message;
pub mod page;
mod permit;
mod policy;
mod proof;
mod receipt;
mod step;
#[cfg(test)]
mod tests;

pub use answer::{AgentWords, Answer, read_answer};
pub use case::{Attempt, CASE_VERSION, Case, CaseKey, End, Feedback, Stage, Start, Told};
pub use case_file::{CaseFile, Fence, FenceTaken, HOUSE_RULES, Sealed};
pub use change::{Change, FileChange, FileKind, Objection};
pub use checks::{Check, CheckRun, Compared, Outcome, Side, compare, failure_lines, red_then_green};
pub use course::{Course, Known, course};
pub use disposition::{Disposition, Resolution};
pub use effect::{Checked, Effect, Event, Keep};
pub use found::{found_checks, is_test};
pub use ignore::{IgnoreApproval, Proposal};
pub use message::{BadSubject, SubjectStyle, message};
pub use permit::{Bounds, Deed, Grant, Place, Refusal};
pub use policy::{Budgets, DiffLimit, FixPolicy, Land, ResolveIn, Sandboxing, Zone, Zones};
pub use proof::{Arrived, ResolveProof, Unproven, prove};
pub use receipt::{RECEIPT_VERSION, Receipt};
pub use step::{OutOfOrder, called_off, next, resumed, step};
