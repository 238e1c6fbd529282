//! The job as a state machine: every outside effect is asked for here, one at a time, and only after the journal holds
//! the intent. It is re-entrant: fed with what the journal kept, it goes on where any crash left it.
//!
//! The driver that talks to the real services and the simulator that torments it run this same code.

mod journal;

pub use journal::{Failure, Journal, JournalEntry, LinkBackStage, Stage, Work};
