//! Names of commits, as they may be handed to git.

use orderly_core::ids::CommitId;
use std::fmt;

/// A branch, tag or commit by name, checked so that git can take it for nothing else: no option, no range, no path in a
/// commit, no search (`:/text`), no reflog date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(String);

/// Why a text is not the name of a revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{shown:?} cannot be the name of a commit, branch or tag; name one as `git branch` or `git tag` lists it"
)]
pub struct NotARevision {
    shown: String,
}

/// Longest name that is looked at, in bytes; git's own limit for a reference is the file system's 255 a component.
const LONGEST: usize = 512;

impl Revision {
    /// Checks a name by the rules of `git check-ref-format`, a little stricter.
    pub fn parse(name: &str) -> Result<Self, NotARevision> {
        let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\{}\"'`$;|&<>".contains(c);
        let component = |part: &str| {
            !part.is_empty()
                && !part.starts_with(['.', '-'])
                && !part.ends_with('.')
                && !part.ends_with(".lock")
        };
        let good = name.len() <= LONGEST
            && name != "@"
            && !name.contains("..")
            && !name.contains(forbidden)
            && name.split('/').all(component);
        if good {
            Ok(Self(name.to_owned()))
        } else {
            Err(NotARevision { shown: name.chars().take(80).collect() })
        }
    }

    /// What is checked out.
    pub fn head() -> Self {
        Self("HEAD".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&CommitId> for Revision {
    fn from(commit: &CommitId) -> Self {
        Self(commit.as_str().to_owned())
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
