//! From an issue to the code that crashed: the commit of its release, the file and line of each own frame, whether that
//! line is still there, and the files and commits that are suspected. Reads only.
//!
//! - [`LocateJob`]: gathers and asks the core. What comes out is an [`orderly_core::locate::Location`].

mod run;

pub use run::{LocateError, LocateJob};
