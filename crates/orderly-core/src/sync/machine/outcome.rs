//! What an applied run came to, decision by decision: the report's input.

use crate::ids::RunId;
use crate::sync::machine::{JournalEntry, LinkBackStage, Stage, Work};
use crate::sync::report::{ItemOutcome, LinkBackOutcome, WriteOutcome};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The end of an applied run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// One line a decision: what earlier runs left open, then the plan's decisions in order.
    pub ended: Vec<Ended>,
    /// Creations and comments that were attempted; never more than the cap.
    pub attempts: u32,
    /// Why the run stopped before everything was tried, if it did.
    pub stop: Option<Stop>,
}

/// Where one decision stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The journal entry as it stands: stage, item, link back.
    pub entry: JournalEntry,
    /// What this run did for it.
    pub did: Did,
    /// What the next run finishes, and why this one did not; `None` when the decision is at its end.
    pub left: Option<LeftOpen>,
}

/// What a run did for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// Made a new item.
    Created,
    /// Found the item that an earlier attempt, whose reply was lost, had made.
    Adopted,
    /// Linked an item that existed.
    Linked,
    /// Commented on an item that existed.
    Updated,
    /// Nothing that shows in the tracker.
    Nothing,
}

/// Why a decision is left to the next run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "left", content = "detail", rename_all = "snake_case")]
pub enum LeftOpen {
    /// The run was stopped first.
    Stopped,
    /// The cap of the run is used up.
    CapReached {
        /// The cap.
        cap: u32,
    },
    /// The tracker asked to slow down.
    RateLimited,
    /// A request was sent and nobody can say what became of it.
    Unknown(String),
    /// The item could not be read back.
    CouldNotRead(String),
    /// The item exists; this step is missing.
    StepMissing(String),
    /// An earlier run sent other bytes; only those may be sent again.
    OtherBytes,
    /// The plan only prepares it this time.
    NotApproved(String),
    /// The tracker ignores the ids that are sent, so nothing more is created in this run.
    IdsIgnored,
}

impl Outcome {
    /// The same in the words of the report.
    pub fn items(&self) -> Vec<ItemOutcome> {
        self.ended.iter().map(Ended::item).collect()
    }
}

impl Ended {
    fn item(&self) -> ItemOutcome {
        ItemOutcome { issue: self.entry.key.issue, write: self.write(), link_back: self.link_back() }
    }

    fn write(&self) -> WriteOutcome {
        let JournalEntry { work, stage, item, .. } = &self.entry;
        match (stage, work, item) {
            (Stage::Failed(failure), _, _) => WriteOutcome::Failed { failure: failure.clone() },
            (Stage::Done, Work::Create { .. }, Some(item)) => WriteOutcome::Created { item: item.clone() },
            (Stage::Done, Work::Link { item, .. }, _) => WriteOutcome::Linked { item: item.clone() },
            (Stage::Done, Work::Update { item, .. }, _) => WriteOutcome::Updated { item: item.clone() },
            (Stage::Done | Stage::Exists | Stage::Sent | Stage::Intended, _, item) => {
                let because = self
                    .left
                    .as_ref()
                    .map_or_else(|| "the run stopped first".to_owned(), ToString::to_string);
                WriteOutcome::Open { item: item.clone(), because }
            }
        }
    }

    fn link_back(&self) -> LinkBackOutcome {
        match (&self.entry.link_back, &self.left) {
            (LinkBackStage::Off, _) => LinkBackOutcome::Off,
            (LinkBackStage::Unavailable, _) => LinkBackOutcome::Unavailable,
            (LinkBackStage::Done, _) => LinkBackOutcome::Succeeded,
            (LinkBackStage::Failed { why }, _) => LinkBackOutcome::Failed { why: why.clone() },
            (LinkBackStage::Wanted { .. }, Some(left)) if self.entry.stage == Stage::Done => {
                LinkBackOutcome::Failed { why: left.to_string() }
            }
            (LinkBackStage::Wanted { .. }, _) => LinkBackOutcome::Waiting,
        }
    }
}

impl fmt::Display for LeftOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("the run stopped first"),
            Self::CapReached { cap } => write!(f, "the cap of {cap} attempts a run is used up"),
            Self::RateLimited => f.write_str("the tracker asked to slow down"),
            Self::Unknown(why) => write!(f, "nobody can say what became of the request ({why})"),
            Self::CouldNotRead(why) => write!(f, "the item could not be read back ({why})"),
            Self::StepMissing(what) => write!(f, "the item exists, one step is missing: {what}"),
            Self::OtherBytes => {
                f.write_str("an earlier run sent another text for it, and only that may be sent again: run `orderly sync --apply`")
            }
            Self::NotApproved(why) => write!(f, "begun by an earlier run, and only prepared in this one: {why}"),
            Self::IdsIgnored => f.write_str("the tracker ignores the ids that are sent, so a repeat could make a second item"),
        }
    }
}

/// Why a run stopped early. Nothing is half-done: the next run goes on from the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stop", content = "detail", rename_all = "snake_case")]
pub enum Stop {
    /// A person asked for it.
    Interrupted,
    /// The ledger could not keep what was to be done next.
    LedgerFailed(String),
    /// Another run took over.
    LeaseLost {
        /// Which.
        holder: RunId,
    },
    /// The tracker asked to slow down; everything that does not need it was done.
    RateLimited {
        /// When to come back, if it said.
        until: Option<Timestamp>,
    },
}
