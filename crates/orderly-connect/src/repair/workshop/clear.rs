//! Clearing away what cases that are over left behind: worktrees that were kept to be looked at, and merged branches.

use super::{GitWorkshop, own};
use crate::git::{GitError, Revision};
use orderly_core::fix::Case;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What was cleared away, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Folders of cases.
    pub folders: Vec<PathBuf>,
    /// Branches whose commits are part of what is checked out.
    pub branches: Vec<String>,
    /// Branches with commits that are not.
    pub kept: Vec<String>,
}

impl GitWorkshop {
    /// Removes the worktrees of every case but those that are open, and the branches of such cases and of `over` that hold
    /// nothing of their own.
    ///
    /// # Errors
    /// Git's.
    pub async fn clear(&self, open: &[Case], over: &[Case]) -> Result<Cleared, GitError> {
        let busy: BTreeSet<PathBuf> = open.iter().map(|case| self.case_folder(case)).collect();
        let mut branches: BTreeSet<String> = over.iter().map(|case| case.branch.clone()).collect();
        let mut cleared = Cleared::default();
        self.git.call("worktree").arg("prune").success().await?;
        for (folder, branch) in self.known_worktrees().await? {
            let Some(of) = folder.parent().filter(|of| of.parent() == Some(&self.worktrees)) else {
                continue;
            };
            if busy.contains(of) {
                continue;
            }
            let call = self.git.call("worktree").args(&["remove", "--force", "--force"]);
            call.folder(&folder).success().await?;
            branches.extend(branch);
            // Only an empty folder goes; whatever else is in it is not ours.
            if std::fs::remove_dir(of).is_ok() {
                cleared.folders.push(of.to_owned());
            }
        }
        for branch in branches {
            let name = own(&format!("refs/heads/{branch}"))?;
            let Some(tip) = self.commit_at(&name).await? else { continue };
            if open.iter().any(|case| case.branch == branch) {
                continue;
            }
            if self.git.has_ancestor(&Revision::head(), &tip).await? {
                self.git.call("update-ref").arg("-d").revision(&name).success().await?;
                cleared.branches.push(branch);
            } else {
                cleared.kept.push(branch);
            }
        }
        Ok(cleared)
    }

    /// Every worktree with its branch, if it has one.
    async fn known_worktrees(&self) -> Result<Vec<(PathBuf, Option<String>)>, GitError> {
        let listed = self.git.call("worktree").args(&["list", "--porcelain"]).success().await?.text();
        let known = listed.split("\n\n").filter_map(|about| {
            let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name));
            let branch = field("branch refs/heads/").map(str::to_owned);
            Some((PathBuf::from(field("worktree ")?), branch))
        });
        Ok(known.collect())
    }
}
