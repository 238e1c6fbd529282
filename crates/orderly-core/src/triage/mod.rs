//! Triage: which unresolved issues a person is shown, in which order, and what was approved to be worked on.
//!
//! Reading order: [`Gathered`] (`listed.rs`) -> [`decide()`] (`decide.rs`, with [`crate::noise`] and [`crate::rank`]) ->
//! [`Table`] (`table.rs`) -> [`Choice`] (`choose.rs`: the one approval) -> [`ApprovedSelection`] (`selection.rs`).
//! [`Day`] (`day.rs`) is what a day's runs leave behind, [`Stats`] (`stats.rs`) the state of all that is unresolved; `view.rs` is how
//! every surface shows them.

mod choose;
mod day;
mod decide;
mod do_not_fix;
mod listed;
mod name;
mod policy;
mod selection;
mod stats;
mod table;
#[cfg(test)]
mod tests;
mod unit;
mod view;

pub use choose::{Choice, ChoiceRefused, DIGITS, NotAChoice};
pub use day::{Closed, DAY_VERSION, Day, DayRow, DayUnreadable, Standing};
pub use decide::{closer_looks, decide};
pub use do_not_fix::DoNotFix;
pub use listed::{Cut, Gathered, Listed};
pub use name::{IssueName, NotAName};
pub use policy::TriagePolicy;
pub use selection::{
    ApprovedSelection, Chosen, IssueCard, SELECTION_HOLDS, SELECTION_VERSION, Selection, SelectionRefused,
    Unit,
};
pub use stats::{Bucket, Named, Stats};
pub use table::{Gap, Hidden, Repair, Row, TABLE_VERSION, Table, Totals, Touched};
pub use unit::crash_key;
pub use view::{FrameView, HiddenView, NamedView, RowView, TableView};
