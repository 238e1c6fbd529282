//! Who is at work on which paths, as a page that people, agents and programs share.
//!
//! Reading order: [`Entry`] (`entry.rs`: one run on the page) -> [`Page`] (`page.rs`: the page, read and written so that
//! what others wrote stays as it is) -> [`overlap`] (`paths.rs`: when two runs touch the same) -> [`claim`] and
//! [`finish`] (`decide.rs`: taking paths, taking over from the dead, moving to "Recently completed").

mod decide;
mod entry;
mod page;
mod paths;
#[cfg(test)]
mod tests;

pub use decide::{Claim, Claimed, Conflict, STALE_AFTER, Stale, claim, conflicts, finish, lapse};
pub use entry::{Entry, Form, Moment, RunEnd, RunStatus};
pub use page::Page;
pub use paths::overlap;
