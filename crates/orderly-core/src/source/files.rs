//! What a repository tracks.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Path of a tracked file, from the top of the repository, parted by `/`. Only [`TrackedFiles`] makes one, so that a
/// name from an event never is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoPath(String);

impl RepoPath {
    /// As git spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without folders.
    pub fn name(&self) -> &str {
        last(&self.0)
    }

    /// The ending of the name, without its point; empty when there is none.
    pub fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The folder, without a slash at the end; empty for the top.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl fmt::Display for RepoPath {
    /// Without control and invisible characters: file names may hold them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::encode::terminal::visible(&self.0).replace('\n', "\\n"))
    }
}

/// The tracked files of one commit or of the index. Names that are no UTF-8 are left out: no frame can name them.
#[derive(Clone, Debug, Default)]
pub struct TrackedFiles {
    listing: String,
    marks: Vec<Mark>,
}

/// Where a path ends in the listing, and where its last component begins.
#[derive(Clone, Copy, Debug)]
struct Mark {
    name: u32,
    end: u32,
}

impl TrackedFiles {
    /// Reads a listing whose paths end with NUL (`git ls-files -z`, `git ls-tree -rz --name-only`).
    pub fn parse(listing: &[u8]) -> Self {
        let mut files = Self { listing: String::with_capacity(listing.len()), marks: Vec::new() };
        for path in listing.split(|byte| *byte == 0) {
            if let Ok(path) = std::str::from_utf8(path) {
                files.push(path);
            }
        }
        files
    }

    /// These paths.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut files = Self::default();
        for path in paths {
            files.push(path);
        }
        files
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// All paths, as git orders them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.with_names().map(|(path, _)| path)
    }

    /// All paths, each with its last component.
    pub(super) fn with_names(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = std::iter::once(0).chain(self.marks.iter().map(|mark| mark.end as usize));
        starts.zip(&self.marks).map(|(start, mark)| {
            let (name, end) = (mark.name as usize, mark.end as usize);
            (&self.listing[start..end], &self.listing[name..end])
        })
    }

    /// The path, if it is tracked.
    pub fn tracked(&self, path: &str) -> Option<RepoPath> {
        self.iter().find(|known| *known == path).map(Self::certified)
    }

    /// The paths whose last component is `name`.
    pub fn named(&self, name: &str) -> Vec<RepoPath> {
        let same = self.with_names().filter(|(_, known)| *known == name);
        same.map(|(path, _)| Self::certified(path)).collect()
    }

    /// The path as a type; `path` must come from [`TrackedFiles::iter`].
    pub(super) fn certified(path: &str) -> RepoPath {
        RepoPath(path.to_owned())
    }

    fn push(&mut self, path: &str) {
        // A listing over 4 GiB is of no repository that one machine holds.
        let end = u32::try_from(self.listing.len() + path.len());
        let name = u32::try_from(self.listing.len() + path.len() - last(path).len());
        if let (false, Ok(name), Ok(end)) = (path.is_empty(), name, end) {
            self.listing.push_str(path);
            self.marks.push(Mark { name, end });
        }
    }
}

/// The last component of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
