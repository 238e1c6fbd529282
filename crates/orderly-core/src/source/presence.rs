//! Whether the line that crashed is still there.

use super::files::RepoPath;
use crate::ids::CommitId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What history tells about one line, followed from the commit that crashed towards what is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFate {
    /// Last commit that still has the line as it was.
    pub last: CommitId,
    /// Where it stands in that commit.
    pub path: RepoPath,
    /// Its number there.
    pub line: u32,
    /// The commit after that one which changed it, when it was found.
    pub changed_by: Option<CommitId>,
}

/// Whether the crashed line is still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "presence", rename_all = "snake_case")]
pub enum Presence {
    /// Where it was.
    Still,
    /// It is, but elsewhere.
    Moved {
        /// Its file now.
        path: RepoPath,
        /// Its line now.
        line: u32,
    },
    /// It was changed or removed since: the mistake may be fixed already.
    Changed {
        /// By this commit; `None` when history does not single one out.
        by: Option<CommitId>,
    },
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Still => f.write_str("still there"),
            Self::Moved { path, line } => write!(f, "moved to {path}:{line}"),
            Self::Changed { by: Some(commit) } => write!(f, "changed since by {}", commit.short()),
            Self::Changed { by: None } => f.write_str("changed since"),
        }
    }
}

/// Judges the line `path:line` of the commit that crashed against what is checked out.
pub fn presence(path: &RepoPath, line: u32, fate: &LineFate, head: &CommitId) -> Presence {
    if fate.last != *head {
        Presence::Changed { by: fate.changed_by.clone() }
    } else if fate.path == *path && fate.line == line {
        Presence::Still
    } else {
        Presence::Moved { path: fate.path.clone(), line: fate.line }
    }
}
