//! The proof without which nothing is resolved (invariant I6). Only this module makes one.

use super::receipt::Receipt;
use crate::ids::{CommitId, Digest, IssueId, TreeId};
use serde::{Deserialize, Serialize};

/// What was shown: an own commit on an allowed branch, checks green on exactly its tree, for an approved plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResolveProof {
    issue: IssueId,
    commit: CommitId,
    tree: TreeId,
    branch: String,
    plan: Digest,
    receipt: Digest,
}

impl ResolveProof {
    /// The issue that may be resolved.
    pub const fn issue(&self) -> IssueId {
        self.issue
    }

    /// The commit.
    pub const fn commit(&self) -> &CommitId {
        &self.commit
    }
}

/// Where a commit was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// The commit.
    pub commit: CommitId,
    /// Its files.
    pub tree: TreeId,
    /// The branch that reaches it.
    pub branch: String,
}

/// Why an issue may not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The branch is not one on which a commit counts.
    #[error("the commit is on {0}, which is not one of `fix.branches`")]
    Branch(String),
    /// The files are others than those that were checked.
    #[error("the commit has the tree {found} and the checks ran on {checked}")]
    Tree {
        /// Of the commit.
        found: TreeId,
        /// Of the receipt.
        checked: TreeId,
    },
    /// A check fails.
    #[error("checks fail that passed before: {}", .0.join(", "))]
    NotGreen(Vec<String>),
    /// The receipt was made for another selection.
    #[error("the receipt belongs to another plan")]
    Plan,
    /// It was made for another issue.
    #[error("the receipt belongs to issue {0}")]
    Issue(IssueId),
}

/// Makes the proof.
///
/// # Errors
/// The first thing that is not shown.
pub fn prove(
    issue: IssueId,
    plan: &Digest,
    arrived: &Arrived,
    receipt: &Receipt,
    branches: &[String],
) -> Result<ResolveProof, Unproven> {
    if !receipt.covers(issue) {
        return Err(Unproven::Issue(receipt.issue));
    }
    if &receipt.plan != plan {
        return Err(Unproven::Plan);
    }
    if !branches.contains(&arrived.branch) {
        return Err(Unproven::Branch(arrived.branch.clone()));
    }
    if receipt.tree != arrived.tree {
        return Err(Unproven::Tree { found: arrived.tree.clone(), checked: receipt.tree.clone() });
    }
    let compared = receipt.compared();
    if !compared.is_green() {
        return Err(Unproven::NotGreen(compared.new));
    }
    Ok(ResolveProof {
        issue,
        commit: arrived.commit.clone(),
        tree: arrived.tree.clone(),
        branch: arrived.branch.clone(),
        plan: plan.clone(),
        receipt: receipt.digest(),
    })
}
