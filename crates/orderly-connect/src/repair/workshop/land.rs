//! The commit with its receipt, and where it goes.

use super::{GitWorkshop, NOTES, own, tree};
use crate::git::{Call, GitError, Revision};
use orderly_core::fix::{Arrived, Case, Land, Receipt};
use orderly_core::ids::CommitId;
use orderly_engine::ports::repair::{Holds, Landing, ReleaseNames};

impl GitWorkshop {
    /// Tree, parent, message, people and times are all fixed, so making the commit again makes the same one.
    pub(super) async fn committed(
        &self,
        case: &Case,
        receipt: &Receipt,
        message: &str,
    ) -> Result<CommitId, GitError> {
        let people = self.people(case).await?;
        let call = self
            .git
            .call("commit-tree")
            .value("-p", case.base.as_str())
            .value("-F", "-")
            .revision(&tree(&receipt.tree)?)
            .input(message);
        let made = people.sign(call).success().await?.text();
        let commit = CommitId::parse(made.trim())
            .map_err(|error| GitError::Unreadable { what: "commit-tree", why: error.to_string() })?;
        let branch = own(&format!("refs/heads/{}", case.branch))?;
        let call = self.git.call("update-ref").revision(&branch).revision(&(&commit).into());
        call.success().await?;
        let note = self
            .git
            .call("notes")
            .value("--ref", NOTES)
            .args(&["add", "--force"])
            .value("-F", "-")
            .revision(&(&commit).into())
            .input(receipt.note());
        people.sign(note).success().await?;
        Ok(commit)
    }

    async fn people(&self, case: &Case) -> Result<People, GitError> {
        let mut named = Vec::new();
        for (setting, otherwise) in [("user.name", "Orderly"), ("user.email", "orderly@localhost")] {
            let found = self.git.user_setting(setting).await?;
            named.push(found.unwrap_or_else(|| otherwise.to_owned()));
        }
        let email = named.pop().unwrap_or_default();
        let name = named.pop().unwrap_or_default();
        Ok(People { name, email, date: format!("@{} +0000", case.opened_at.as_second()) })
    }

    pub(super) async fn landed(
        &self,
        case: &Case,
        commit: &CommitId,
        land: Land,
        branches: &[String],
    ) -> Result<Landing, GitError> {
        let stays = |why: String| Ok(Landing::Stays(format!("{why}; merge `{}`", case.branch)));
        let current = self.git.call("symbolic-ref").args(&["--short", "--quiet", "HEAD"]).output().await?;
        let current = current.text().trim().to_owned();
        if let Some(arrived) = self.found_on(commit, branches).await? {
            return Ok(Landing::Arrived(arrived));
        }
        if land == Land::Branch {
            return stays("`fix.land` is `branch`".to_owned());
        }
        if !branches.contains(&current) {
            let what = if current.is_empty() { "no branch".to_owned() } else { format!("`{current}`") };
            return stays(format!("{what} is checked out, which is not one of `fix.branches`"));
        }
        if self.commit_at(&Revision::head()).await?.as_ref() != Some(&case.base) {
            return stays(format!("`{current}` has moved since the checks ran"));
        }
        // Refuses, and touches nothing, where the person's own changes lie in the way.
        let merge = self.git.call("merge").args(&["--ff-only", "--quiet"]).revision(&commit.into());
        let output = merge.output().await?;
        if output.code() != Some(0) {
            return stays(format!("`{current}` could not be moved forward: {}", output.stderr));
        }
        Ok(Landing::Arrived(self.arrival(commit, &current).await?))
    }

    pub(super) async fn found_on(
        &self,
        commit: &CommitId,
        branches: &[String],
    ) -> Result<Option<Arrived>, GitError> {
        let remotes = self.git.call("remote").success().await?.text();
        for branch in branches {
            let remote = remotes.lines().map(|remote| format!("refs/remotes/{remote}/{branch}"));
            for name in std::iter::once(format!("refs/heads/{branch}")).chain(remote) {
                let Ok(name) = Revision::parse(&name) else { continue };
                if self.git.has_ancestor(&name, commit).await? {
                    return Ok(Some(self.arrival(commit, branch).await?));
                }
            }
        }
        Ok(None)
    }

    async fn arrival(&self, commit: &CommitId, branch: &str) -> Result<Arrived, GitError> {
        let tree = self.tree_of(commit).await?;
        Ok(Arrived { commit: commit.clone(), tree, branch: branch.to_owned() })
    }

    /// By the commit that Sentry was told of, a tag of the version, or a commit id within the version.
    pub(super) async fn holds(
        &self,
        release: &ReleaseNames,
        commit: &CommitId,
    ) -> Result<Option<Holds>, GitError> {
        for name in names(release) {
            let Ok(revision) = Revision::parse(&name) else { continue };
            if self.commit_at(&revision).await?.is_some() {
                let holds = self.git.has_ancestor(&revision, commit).await?;
                return Ok(Some(if holds { Holds::Yes } else { Holds::No }));
            }
        }
        Ok(None)
    }
}

/// Names under which a release may be known to git, surest first.
fn names(release: &ReleaseNames) -> Vec<String> {
    let version = release.version.as_raw_str();
    let bare = version.rsplit_once('@').map_or(version, |(_, bare)| bare);
    let number = bare.split_once('+').map_or(bare, |(number, _)| number);
    let mut names: Vec<String> = release.commit.iter().map(|commit| commit.as_raw_str().to_owned()).collect();
    // Tags only: a release that is called like a branch says nothing about where that branch is now.
    for tag in [version, bare, number] {
        names.extend([format!("refs/tags/{tag}"), format!("refs/tags/v{tag}")]);
    }
    let hex = |part: &&str| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    names.extend(bare.split(['+', '-', '.']).filter(hex).map(str::to_owned));
    names
}

/// Who a commit is by, and of when.
struct People {
    name: String,
    email: String,
    date: String,
}

impl People {
    fn sign<'g>(&self, call: Call<'g>) -> Call<'g> {
        call.variable("GIT_AUTHOR_NAME", &self.name)
            .variable("GIT_AUTHOR_EMAIL", &self.email)
            .variable("GIT_AUTHOR_DATE", &self.date)
            .variable("GIT_COMMITTER_NAME", &self.name)
            .variable("GIT_COMMITTER_EMAIL", &self.email)
            .variable("GIT_COMMITTER_DATE", &self.date)
    }
}
