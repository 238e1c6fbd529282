//! From a stack frame to a file and a line of a repository. The names in a frame are hints of an event: only paths that
//! git tracks ever come out.
//!
//! - [`files`]: what a repository tracks. [`manifest`]: what its parts are called.
//! - [`origin`](origin()): which frames are own code.
//! - `spell`: the names under which the file of a frame may be tracked, platform by platform.
//! - [`look_up`](look_up()): those names against the tracked files. [`settle`](settle()): of what fits, the one whose text agrees.
//! - [`function`]: where a text defines a function. [`located`]: what came out, or why nothing did.
//! - [`release`]: which commit crashed. [`presence`]: whether its line is still there.
//! - [`fragment`]: what to search the sources for when a frame says nothing.

pub mod files;
pub mod fragment;
pub mod function;
pub mod located;
mod look_up;
pub mod manifest;
mod own;
pub mod presence;
pub mod release;
mod settle;
mod spell;
#[cfg(test)]
mod tests;

pub use files::{RepoPath, TrackedFiles};
pub use located::{Agreement, Located, Mapped, Miss, Named};
pub use look_up::{Candidates, LookUp, likely_path, look_up};
pub use manifest::Manifests;
pub use own::origin;
pub use settle::settle;

use crate::diagnose::Frame;
use crate::normal::platform::Platform;

/// A frame to be mapped.
#[derive(Clone, Copy, Debug)]
pub struct Traced<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Platform of the frame, or of its event.
    pub platform: Platform,
    /// Where a source map says it really was.
    pub original: Option<&'a Original>,
}

/// A place in the sources that a source map gives for a place in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Source as the map names it: `webpack:///./src/cart.ts`.
    pub source: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Name that the map keeps for the place.
    pub name: Option<String>,
    /// The source line, when the map holds the sources.
    pub text: Option<String>,
}

/// A rule that turns the beginning of a frame's path into a folder of the repository, as Sentry's code mappings do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CodeMapping {
    /// Beginning of the frame's path: `/srv/app/`. May be empty.
    pub stack_root: String,
    /// What stands there in the repository: `services/api/`. May be empty.
    pub source_root: String,
}
