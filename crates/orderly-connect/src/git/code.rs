//! What a repository tracks, what its files say, and what became of their lines.

use super::command::Git;
use super::failure::GitError;
use super::revision::Revision;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::CommitId;
use orderly_core::source::presence::LineFate;
use orderly_core::source::release::ReleaseName;
use orderly_core::source::{RepoPath, TrackedFiles};
use orderly_core::time::Timestamp;
use orderly_engine::ports::code::{Authored, CodeRead};
use std::collections::BTreeMap;

/// Longest file that is read, in bytes; what is longer was generated.
const LONGEST_FILE: usize = 2 * 1024 * 1024;
/// Most bytes of files that one look reads.
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[async_trait]
impl CodeRead for Git {
    async fn head(&self) -> Looked<CommitId> {
        match self.resolve(&Revision::head()).await {
            Ok(Some(commit)) => Looked::Saw(commit),
            Ok(None) => Looked::CouldNotLook(Cause::NoInput("it has no commit yet".to_owned())),
            Err(error) => looked(Err(error)),
        }
    }

    async fn commit_of(&self, names: &[ReleaseName]) -> Looked<Option<(ReleaseName, CommitId)>> {
        looked(self.first_known(names).await)
    }

    async fn tracked(&self, at: &CommitId) -> Looked<TrackedFiles> {
        looked(self.tracked_by(at).await)
    }

    async fn texts(&self, at: &CommitId, paths: &[RepoPath]) -> Looked<BTreeMap<RepoPath, String>> {
        looked(self.read_texts(at, paths).await)
    }

    async fn line_fate(
        &self,
        from: &CommitId,
        to: &CommitId,
        path: &RepoPath,
        line: u32,
    ) -> Looked<LineFate> {
        looked(self.follow(from, to, path, line).await)
    }

    async fn reaches(&self, from: &CommitId, commit: &CommitId) -> Looked<bool> {
        looked(self.has_ancestor(&from.into(), commit).await)
    }

    async fn author_of(&self, at: &CommitId, path: &RepoPath, line: u32) -> Looked<Authored> {
        looked(self.blamed(at, path, line).await)
    }

    async fn occurrences(&self, at: &CommitId, text: &str, most: usize) -> Looked<Vec<(RepoPath, u32)>> {
        looked(self.search(at, text, most).await)
    }
}

fn looked<T>(result: Result<T, GitError>) -> Looked<T> {
    match result {
        Ok(value) => Looked::Saw(value),
        Err(error) => Looked::CouldNotLook(Cause::NoReply(error.to_string())),
    }
}

fn unreadable(what: &'static str, why: &str) -> GitError {
    GitError::Unreadable { what, why: why.to_owned() }
}

impl Git {
    /// The commit that a name stands for; `None` when the repository does not know it, or knows it for something else.
    async fn resolve(&self, name: &Revision) -> Result<Option<CommitId>, GitError> {
        let asked = format!("{name}^{{commit}}\n");
        let call = self.call("cat-file").arg("--batch-check=%(objectname) %(objecttype)").input(asked);
        let output = call.success().await?;
        let text = output.text();
        let (id, kind) = text.trim_end().split_once(' ').unwrap_or_default();
        Ok(CommitId::parse(id).ok().filter(|_| kind == "commit"))
    }

    /// Whether one commit has another among its ancestors.
    pub(crate) async fn has_ancestor(&self, from: &Revision, commit: &CommitId) -> Result<bool, GitError> {
        let call = self.call("merge-base").arg("--is-ancestor").revision(&commit.into()).revision(from);
        Ok(call.output().await?.code() == Some(0))
    }

    async fn first_known(&self, names: &[ReleaseName]) -> Result<Option<(ReleaseName, CommitId)>, GitError> {
        for name in names {
            // A name that git would read as something else is a name that no repository knows.
            let spelled = match name {
                ReleaseName::Commit(hex) => hex.clone(),
                ReleaseName::Tag(tag) => format!("refs/tags/{tag}"),
            };
            if let Ok(revision) = Revision::parse(&spelled)
                && let Some(commit) = self.resolve(&revision).await?
            {
                // Digits may also name a branch or a tag; only the commit itself was meant.
                if let ReleaseName::Commit(hex) = name
                    && !commit.as_str().starts_with(hex.as_str())
                {
                    continue;
                }
                return Ok(Some((name.clone(), commit)));
            }
        }
        Ok(None)
    }

    async fn read_texts(
        &self,
        at: &CommitId,
        paths: &[RepoPath],
    ) -> Result<BTreeMap<RepoPath, String>, GitError> {
        let mut texts = BTreeMap::new();
        // A line feed would end the name in what git reads.
        let paths: Vec<&RepoPath> = paths.iter().filter(|path| !path.as_str().contains('\n')).collect();
        if paths.is_empty() {
            return Ok(texts);
        }
        let asked: String = paths.iter().map(|path| format!("{at}:{path}\n", path = path.as_str())).collect();
        let output = self.call("cat-file").arg("--batch").input(asked).limit(MOST_BYTES).success().await?;
        let mut rest = output.stdout.as_slice();
        for path in paths {
            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .ok_or_else(|| unreadable("cat-file", "no header"))?;
            let header = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 1..];
            let mut fields = header.rsplitn(3, ' ');
            let (size, kind) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            let Ok(size) = size.parse::<usize>() else { continue };
            let body = rest.get(..size).ok_or_else(|| unreadable("cat-file", "a file that ends early"))?;
            if kind == "blob"
                && size <= LONGEST_FILE
                && let Ok(text) = std::str::from_utf8(body)
            {
                texts.insert(path.clone(), text.to_owned());
            }
            rest = rest.get(size + 1..).unwrap_or_default();
        }
        Ok(texts)
    }

    /// Follows a line as `blame --reverse` does: through edits around it and through renames of its file.
    async fn follow(
        &self,
        from: &CommitId,
        to: &CommitId,
        path: &RepoPath,
        line: u32,
    ) -> Result<LineFate, GitError> {
        let range = format!("{line},{line}");
        let call = self.call("blame").args(&["--porcelain", "--reverse"]).value("-L", range);
        let output = call.range(&from.into(), &to.into()).path(path.as_str()).success().await?;
        let text = output.text();
        let blamed = Porcelain::read(&text).ok_or_else(|| unreadable("blame", "no line"))?;
        let path = TrackedFiles::of([blamed.path]).tracked(blamed.path).unwrap_or_else(|| path.clone());
        let mut changed_by = None;
        if blamed.commit != *to {
            let call = self.call("log").args(&["--format=%H", "--reverse", "--ancestry-path"]);
            let call = call.range(&(&blamed.commit).into(), &to.into()).path(path.as_str());
            let after = call.success().await?.text();
            changed_by = after.lines().next().and_then(|id| CommitId::parse(id).ok());
        }
        Ok(LineFate { last: blamed.commit, path, line: blamed.line, changed_by })
    }

    async fn blamed(&self, at: &CommitId, path: &RepoPath, line: u32) -> Result<Authored, GitError> {
        let range = format!("{line},{line}");
        let call = self.call("blame").args(&["--porcelain", "-w", "-M"]).value("-L", range);
        let output = call.revision(&at.into()).path(path.as_str()).success().await?;
        let text = output.text();
        let blamed = Porcelain::read(&text).ok_or_else(|| unreadable("blame", "no line"))?;
        let at = blamed.time.and_then(|second| Timestamp::from_second(second).ok());
        let at = at.ok_or_else(|| unreadable("blame", "no time"))?;
        Ok(Authored { commit: blamed.commit, at, summary: blamed.summary.to_owned() })
    }

    async fn search(&self, at: &CommitId, text: &str, most: usize) -> Result<Vec<(RepoPath, u32)>, GitError> {
        if text.is_empty() || text.contains(['\n', '\0']) {
            return Ok(Vec::new());
        }
        let call = self
            .call("grep")
            .args(&["-n", "-z", "-I", "-F", "--max-count=3", "--full-name"])
            .value("-e", text);
        let output = call.revision(&at.into()).output().await?;
        // 1: nothing was found.
        if output.code() == Some(1) {
            return Ok(Vec::new());
        }
        let found = output.text();
        let start = format!("{at}:");
        let places = found.lines().filter_map(|hit| {
            let mut fields = hit.strip_prefix(&start)?.split('\0');
            let path = fields.next()?;
            let path = TrackedFiles::of([path]).tracked(path)?;
            Some((path, fields.next()?.parse().ok()?))
        });
        Ok(places.take(most).collect())
    }
}

/// The first line of `blame --porcelain`.
struct Porcelain<'a> {
    commit: CommitId,
    line: u32,
    path: &'a str,
    time: Option<i64>,
    summary: &'a str,
}

impl<'a> Porcelain<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut header = text.lines().next()?.split(' ');
        let commit = CommitId::parse(header.next()?).ok()?;
        let line = header.next()?.parse().ok()?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        Some(Self {
            commit,
            line,
            path: field("filename ").unwrap_or_default(),
            time: field("committer-time ").and_then(|time| time.parse().ok()),
            summary: field("summary ").unwrap_or_default(),
        })
    }
}
