//! The job as a state machine: every outside effect is asked for here, and only after the journal holds the intent. It
//! is re-entrant: fed with what the journal kept, it goes on where any crash left it.
//!
//! The driver that talks to the real services and the simulator that torments it run this same code.
//!
//! Reading order: [`effect`](Effect) (what it asks for and is told) -> `run` (the machine) -> `task` (the life of one
//! decision) -> `steps` (what follows once an item exists) -> `intake` (plan and journal become tasks) -> `recognise`
//! (is this item ours?) -> `guard` (the invariants, checked apart from the code that should keep them).

mod budget;
mod effect;
mod guard;
mod intake;
mod journal;
mod outcome;
mod recognise;
mod remember;
mod reply;
mod run;
mod steps;
mod task;
#[cfg(test)]
mod tests;

pub use effect::{Effect, Event, LeaseTerm, Step, StoreFailure};
pub use guard::Invalid;
pub use intake::Start;
pub use journal::{Failure, Journal, JournalEntry, LinkBackStage, Stage, Work};
pub use outcome::{Did, Ended, LeftOpen, Outcome, Stop};
pub use recognise::{Sighting, recognise};
pub use remember::reported;
pub use reply::{CreateReply, LinkBackOrder, WriteReply};
pub use run::Machine;
