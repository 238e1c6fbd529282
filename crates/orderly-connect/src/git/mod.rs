//! Git through its own program, hardened: nothing that a repository's configuration names is ever started.
//!
//! - [`command`]: the one way to start git. [`failure`]: why that did not work.
//! - `fixes`: commits of HEAD that say they fix an issue.
//! - `code`: what the files of a commit say, what became of their lines. `tracked`: which files it has.
//! - [`revision`]: names of commits that cannot be taken for options.

mod code;
pub mod command;
pub mod failure;
mod fixes;
mod neutral;
pub mod revision;
mod tracked;

pub use command::{Call, Git, Output};
pub use failure::GitError;
pub use revision::{NotARevision, Revision};
