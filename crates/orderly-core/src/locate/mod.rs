//! What became of the search for the code of a crash.
//!
//! Reading order: [`Location`] (`location.rs`) -> [`OnHead`] (`on_head.rs`: whether the line that crashed is still there) ->
//! [`page`] (`page.rs`: the same in words, for every surface).

mod location;
mod on_head;
pub mod page;
#[cfg(test)]
pub(crate) mod tests;

pub use location::{Base, Location, Place, SuspectCommit, Text};
pub use on_head::OnHead;
