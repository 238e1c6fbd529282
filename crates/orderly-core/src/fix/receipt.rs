//! The receipt of a fix: what was run on what, and how it ended. Kept in the ledger and attached to the commit.

use super::checks::{CheckRun, Compared, compare, red_then_green};
use crate::ids::{CommitId, Digest, IssueId, ShortId, TreeId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the stored form.
pub const RECEIPT_VERSION: u32 = 1;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of this form.
    pub version: u32,
    /// The issue.
    pub issue: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Issues that it covers as well: they crash in the same own frame with the same chain of exceptions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<IssueId>,
    /// The approved selection.
    pub plan: Digest,
    /// The code before.
    pub base: CommitId,
    /// The files that the checks ran on.
    pub tree: TreeId,
    /// Who made the change.
    pub agent: String,
    /// Attempts.
    pub tries: u32,
    /// `bubblewrap` or `none`.
    pub sandbox: String,
    /// Checks on the base.
    pub before: Vec<CheckRun>,
    /// Checks on the base with the tests of the fix, when it has any.
    pub red: Vec<CheckRun>,
    /// Checks on the fix, reruns included.
    pub after: Vec<CheckRun>,
    /// When it was made.
    pub at: Timestamp,
}

impl Receipt {
    /// Whether it was made for an issue.
    pub fn covers(&self, issue: IssueId) -> bool {
        self.issue == issue || self.related.contains(&issue)
    }

    /// The checks compared.
    pub fn compared(&self) -> Compared {
        compare(&self.before, &self.after)
    }

    /// Whether a test of the fix fails without it.
    pub fn shows_the_bug(&self) -> bool {
        red_then_green(&self.red, &self.after)
    }

    /// What it is, in 64 characters.
    pub fn digest(&self) -> Digest {
        crate::digest::of(self)
    }

    /// The receipt as the note of its commit: commands, hashes and results; no output, which may hold event text.
    pub fn note(&self) -> String {
        let mut text = format!(
            "Orderly receipt v{} {}\nbase {}\ntree {}\nplan {}\nsandbox {}\n",
            self.version,
            self.digest(),
            self.base,
            self.tree,
            self.plan,
            self.sandbox
        );
        for (side, runs) in [("base", &self.before), ("base+tests", &self.red), ("fix", &self.after)] {
            for run in runs {
                text.push_str(&format!(
                    "{side}: {} · {} · output {}\n",
                    crate::encode::one_line(&run.check.name),
                    crate::encode::one_line(&run.outcome.words()),
                    run.output
                ));
            }
        }
        text.push_str(if self.shows_the_bug() {
            "a test fails on base and passes on fix\n"
        } else {
            "no test of the fix fails on base\n"
        });
        text
    }
}
