//! The repository of a repair: two worktrees a case, one that the agent changes and one that checks run in.
//!
//! `place.rs`: making and clearing them; `clear.rs`: clearing what cases that are over left; `change.rs`: what was changed, and staging exactly that; `land.rs`: the commit, and
//! where it goes. Every call may be repeated.

mod change;
mod clear;
mod land;
mod place;
#[cfg(test)]
mod tests;

use super::sandbox::CRASHED;
use crate::git::{Git, GitError, NotARevision, Revision};
use async_trait::async_trait;
use orderly_core::fix::{Arrived, Case, Change, Keep, Land, Receipt, Start};
use orderly_core::ids::{CommitId, RepositoryId, TreeId};
use orderly_engine::ports::repair::{Holds, Landing, ReleaseNames, Scene, Standing, Trouble, Workshop};
use std::path::{Path, PathBuf};

pub use clear::Cleared;

/// Where a person may look when a commit has to be taken back to what was checked.
const NOTES: &str = "orderly";

/// A repository and the folder that the worktrees of cases lie in.
pub struct GitWorkshop {
    git: Git,
    worktrees: PathBuf,
}

impl GitWorkshop {
    /// Opens the repository that `folder` is in; worktrees go below `worktrees`.
    ///
    /// # Errors
    /// When there is none, or git is missing or too old.
    pub async fn open(folder: &Path, worktrees: &Path) -> Result<Self, GitError> {
        Ok(Self { git: Git::open(folder).await?, worktrees: worktrees.to_owned() })
    }

    /// The repository, to be read.
    pub const fn code(&self) -> &Git {
        &self.git
    }

    /// Top folder of the repository.
    pub fn folder(&self) -> &Path {
        self.git.folder()
    }

    /// Folder that every worktree of the repository shares.
    ///
    /// # Errors
    /// Git's.
    pub async fn git_folder(&self) -> Result<PathBuf, GitError> {
        let said = self
            .git
            .call("rev-parse")
            .args(&["--path-format=absolute", "--git-common-dir"])
            .success()
            .await?;
        Ok(PathBuf::from(said.text().trim_end_matches('\n')))
    }

    /// Paths that a person has staged; repairs leave them alone.
    ///
    /// # Errors
    /// Git's.
    pub async fn staged_by_people(&self) -> Result<Vec<String>, GitError> {
        let listed = self.git.call("diff").args(&["--cached", "--name-only", "-z"]).success().await?.text();
        Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// The configuration of the repository without anything that could be a secret or name a program: for those who may read
    /// the repository in a sandbox.
    ///
    /// # Errors
    /// Git's.
    pub async fn plain_config(&self) -> Result<String, GitError> {
        let call = self.git.call("config").args(&[
            "--local",
            "--get-regexp",
            "^(extensions\\.[a-z]+|core\\.repositoryformatversion)$",
        ]);
        let mut config = String::new();
        for line in call.output().await?.text().lines() {
            if let Some(((section, name), value)) =
                line.split_once(' ').and_then(|(key, value)| Some((key.split_once('.')?, value)))
            {
                config.push_str(&format!("[{section}]\n\t{name} = {value}\n"));
            }
        }
        Ok(config)
    }

    fn case_folder(&self, case: &Case) -> PathBuf {
        let name: String =
            case.branch.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        self.worktrees.join(name)
    }

    /// The agent's worktree, once it is sure that it still is one of this repository: an agent could have put another
    /// repository, with settings of its own, in its place.
    async fn work(&self, case: &Case) -> Result<Git, GitError> {
        let folder = self.case_folder(case).join("work");
        let link = folder.join(".git");
        let said = std::fs::symlink_metadata(&link)
            .ok()
            .filter(std::fs::Metadata::is_file)
            .and_then(|_| std::fs::read_to_string(&link).ok());
        let known = self.git_folder().await?.join("worktrees");
        let honest = std::fs::read_dir(&known).into_iter().flatten().flatten().any(|entry| {
            let back = std::fs::read_to_string(entry.path().join("gitdir")).unwrap_or_default();
            Path::new(back.trim_end()) == link
                && said
                    .as_deref()
                    .and_then(|text| text.strip_prefix("gitdir: "))
                    .map(str::trim_end)
                    .map(Path::new)
                    == Some(entry.path().as_path())
        });
        if !honest {
            let why = "its `.git` is not the one that was made for it".to_owned();
            return Err(GitError::NoRepository { folder, why });
        }
        self.git.in_worktree(&folder).await
    }

    async fn checks(&self, case: &Case) -> Result<Git, GitError> {
        self.git.in_worktree(&self.case_folder(case).join("check")).await
    }

    async fn commit_at(&self, revision: &Revision) -> Result<Option<CommitId>, GitError> {
        let call = self.git.call("rev-list").args(&["--max-count=1"]).revision(revision);
        let output = call.output().await?;
        let text = output.text();
        Ok(if output.code() == Some(0) { CommitId::parse(text.trim()).ok() } else { None })
    }

    async fn tree_of(&self, commit: &CommitId) -> Result<TreeId, GitError> {
        let call = self.git.call("log").args(&["--max-count=1", "--format=%T"]).revision(&commit.into());
        Ok(TreeId::new(call.success().await?.text().trim()))
    }
}

#[async_trait]
impl Workshop for GitWorkshop {
    async fn standing(&self) -> Result<Standing, Trouble> {
        let head = self.commit_at(&Revision::head()).await.map_err(trouble)?;
        let head = head.ok_or_else(|| Trouble("the repository has no commit yet".to_owned()))?;
        let roots = self.git.call("rev-list").args(&["--max-parents=0"]).revision(&Revision::head());
        let roots = roots.success().await.map_err(trouble)?.text();
        // Histories that were joined have several beginnings: the least name stands for all.
        let root = roots.lines().min().unwrap_or_default().to_owned();
        let listed = self.git.call("ls-files").arg("-z").success().await.map_err(trouble)?;
        let tracked = listed.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let tracked = tracked.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
        Ok(Standing { repository: RepositoryId::new(root), head, tracked })
    }

    fn work_folder(&self, case: &Case) -> PathBuf {
        self.case_folder(case).join("work")
    }

    fn crashed_folder(&self, case: &Case) -> Option<PathBuf> {
        case.crashed.is_some().then(|| self.case_folder(case).join(CRASHED))
    }

    fn check_folder(&self, case: &Case) -> PathBuf {
        self.case_folder(case).join("check")
    }

    async fn place(&self, case: &Case) -> Result<(), Trouble> {
        self.make_worktrees(case).await.map_err(trouble)
    }

    async fn prepare(&self, case: &Case, start: Start) -> Result<(), Trouble> {
        match start {
            Start::AsLeft => Ok(()),
            Start::Base => self.reset_work(case).await.map_err(trouble),
        }
    }

    async fn change(&self, case: &Case) -> Result<Change, Trouble> {
        self.changed(case).await.map_err(trouble)
    }

    async fn stage(&self, case: &Case, change: &Change) -> Result<TreeId, Trouble> {
        self.staged(case, change).await
    }

    async fn show(&self, case: &Case, scene: &Scene) -> Result<(), Trouble> {
        self.set(case, scene).await.map_err(trouble)
    }

    async fn commit(&self, case: &Case, receipt: &Receipt, message: &str) -> Result<CommitId, Trouble> {
        self.committed(case, receipt, message).await.map_err(trouble)
    }

    async fn land(
        &self,
        case: &Case,
        commit: &CommitId,
        land: Land,
        branches: &[String],
    ) -> Result<Landing, Trouble> {
        self.landed(case, commit, land, branches).await.map_err(trouble)
    }

    async fn arrived(&self, commit: &CommitId, branches: &[String]) -> Result<Option<Arrived>, Trouble> {
        self.found_on(commit, branches).await.map_err(trouble)
    }

    async fn has(&self, release: &ReleaseNames, commit: &CommitId) -> Result<Option<Holds>, Trouble> {
        self.holds(release, commit).await.map_err(trouble)
    }

    async fn clean_up(&self, case: &Case, keep: Keep) -> Result<(), Trouble> {
        self.cleared(case, keep).await.map_err(trouble)
    }
}

fn trouble(error: GitError) -> Trouble {
    Trouble(error.to_string())
}

/// A name that Orderly made itself, and that is a name for that reason.
fn own(name: &str) -> Result<Revision, GitError> {
    Revision::parse(name)
        .map_err(|error: NotARevision| GitError::Unreadable { what: "name", why: error.to_string() })
}

/// A tree, as a revision.
fn tree(tree: &TreeId) -> Result<Revision, GitError> {
    own(tree.as_str())
}
