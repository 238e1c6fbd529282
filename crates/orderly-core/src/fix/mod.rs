//! From a selected issue to a commit that is proven, and to the issue resolved with that proof.
//!
//! Reading order: [`FixPolicy`] (`policy.rs`: budgets, protected zones, allowed branches) -> [`read_answer`] (`answer.rs`:
//! what an agent says) -> [`Change`] (`change.rs`: zones and size) -> [`Compared`] (`checks.rs`: new failures apart from old
//! and flaky ones) -> [`message`] (`message.rs`: the commit message) -> [`Receipt`] and [`ResolveProof`] (`receipt.rs`,
//! `proof.rs`) -> [`Disposition`] (`disposition.rs`: how a case ends).

mod answer;
mod change;
mod checks;
mod disposition;
mod message;
mod policy;
mod proof;
mod receipt;
#[cfg(test)]
mod tests;

pub use answer::{AgentWords, Answer, read_answer};
pub use change::{Change, FileChange, FileKind, Objection};
pub use checks::{Check, CheckRun, Compared, Outcome, Side, compare, failure_lines, red_then_green};
pub use disposition::{Disposition, Resolution};
pub use message::{BadSubject, SubjectStyle, message};
pub use policy::{Budgets, DiffLimit, FixPolicy, Land, ResolveIn, Sandboxing, Zone, Zones};
pub use proof::{Arrived, ResolveProof, Unproven, prove};
pub use receipt::{RECEIPT_VERSION, Receipt};
