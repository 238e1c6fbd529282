//! What a commit tracks. Listing a commit means to unpack every folder of it; the index holds nearly the same paths, and
//! git tells how a commit differs from it without unpacking what is equal.

use super::command::Git;
use super::failure::GitError;
use gix_index::entry::{Flags, Stage};
use orderly_core::ids::CommitId;
use orderly_core::source::TrackedFiles;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Most bytes that one part of an index may claim in memory.
const MOST_BYTES: usize = 1024 * 1024 * 1024;

impl Git {
    /// The files of a commit: from the index where it can be read, else listed by git. Both give the same.
    pub(super) async fn tracked_by(&self, at: &CommitId) -> Result<TrackedFiles, GitError> {
        match self.indexed(at).await {
            Some(files) => Ok(files),
            None => self.listed(at).await,
        }
    }

    async fn listed(&self, at: &CommitId) -> Result<TrackedFiles, GitError> {
        let call =
            self.call("ls-tree").args(&["-r", "-z", "--name-only", "--full-tree"]).revision(&at.into());
        Ok(TrackedFiles::parse(&call.success().await?.stdout))
    }

    /// The paths of the index with those that only the commit has and without those that it has not. `None` when the
    /// index says too little, or was written while it was read.
    async fn indexed(&self, at: &CommitId) -> Option<TrackedFiles> {
        let compared = async {
            let call = self.call("diff-index").args(&["--cached", "-z", "--name-status", "--no-renames"]);
            let call = call.args(&["--diff-filter=AD", "--ignore-submodules=none"]).revision(&at.into());
            call.success().await.ok()
        };
        let (compared, index) = tokio::join!(compared, self.index());
        let (compared, index) = (compared?, index?);
        if Version::of(&index.file) != Some(index.version) {
            return None;
        }
        let differences = Differences::read(&compared.stdout)?;
        if differences.gone.is_empty() && differences.new.is_empty() {
            return Some(index.files);
        }
        Some(TrackedFiles::of(differences.undone(index.files.iter())))
    }

    async fn index(&self) -> Option<Index> {
        let asked = self.call("rev-parse").args(&["--show-object-format", "--path-format=absolute"]);
        let said = asked.args(&["--git-path", "index"]).success().await.ok()?.text();
        let (format, file) = said.split_once('\n')?;
        let hash = match format {
            "sha1" => gix_index::hash::Kind::Sha1,
            "sha256" => gix_index::hash::Kind::Sha256,
            _ => return None,
        };
        let file = PathBuf::from(file.strip_suffix('\n')?);
        tokio::task::spawn_blocking(move || Index::read(file, hash)).await.ok()?
    }
}

/// An index that names every file by itself.
struct Index {
    file: PathBuf,
    version: Version,
    files: TrackedFiles,
}

impl Index {
    /// `None` without an index, and for one in the middle of a merge, with whole folders in place of their files, or with
    /// files that are only meant to be added: what git compares with a commit is then not what the index names.
    fn read(file: PathBuf, hash: gix_index::hash::Kind) -> Option<Self> {
        let version = Version::of(&file)?;
        let options =
            gix_index::decode::Options { alloc_limit_bytes: Some(MOST_BYTES), ..Default::default() };
        // What is damaged was damaged for git, which read the same bytes, too.
        let read = gix_index::File::at(&file, hash, true, options).ok()?;
        let whole = read.entries().iter().all(|entry| {
            entry.stage() == Stage::Unconflicted
                && !entry.mode.is_sparse()
                && !entry.flags.contains(Flags::INTENT_TO_ADD)
        });
        // Here and not when it is compared: git works on the comparison meanwhile.
        let paths = read.entries().iter().filter_map(|entry| std::str::from_utf8(entry.path(&read)).ok());
        whole.then(|| Self { file, version, files: TrackedFiles::of(paths) })
    }
}

/// What tells a file from one that was put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    length: u64,
    written: SystemTime,
    node: u64,
}

impl Version {
    fn of(file: &Path) -> Option<Self> {
        let known = std::fs::metadata(file).ok()?;
        Some(Self { length: known.len(), written: known.modified().ok()?, node: node(&known) })
    }
}

#[cfg(unix)]
fn node(known: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(known)
}

#[cfg(not(unix))]
fn node(_: &Metadata) -> u64 {
    0
}

/// How the index differs from a commit.
struct Differences<'a> {
    /// In the commit alone.
    gone: Vec<&'a str>,
    /// In the index alone.
    new: Vec<&'a str>,
}

impl<'a> Differences<'a> {
    /// Reads what `diff-index -z --name-status` says; `None` for anything else.
    fn read(said: &'a [u8]) -> Option<Self> {
        let mut differences = Self { gone: Vec::new(), new: Vec::new() };
        let mut fields = said.split(|byte| *byte == 0);
        while let Some(status) = fields.next().filter(|status| !status.is_empty()) {
            let path = std::str::from_utf8(fields.next()?);
            match (status, path) {
                (b"D", Ok(path)) => differences.gone.push(path),
                (b"A", Ok(path)) => differences.new.push(path),
                // No frame can name it, so it is in no listing.
                (b"D" | b"A", Err(_)) => {}
                _ => return None,
            }
        }
        differences.gone.sort_unstable();
        differences.new.sort_unstable();
        Some(differences)
    }

    /// The paths of the index made those of the commit. All of them are in git's order, which is that of their bytes.
    fn undone(self, index: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
        let (mut gone, mut new) = (self.gone.into_iter().peekable(), self.new.into_iter().peekable());
        let mut index = index.filter(move |path| new.next_if_eq(path).is_none()).peekable();
        std::iter::from_fn(move || match (gone.peek(), index.peek()) {
            (Some(first), Some(second)) if first > second => index.next(),
            (Some(_), _) => gone.next(),
            (None, _) => index.next(),
        })
    }
}

#[cfg(test)]
mod tests;
