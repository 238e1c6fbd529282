//! What a case asks for, and what it hears of.

use super::answer::{AgentWords, Answer};
use super::case::{Feedback, Start};
use super::change::Change;
use super::checks::CheckRun;
use super::ignore::IgnoreApproval;
use super::proof::{Arrived, ResolveProof};
use super::receipt::Receipt;
use crate::answer::Cause;
use crate::ids::{CommitId, TreeId};
use crate::time::Timestamp;

/// What is done next. Doing it again after a crash changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Make a branch and worktrees for the case.
    Place,
    /// Run the checks on the base.
    CheckBase,
    /// Ask the agent for a change.
    Ask {
        /// Which attempt, from 1.
        attempt: u32,
        /// What it finds.
        start: Start,
        /// What was wrong before.
        feedback: Vec<Feedback>,
    },
    /// Declare the paths, stage exactly them and say which tree that is.
    Stage {
        /// The allowed change.
        change: Change,
    },
    /// Run the checks on a tree, and its tests on the base.
    CheckFix {
        /// The tree.
        tree: TreeId,
        /// The change that made it.
        change: Change,
        /// Checks on the base, to know which failures deserve another run.
        before: Vec<CheckRun>,
    },
    /// Make the commit and attach its receipt.
    Commit {
        /// What was shown.
        receipt: Receipt,
        /// What the agent said.
        words: AgentWords,
    },
    /// Bring the commit to where it counts, if that is allowed.
    Land {
        /// It.
        commit: CommitId,
    },
    /// Resolve an issue.
    Resolve {
        /// What makes it right to.
        proof: ResolveProof,
    },
    /// Ignore an issue.
    Ignore {
        /// What makes it right to.
        approval: IgnoreApproval,
    },
    /// Clear away what the case used.
    CleanUp {
        /// What stays.
        keep: Keep,
    },
}

/// What of a case stays in the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: the commit has landed, or there is none.
    Nothing,
    /// The branch, for a person to merge.
    Branch,
    /// The worktree as well, for a person to look at.
    Worktree,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The worktrees are there.
    Placed,
    /// The checks ran on the base.
    BaseChecked(Vec<CheckRun>),
    /// The agent answered, and this is what its worktree differs in.
    Answered(Answer, Change),
    /// The agent did not answer: it failed, took too long or printed too much.
    NoAnswer(String),
    /// The change is staged.
    Staged(TreeId),
    /// Another run is at work on the same paths.
    InTheWay(String),
    /// The checks ran on the fix.
    FixChecked(Checked),
    /// The commit is made.
    Committed(CommitId),
    /// The commit is where it counts.
    Landed(Arrived),
    /// It stays on its branch.
    Stays(String),
    /// Sentry has resolved the issue; read back.
    Resolved,
    /// Sentry ignores the issue; read back.
    Ignored,
    /// Sentry could not be told.
    NotTold(Cause),
    /// What the case used is gone.
    CleanedUp,
    /// Something of the machinery failed: a disk, git.
    Broke(String),
}

/// Checks of a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// On the base with the tests of the fix.
    pub red: Vec<CheckRun>,
    /// On the fix, reruns included.
    pub after: Vec<CheckRun>,
    /// `bubblewrap` or `none`.
    pub sandbox: String,
    /// When they ended.
    pub at: Timestamp,
}
