//! From an issue to the code that crashed: the commit of its release, the file and line of each own frame, whether that
//! line is still there, and the files and commits that are suspected. Reads only.
//!
//! - [`LocateJob`]: gathers and asks the core. [`Location`]: what came out.

mod report;
mod run;

pub use report::{Base, Location, Place, SuspectCommit, Text};
pub use run::{LocateError, LocateJob};
