//! Triage: which unresolved issues a person is shown, in which order, and what was approved to be worked on.

mod name;
mod selection;
#[cfg(test)]
mod tests;

pub use name::{IssueName, NotAName};
pub use selection::{ApprovedSelection, Chosen, SELECTION_VERSION, Selection, SelectionRefused, Unit};
