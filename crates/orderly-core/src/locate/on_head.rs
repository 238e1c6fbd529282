//! Whether the line that crashed is still there on what is checked out.

use super::location::Location;
use crate::ids::CommitId;
use crate::source::presence::Presence;
use crate::source::{Agreement, Located, RepoPath};
use serde::Serialize;
use std::fmt;

/// What became of the line that crashed, followed from the commit of its release to what is checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "on_head", rename_all = "snake_case")]
pub enum OnHead {
    /// It is there, as it was.
    Still {
        /// File.
        path: RepoPath,
        /// Line.
        line: u32,
    },
    /// It is there, elsewhere.
    Moved {
        /// File that crashed.
        path: RepoPath,
        /// Line that crashed.
        line: u32,
        /// File now.
        to: RepoPath,
        /// Line now.
        at: u32,
    },
    /// A commit since changed or removed it.
    Changed {
        /// File that crashed.
        path: RepoPath,
        /// Line that crashed.
        line: u32,
        /// The commit.
        by: CommitId,
    },
    /// Nobody can tell.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Location {
    /// What became of the line that crashed: that of the first own frame. A line further out does not stand in for it.
    pub fn on_head(&self) -> OnHead {
        let unknown = |why: &str| OnHead::Unknown { why: why.to_owned() };
        let Some(place) = self.frames.first() else { return unknown("the event has no frame of own code") };
        let Some(Located { path, line: Some(line), agreement, .. }) = place.mapped.found() else {
            return unknown("the frame of the crash leads to no line here");
        };
        let (path, line) = (path.clone(), *line);
        if self.crashed_commit().is_none() {
            return match agreement {
                Agreement::LineGone => {
                    unknown("the line is no longer there, and no commit of its release is known")
                }
                _ => OnHead::Still { path, line },
            };
        }
        match &place.presence {
            Some(Presence::Still) => OnHead::Still { path, line },
            Some(Presence::Moved { path: to, line: at }) => {
                OnHead::Moved { path, line, to: to.clone(), at: *at }
            }
            Some(Presence::Changed { by: Some(by) }) => OnHead::Changed { path, line, by: by.clone() },
            Some(Presence::Changed { by: None }) => {
                unknown("history names no single commit that changed the line")
            }
            None => unknown("the line could not be followed through history"),
        }
    }
}

impl fmt::Display for OnHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Still { path, line } => write!(f, "still present: {path}:{line} is as it was"),
            Self::Moved { path, line, to, at } => write!(f, "moved: {path}:{line} is {to}:{at} now"),
            Self::Changed { path, line, by } => {
                write!(
                    f,
                    "already fixed, probably: {path}:{line}, which crashed, was changed by {}",
                    by.short()
                )
            }
            Self::Unknown { why } => write!(f, "not known: {why}"),
        }
    }
}
