//! Reading a repository: what it tracks, what its files say, and what became of a line.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::CommitId;
use orderly_core::source::presence::LineFate;
use orderly_core::source::release::ReleaseName;
use orderly_core::source::{RepoPath, TrackedFiles};
use orderly_core::time::Timestamp;
use std::collections::BTreeMap;

/// Who wrote a line last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    /// The commit.
    pub commit: CommitId,
    /// When it was committed.
    pub at: Timestamp,
    /// First line of its message.
    pub summary: String,
}

/// Reads one repository.
#[async_trait]
pub trait CodeRead: Send + Sync {
    /// What is checked out.
    async fn head(&self) -> Looked<CommitId>;

    /// The first of these names that the repository knows, with its commit.
    async fn commit_of(&self, names: &[ReleaseName]) -> Looked<Option<(ReleaseName, CommitId)>>;

    /// What a commit tracks.
    async fn tracked(&self, at: &CommitId) -> Looked<TrackedFiles>;

    /// Texts of files of a commit; what is no text, too long or no file is left out.
    async fn texts(&self, at: &CommitId, paths: &[RepoPath]) -> Looked<BTreeMap<RepoPath, String>>;

    /// What became of a line between two commits.
    async fn line_fate(&self, from: &CommitId, to: &CommitId, path: &RepoPath, line: u32)
    -> Looked<LineFate>;

    /// Whether a commit has another one in its history.
    async fn reaches(&self, from: &CommitId, commit: &CommitId) -> Looked<bool>;

    /// Who wrote a line last, as of a commit.
    async fn author_of(&self, at: &CommitId, path: &RepoPath, line: u32) -> Looked<Authored>;

    /// Where a text, taken literally, stands in the files of a commit; at most `most` places.
    async fn occurrences(&self, at: &CommitId, text: &str, most: usize) -> Looked<Vec<(RepoPath, u32)>>;
}
