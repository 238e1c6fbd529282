//! A case: one repair of one issue, as the journal keeps it. Where it stands says what is done next ([`super::next`]).

use super::answer::AgentWords;
use super::change::Change;
use super::checks::{Check, CheckRun};
use super::disposition::{Disposition, Resolution};
use super::ignore::IgnoreApproval;
use super::proof::Arrived;
use super::receipt::Receipt;
use crate::ids::{
    CommitId, Digest, IssueId, OrgSlug, ProjectSlug, RepositoryId, RunId, SentryHost, ShortId, TreeId,
};
use crate::time::Timestamp;
use crate::triage::IssueCard;
use crate::untrusted::Untrusted;
use crate::verify::{Before, Verdict};
use serde::{Deserialize, Serialize};

/// Version of the stored form.
pub const CASE_VERSION: u32 = 1;

/// Which case it is. At most one case of an issue is open at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseKey {
    /// Sentry that holds the issue.
    pub host: SentryHost,
    /// Its organization.
    pub org: OrgSlug,
    /// The issue.
    pub issue: IssueId,
    /// The run that opened the case.
    pub run: RunId,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// [`CASE_VERSION`].
    pub version: u32,
    /// Which one it is.
    pub key: CaseKey,
    /// The issue as people name it.
    pub short_id: ShortId,
    /// Its project.
    pub project: ProjectSlug,
    /// Its title.
    pub title: Untrusted<String>,
    /// Rebuilt permalink.
    pub permalink: String,
    /// Issues that the same repair is for: they crash in the same own frame with the same chain of exceptions.
    #[serde(default)]
    pub related: Vec<IssueCard>,
    /// What was found out before, each a scrubbed line.
    #[serde(default)]
    pub found: Vec<String>,
    /// Repository that is repaired.
    pub repository: RepositoryId,
    /// Digest of the approved selection.
    pub plan: Digest,
    /// How often the error came.
    pub before: Before,
    /// Who is asked for the change.
    pub agent: String,
    /// When the case was opened; the commit bears this time, so that making it twice makes one.
    pub opened_at: Timestamp,
    /// The code before.
    pub base: CommitId,
    /// The code that crashed, when it is known and another one.
    #[serde(default)]
    pub crashed: Option<CommitId>,
    /// Branch of the case.
    pub branch: String,
    /// Paths that were declared for it.
    pub declared: Vec<String>,
    /// Commands that judge the change.
    pub checks: Vec<Check>,
    /// Where it stands.
    pub stage: Stage,
}

impl Case {
    /// The issues of the case: the one it is about, then the related ones.
    pub fn issues(&self) -> impl Iterator<Item = IssueId> {
        std::iter::once(self.key.issue).chain(self.related.iter().map(|related| related.issue))
    }

    /// The same, as people name them.
    pub fn short_ids(&self) -> impl Iterator<Item = &ShortId> {
        std::iter::once(&self.short_id).chain(self.related.iter().map(|related| &related.short_id))
    }

    /// How each of its issues ended, or is about to: in exactly one way each.
    pub fn ends(&self) -> Vec<(IssueCard, Disposition)> {
        let Some(end) = self.end() else { return Vec::new() };
        let of = |issue| match (&end.disposition, end.related.iter().find(|told| told.issue == issue)) {
            (Disposition::Fixed { commit, branch, .. }, Some(told)) => Disposition::Fixed {
                commit: commit.clone(),
                branch: branch.clone(),
                resolution: told.resolution.clone(),
            },
            (disposition, _) => disposition.clone(),
        };
        let lead = IssueCard {
            issue: self.key.issue,
            short_id: self.short_id.clone(),
            title: self.title.clone(),
            permalink: self.permalink.clone(),
        };
        let cards = std::iter::once(lead).chain(self.related.iter().cloned());
        cards
            .map(|card| {
                let disposition = of(card.issue);
                (card, disposition)
            })
            .collect()
    }

    /// Whether nothing is left to do.
    pub const fn is_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended { .. })
    }

    /// How it ended, or is about to end.
    pub const fn end(&self) -> Option<&End> {
        match &self.stage {
            Stage::Closing { end } | Stage::Ended { end, .. } => Some(end),
            _ => None,
        }
    }
}

/// Where a case stands. Each is stored before what it asks for is done, so a crash repeats at most that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// It needs its worktrees.
    Opened,
    /// The checks have to run on the base.
    Placed,
    /// The agent is asked.
    Asking {
        /// Checks on the base.
        before: Vec<CheckRun>,
        /// Which attempt, from 1.
        attempt: u32,
        /// What the agent finds in its worktree.
        start: Start,
        /// What was wrong with the attempts before.
        feedback: Vec<Feedback>,
    },
    /// An allowed change is to be staged.
    Staging {
        /// It.
        attempt: Attempt,
    },
    /// The staged tree is to be checked.
    Checking {
        /// The change.
        attempt: Attempt,
        /// Its tree.
        tree: TreeId,
    },
    /// The checks are green: the commit is to be made.
    Proven {
        /// What was shown.
        receipt: Receipt,
        /// What the agent said.
        words: AgentWords,
        /// Changed paths.
        files: Vec<String>,
    },
    /// The commit is on the case's branch, and is to be brought to where it counts.
    Committed {
        /// What was shown.
        receipt: Receipt,
        /// It.
        commit: CommitId,
        /// Changed paths.
        files: Vec<String>,
    },
    /// The commit is where it counts: Sentry is to be told, issue by issue.
    Resolving {
        /// What was shown.
        receipt: Receipt,
        /// Where the commit is.
        arrived: Arrived,
        /// Changed paths.
        files: Vec<String>,
        /// Issues that it was told of.
        #[serde(default)]
        told: Vec<Told>,
    },
    /// A person approved that the issue is ignored: Sentry is to be told.
    Ignoring {
        /// What was approved.
        approval: IgnoreApproval,
    },
    /// The end is known; what the case used is to be cleared away.
    Closing {
        /// It.
        end: End,
    },
    /// Over.
    Ended {
        /// How.
        end: End,
        /// What production said of the fix since.
        holds: Option<Verdict>,
    },
}

impl Stage {
    /// The word for it, as the journal and people use it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Placed => "placed",
            Self::Asking { .. } => "asking",
            Self::Staging { .. } => "staging",
            Self::Checking { .. } => "checking",
            Self::Proven { .. } => "proven",
            Self::Committed { .. } => "committed",
            Self::Resolving { .. } => "resolving",
            Self::Ignoring { .. } => "ignoring",
            Self::Closing { .. } => "closing",
            Self::Ended { .. } => "ended",
        }
    }
}

/// One attempt of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Checks on the base.
    pub before: Vec<CheckRun>,
    /// Which one, from 1.
    pub number: u32,
    /// What it changed.
    pub change: Change,
    /// What it said.
    pub words: AgentWords,
    /// What was wrong with the attempts before.
    pub feedback: Vec<Feedback>,
}

/// What an agent finds in its worktree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The base.
    Base,
    /// What the attempt before left.
    AsLeft,
}

/// What was wrong with an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// In our words.
    pub what: String,
    /// What programs printed about it.
    pub printed: Option<Untrusted<String>>,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// In which way.
    pub disposition: Disposition,
    /// What was shown, when there is a commit.
    pub receipt: Option<Receipt>,
    /// Changed paths.
    pub files: Vec<String>,
    /// What became of the related issues in Sentry, when there is a commit.
    #[serde(default)]
    pub related: Vec<Told>,
}

/// What became of an issue in Sentry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The issue.
    pub issue: IssueId,
    /// What became of it.
    pub resolution: Resolution,
}

impl End {
    /// An end without a commit.
    pub const fn without_commit(disposition: Disposition) -> Self {
        Self { disposition, receipt: None, files: Vec::new(), related: Vec::new() }
    }
}
