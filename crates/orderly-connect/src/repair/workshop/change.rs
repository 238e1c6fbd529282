//! What was changed, and staging exactly that.

use super::{GitWorkshop, trouble};
use crate::git::{Git, GitError};
use orderly_core::fix::{Case, Change, FileChange, FileKind};
use orderly_core::ids::TreeId;
use orderly_engine::ports::repair::Trouble;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// Files that nobody tracks are looked at up to here, in bytes.
const LOOKED_AT: u64 = 4 * 1024 * 1024;

impl GitWorkshop {
    pub(super) async fn changed(&self, case: &Case) -> Result<Change, GitError> {
        let git = self.work(case).await?;
        // The index is ours: whatever an agent put there says nothing.
        git.call("read-tree").revision(&(&case.base).into()).success().await?;
        let mut files = counted(&git, case, &[]).await?;
        let others = git.call("ls-files").args(&["--others", "--exclude-standard", "-z"]).success().await?;
        for path in parts(&others.stdout) {
            let file = untracked(git.folder(), &path);
            files.insert(path, file);
        }
        Ok(Change { files: files.into_values().collect() })
    }

    /// `git add` of each path, nothing wider; then what is staged is compared with what was meant.
    pub(super) async fn staged(&self, case: &Case, change: &Change) -> Result<TreeId, Trouble> {
        let git = self.work(case).await.map_err(trouble)?;
        let base = (&case.base).into();
        git.call("read-tree").revision(&base).success().await.map_err(trouble)?;
        for path in change.paths() {
            git.call("add").path(path).success().await.map_err(trouble)?;
        }
        let staged: Vec<FileChange> =
            counted(&git, case, &["--cached"]).await.map_err(trouble)?.into_values().collect();
        if staged != change.files {
            let all =
                |files: &[FileChange]| files.iter().map(|f| f.path.clone()).collect::<BTreeSet<String>>();
            let odd: Vec<String> = all(&staged).symmetric_difference(&all(&change.files)).cloned().collect();
            let odd = if odd.is_empty() { "a file changed meanwhile".to_owned() } else { odd.join(", ") };
            return Err(Trouble(format!("what is staged is not what was looked at: {odd}")));
        }
        let written = git.call("write-tree").success().await.map_err(trouble)?;
        Ok(TreeId::new(written.text().trim()))
    }
}

/// Tracked files that differ from the base: in the worktree, or with `--cached` in the index.
async fn counted(
    git: &Git,
    case: &Case,
    where_to: &[&'static str],
) -> Result<BTreeMap<String, FileChange>, GitError> {
    let kinds = kinds(git, case, where_to).await?;
    let call = git.call("diff").args(where_to).args(&["--numstat", "-z", "--no-renames"]);
    let listed = call.revision(&(&case.base).into()).success().await?.stdout;
    let mut files = BTreeMap::new();
    for line in parts(&listed) {
        let mut fields = line.splitn(3, '\t');
        let (Some(added), Some(removed), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(GitError::Unreadable { what: "diff", why: "a line without a path".to_owned() });
        };
        let known = kinds.get(path).copied().unwrap_or(FileKind::Text);
        let kind = if added == "-" && known == FileKind::Text { FileKind::Binary } else { known };
        let lines = |text: &str| text.parse().unwrap_or(0);
        let file = FileChange { path: path.to_owned(), kind, added: lines(added), removed: lines(removed) };
        files.insert(path.to_owned(), file);
    }
    Ok(files)
}

/// What is at each changed tracked path.
async fn kinds(
    git: &Git,
    case: &Case,
    where_to: &[&'static str],
) -> Result<BTreeMap<String, FileKind>, GitError> {
    let call = git.call("diff").args(where_to).args(&["--raw", "-z", "--no-renames"]);
    let call = call.revision(&(&case.base).into());
    let listed = parts(&call.success().await?.stdout);
    let mut kinds = BTreeMap::new();
    for pair in listed.chunks(2) {
        let [about, path] = pair else {
            return Err(GitError::Unreadable { what: "diff", why: "a change without a path".to_owned() });
        };
        let modes: Vec<&str> = about.trim_start_matches(':').split(' ').take(2).collect();
        let is = |mode: &str| modes.contains(&mode);
        let kind = if is("120000") {
            FileKind::Link
        } else if is("160000") {
            FileKind::Submodule
        } else {
            FileKind::Text
        };
        kinds.insert(path.clone(), kind);
    }
    Ok(kinds)
}

/// What a file that nobody tracks is. Links are not followed.
fn untracked(top: &Path, path: &str) -> FileChange {
    let change = |kind, added| FileChange { path: path.to_owned(), kind, added, removed: 0 };
    let place = top.join(path);
    let Ok(about) = std::fs::symlink_metadata(&place) else { return change(FileKind::Binary, 0) };
    if about.is_symlink() {
        return change(FileKind::Link, 0);
    }
    if about.is_dir() {
        return change(FileKind::Submodule, 0);
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(&place).and_then(|file| file.take(LOOKED_AT + 1).read_to_end(&mut bytes));
    let too_large = u64::try_from(bytes.len()).is_ok_and(|length| length > LOOKED_AT);
    if read.is_err() || too_large || bytes.contains(&0) {
        return change(FileKind::Binary, 0);
    }
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    let open = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
    change(FileKind::Text, u64::try_from(ends + open).unwrap_or(u64::MAX))
}

fn parts(listed: &[u8]) -> Vec<String> {
    let parts = listed.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}
