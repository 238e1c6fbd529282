//! From an issue to the code that crashed: the commit of its release, the file and line of each own frame, whether that
//! line is still there, and the files and commits that are suspected. Reads only.
//!
//! - [`LocateJob`] (`run.rs`): gathers and asks the core. What comes out is an [`orderly_core::locate::Location`].
//! - [`Crashed`] (`on_head.rs`): of many crashes, which a commit on HEAD has fixed.
//! - [`map`]: only the places of frames.

mod on_head;
mod run;

pub use on_head::Crashed;
pub use run::{LocateError, LocateJob, map};
