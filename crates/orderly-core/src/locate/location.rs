//! The code of a crash, as far as it was found.

use crate::ids::{CommitId, IssueId, ShortId};
use crate::source::presence::Presence;
use crate::source::{Mapped, RepoPath};
use crate::suspect::Suspicion;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::Serialize;

/// The code of a crash.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Location {
    /// The issue.
    pub issue: IssueId,
    /// Its short id.
    pub short_id: ShortId,
    /// Release of the event.
    pub release: Option<Untrusted<String>>,
    /// The commit that was looked into.
    pub base: Base,
    /// What is checked out.
    pub head: CommitId,
    /// The frames of own code, crash first, those of the deepest cause before those of its wrappers.
    pub frames: Vec<Place>,
    /// Frames of libraries and runtimes, which are not looked for.
    pub library_frames: usize,
    /// Files, ranked.
    pub suspicion: Suspicion,
    /// Whether the first of them is worth a claim.
    pub claimed: Option<String>,
    /// Commits that wrote the lines of the frames last, the latest first.
    pub commits: Vec<SuspectCommit>,
    /// Where parts of the message stand in the sources, when no frame led anywhere.
    pub texts: Vec<Text>,
    /// What could not be looked at, and why.
    pub gaps: Vec<String>,
}

impl Location {
    /// The commit of the release, when it is another than what is checked out.
    pub fn crashed_commit(&self) -> Option<&CommitId> {
        match &self.base {
            Base::Release { commit, .. } if *commit != self.head => Some(commit),
            Base::Release { .. } | Base::Head => None,
        }
    }

    /// The tracked files of the own frames, the crash first.
    pub fn files(&self) -> Vec<&RepoPath> {
        let mut files: Vec<&RepoPath> = Vec::new();
        for located in self.frames.iter().filter_map(|place| place.mapped.found()) {
            if !files.contains(&&located.path) {
                files.push(&located.path);
            }
        }
        files
    }
}

/// Which commit stands for the code that crashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "base", rename_all = "snake_case")]
pub enum Base {
    /// The commit of the release.
    Release {
        /// The commit.
        commit: CommitId,
        /// The tag or the digits that named it.
        named: String,
    },
    /// What is checked out, because the release names no commit that is known here.
    Head,
}

/// A frame of own code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Function.
    pub function: Untrusted<String>,
    /// File and line, or why there are none.
    pub mapped: Mapped,
    /// Whether the line is still there; `None` when nobody could tell.
    pub presence: Option<Presence>,
    /// The lines around it in the commit that was looked into, with their numbers.
    pub source: Vec<(u32, String)>,
}

/// A commit that wrote a line of the trace last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuspectCommit {
    /// The commit.
    pub commit: CommitId,
    /// When it was committed.
    pub at: Timestamp,
    /// First line of its message.
    pub summary: String,
    /// The lines that it wrote.
    pub lines: Vec<(RepoPath, u32)>,
}

/// A part of the message in the sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The part.
    pub text: Untrusted<String>,
    /// File.
    pub path: RepoPath,
    /// Line.
    pub line: u32,
}
