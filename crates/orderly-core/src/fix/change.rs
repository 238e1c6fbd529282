//! What an agent changed, and whether a fix may be that.

use super::policy::FixPolicy;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A text file.
    Text,
    /// A file without lines.
    Binary,
    /// A symbolic link.
    Link,
    /// Another repository.
    Submodule,
}

/// One changed path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileChange {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// What is there after the change; for a path that is gone, what was there.
    pub kind: FileKind,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
}

impl PartialOrd for FileKind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FileKind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

/// All of it, sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Changed paths.
    pub files: Vec<FileChange>,
}

/// Why a change is no fix. Every one stops the case: a person looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "objection", rename_all = "snake_case")]
pub enum Objection {
    /// It lies in a protected zone.
    Protected {
        /// Path.
        path: String,
        /// What is protected there.
        zone: String,
    },
    /// Too many files.
    TooManyFiles {
        /// Changed.
        files: usize,
        /// Allowed.
        allowed: usize,
    },
    /// Too many lines.
    TooManyLines {
        /// Changed.
        lines: u64,
        /// Allowed.
        allowed: u64,
    },
    /// Not a text file.
    NotText {
        /// Path.
        path: String,
        /// What it is.
        kind: FileKind,
    },
    /// A path that nobody gives a source file.
    OddPath {
        /// The path, visible.
        path: String,
    },
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected { path, zone } => write!(f, "it touches {path}, which is protected ({zone})"),
            Self::TooManyFiles { files, allowed } => {
                write!(f, "it changes {files} files and {allowed} are allowed")
            }
            Self::TooManyLines { lines, allowed } => {
                write!(f, "it changes {lines} lines and {allowed} are allowed")
            }
            Self::NotText { path, kind } => {
                let what = match kind {
                    FileKind::Text => "a text file",
                    FileKind::Binary => "a binary file",
                    FileKind::Link => "a symbolic link",
                    FileKind::Submodule => "a submodule",
                };
                write!(f, "it changes {path}, which is {what}")
            }
            Self::OddPath { path } => write!(f, "it changes the path {path}, which no source file has"),
        }
    }
}

impl Change {
    /// The paths.
    pub fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }

    /// Added and removed lines.
    pub fn lines(&self) -> u64 {
        self.files.iter().map(|file| file.added + file.removed).sum()
    }

    /// The first thing that keeps it from being a fix.
    pub fn objection(&self, policy: &FixPolicy) -> Option<Objection> {
        for file in &self.files {
            if is_odd(&file.path) {
                let path = file.path.escape_debug().to_string();
                return Some(Objection::OddPath { path });
            }
            if let Some(zone) = policy.zones.of(&file.path) {
                return Some(Objection::Protected { path: file.path.clone(), zone: zone.why.clone() });
            }
            if file.kind != FileKind::Text {
                return Some(Objection::NotText { path: file.path.clone(), kind: file.kind });
            }
        }
        if self.files.len() > policy.size.files {
            return Some(Objection::TooManyFiles { files: self.files.len(), allowed: policy.size.files });
        }
        (self.lines() > policy.size.lines)
            .then(|| Objection::TooManyLines { lines: self.lines(), allowed: policy.size.lines })
    }
}

/// A path that nobody gives a source file.
pub(super) fn is_odd(path: &str) -> bool {
    path.is_empty()
        || path.starts_with(['/', '-', ':'])
        || path.contains('\\')
        || path.chars().any(|c| c.is_control() || crate::encode::is_invisible(c))
        || path
            .split('/')
            .any(|part| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git"))
}
