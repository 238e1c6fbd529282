//! Making worktrees, putting them in order, and clearing them away.

use super::{GitWorkshop, own, tree};
use crate::git::{Git, GitError, Revision};
use crate::repair::sandbox::CRASHED;
use orderly_core::fix::{Case, Keep};
use orderly_engine::ports::repair::Scene;
use std::path::Path;

impl GitWorkshop {
    pub(super) async fn make_worktrees(&self, case: &Case) -> Result<(), GitError> {
        let base = (&case.base).into();
        let folder = self.case_folder(case);
        self.git.call("worktree").arg("prune").success().await?;
        if !folder.join("work").join(".git").exists() {
            self.git
                .call("worktree")
                .args(&["add", "--quiet", "--force"])
                .value("-B", &case.branch)
                .folder(&folder.join("work"))
                .revision(&base)
                .success()
                .await?;
        }
        self.detached(&folder.join("check"), &base).await?;
        if let Some(crashed) = &case.crashed {
            self.detached(&folder.join(CRASHED), &crashed.into()).await?;
        }
        Ok(())
    }

    /// A worktree without a branch, if it is not there yet.
    async fn detached(&self, folder: &Path, at: &Revision) -> Result<(), GitError> {
        if folder.join(".git").exists() {
            return Ok(());
        }
        self.git.check_out(at, folder).await
    }

    /// The agent's worktree as the base has it, without anything else.
    pub(super) async fn reset_work(&self, case: &Case) -> Result<(), GitError> {
        let git = self.work(case).await?;
        git.call("read-tree").args(&["--reset", "-u"]).revision(&(&case.base).into()).success().await?;
        git.call("clean").args(&["-ffdxq"]).success().await?;
        Ok(())
    }

    pub(super) async fn set(&self, case: &Case, scene: &Scene) -> Result<(), GitError> {
        let git = self.checks(case).await?;
        let base = (&case.base).into();
        let whole = match scene {
            Scene::Base | Scene::BaseWith { .. } => base,
            Scene::Tree(id) => tree(id)?,
        };
        git.call("read-tree").args(&["--reset", "-u"]).revision(&whole).success().await?;
        // What builds leave behind is ignored by the repository and stays: it makes the next check quick.
        git.call("clean").args(&["-ffdq"]).success().await?;
        if let Scene::BaseWith { tree: id, paths } = scene {
            let there = existing(&git, id, paths).await?;
            if !there.is_empty() {
                let call = git.call("checkout").arg("--quiet").revision(&tree(id)?);
                there.iter().fold(call, |call, path| call.path(path)).success().await?;
            }
        }
        Ok(())
    }

    pub(super) async fn cleared(&self, case: &Case, keep: Keep) -> Result<(), GitError> {
        let folder = self.case_folder(case);
        let work = folder.join("work");
        let gone: &[_] = match keep {
            Keep::Worktree => &["check", CRASHED],
            Keep::Nothing | Keep::Branch => &["check", CRASHED, "work"],
        };
        for name in gone.iter().map(|name| folder.join(name)).filter(|path| path.exists()) {
            self.git.call("worktree").args(&["remove", "--force", "--force"]).folder(&name).success().await?;
        }
        if !work.exists() {
            // Only an empty folder goes; whatever else is in it is not ours.
            let _kept = std::fs::remove_dir(&folder);
        }
        let branch = own(&format!("refs/heads/{}", case.branch))?;
        if keep == Keep::Nothing && self.commit_at(&branch).await?.is_some() {
            self.git.call("update-ref").arg("-d").revision(&branch).success().await?;
        }
        Ok(())
    }
}

/// Those of the paths that a tree has.
async fn existing(
    git: &Git,
    id: &orderly_core::ids::TreeId,
    paths: &[String],
) -> Result<Vec<String>, GitError> {
    let call = git.call("ls-tree").args(&["-r", "-z", "--name-only", "--full-tree"]).revision(&tree(id)?);
    let listed = call.success().await?.stdout;
    let listed: Vec<&[u8]> = listed.split(|byte| *byte == 0).collect();
    Ok(paths.iter().filter(|path| listed.contains(&path.as_bytes())).cloned().collect())
}
