//! What a repair needs of the world, split by power: who is asked for a change holds no repository, who runs checks no
//! Sentry, and only what takes a proof resolves.

use async_trait::async_trait;
use orderly_core::active_runs::{Claim, Claimed, Conflict, RunEnd};
use orderly_core::answer::{Cause, Looked};
use orderly_core::fix::{
    Arrived, Case, Change, Check, CheckRun, IgnoreApproval, Keep, Land, Receipt, ResolveIn, ResolveProof,
    Start,
};
use orderly_core::ids::{CommitId, IssueId, RepositoryId, RunId, TreeId};
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use orderly_core::verify::{Deployed, Seen};
use std::path::PathBuf;

/// Something of the machinery did not work: git, a disk, a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

/// The repository as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which repository it is.
    pub repository: RepositoryId,
    /// The commit that is checked out.
    pub head: CommitId,
    /// Tracked files, with `/`, sorted.
    pub tracked: Vec<String>,
}

/// What the worktree for checks is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// The code before.
    Base,
    /// A tree.
    Tree(TreeId),
    /// The code before, with these files of a tree.
    BaseWith {
        /// The tree.
        tree: TreeId,
        /// The files.
        paths: Vec<String>,
    },
}

/// Where a commit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    /// Where it counts.
    Arrived(Arrived),
    /// On its own branch, and why.
    Stays(String),
}

/// The repository, in worktrees of the cases. Everything here may be done twice.
#[async_trait]
pub trait Workshop: Send + Sync {
    /// How the repository stands.
    async fn standing(&self) -> Result<Standing, Trouble>;

    /// The folder that an agent changes.
    fn work_folder(&self, case: &Case) -> PathBuf;

    /// The folder with the code that crashed, where that is another one than the base.
    fn crashed_folder(&self, case: &Case) -> Option<PathBuf>;

    /// The folder that checks run in.
    fn check_folder(&self, case: &Case) -> PathBuf;

    /// Makes branch and worktrees of a case.
    async fn place(&self, case: &Case) -> Result<(), Trouble>;

    /// Puts the agent's worktree in order for an attempt.
    async fn prepare(&self, case: &Case, start: Start) -> Result<(), Trouble>;

    /// What the agent's worktree differs in from the base.
    async fn change(&self, case: &Case) -> Result<Change, Trouble>;

    /// Stages exactly the paths of the change and says which tree that is.
    async fn stage(&self, case: &Case, change: &Change) -> Result<TreeId, Trouble>;

    /// Puts the worktree for checks in order.
    async fn show(&self, case: &Case, scene: &Scene) -> Result<(), Trouble>;

    /// Makes the commit of a receipt's tree on the case's branch, and attaches the receipt.
    async fn commit(&self, case: &Case, receipt: &Receipt, message: &str) -> Result<CommitId, Trouble>;

    /// Brings a commit to where it counts.
    async fn land(
        &self,
        case: &Case,
        commit: &CommitId,
        land: Land,
        branches: &[String],
    ) -> Result<Landing, Trouble>;

    /// The first of these branches that a commit has reached.
    async fn arrived(&self, commit: &CommitId, branches: &[String]) -> Result<Option<Arrived>, Trouble>;

    /// Whether a release has a commit, by the names of its commits and tags; `None` when no name leads to a commit.
    async fn has(&self, release: &ReleaseNames, commit: &CommitId) -> Result<Option<Holds>, Trouble>;

    /// Clears away what a case used.
    async fn clean_up(&self, case: &Case, keep: Keep) -> Result<(), Trouble>;
}

/// Whether a release holds a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Under which names the commit of a release may be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseNames {
    /// Version as Sentry knows it.
    pub version: Untrusted<String>,
    /// Commit that Sentry was told of.
    pub commit: Option<Untrusted<String>>,
}

/// Whoever makes the change: a person, a program, a coding agent.
#[async_trait]
pub trait Agent: Send + Sync {
    /// How it is called in receipts.
    fn name(&self) -> &str;

    /// Hands over the case file and waits until the folder is changed; what was said comes back.
    ///
    /// # Errors
    /// Why there is no answer: it failed, took too long or printed too much.
    async fn ask(&self, folder: &std::path::Path, case_file: &str) -> Result<String, Trouble>;
}

/// Runs checks.
#[async_trait]
pub trait Checks: Send + Sync {
    /// `bubblewrap` or `none`.
    fn sandbox(&self) -> &str;

    /// Runs one in a folder.
    async fn run(&self, folder: &std::path::Path, check: &Check) -> CheckRun;
}

/// Changing an issue's status in Sentry: the strongest power over it, and only for what is proven, or what a person said.
#[async_trait]
pub trait SentryResolve: Send + Sync {
    /// Resolves the issue of the proof, and reads it back.
    ///
    /// # Errors
    /// The cause, when it could not be told or is not resolved afterwards.
    async fn resolve(&self, proof: &ResolveProof, release: &ResolveIn) -> Result<(), Cause>;

    /// Ignores the issue of the approval, and reads it back.
    ///
    /// # Errors
    /// The cause, when it could not be told or is not ignored afterwards.
    async fn ignore(&self, approval: &IgnoreApproval) -> Result<(), Cause>;
}

/// What production says of a fix.
#[async_trait]
pub trait SentryReleases: Send + Sync {
    /// Releases in front of users, oldest first, with the names of their commits.
    async fn deployed(&self, project: &str) -> Looked<Vec<(ReleaseNames, Deployed)>>;

    /// In which releases an issue was seen, and when last.
    async fn seen_in(&self, issue: IssueId) -> Looked<Vec<Seen>>;
}

/// The page on which runs declare the paths that they work on.
#[async_trait]
pub trait ActiveRuns: Send + Sync {
    /// Declares the paths of a run, or says who is in the way. Asking again renews.
    async fn claim(&self, claim: &Claim) -> Result<Result<Claimed, Vec<Conflict>>, Trouble>;

    /// Moves a run to those that ended.
    async fn finish(&self, run: &RunId, how: &RunEnd) -> Result<(), Trouble>;

    /// Whether a run is known to be dead on this machine.
    async fn is_dead(&self, run: &RunId) -> Result<bool, Trouble>;
}

/// How long a run holds what it holds without saying so again.
pub const HOLD: Seconds = Seconds(10 * 60);

/// When a hold that begins now lapses.
pub fn until(now: orderly_core::time::Now) -> Timestamp {
    let length = jiff::SignedDuration::from_secs(i64::try_from(HOLD.0).unwrap_or(i64::MAX));
    now.0.checked_add(length).unwrap_or(Timestamp::MAX)
}
