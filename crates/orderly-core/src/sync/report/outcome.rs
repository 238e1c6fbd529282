//! What became of the entries of an applied plan.

use crate::ids::IssueId;
use crate::sync::machine::Failure;
use crate::sync::plan::ItemRef;
use serde::{Deserialize, Serialize};

/// What became of one entry that writes, or of open work of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOutcome {
    /// The issue.
    pub issue: IssueId,
    /// The tracker's side.
    pub write: WriteOutcome,
    /// Sentry's side.
    pub link_back: LinkBackOutcome,
}

/// What became of the tracker's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub enum WriteOutcome {
    /// A new item is there, complete.
    Created {
        /// The item.
        item: ItemRef,
    },
    /// An existing item is linked.
    Linked {
        /// The item.
        item: ItemRef,
    },
    /// An existing item got its comment (and its state, where asked).
    Updated {
        /// The item.
        item: ItemRef,
    },
    /// It ended without its goal.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Not finished; the next run goes on from here.
    Open {
        /// The item, when it is known to exist.
        item: Option<ItemRef>,
        /// Why it stopped: `no reply from the tracker`.
        because: String,
    },
}

/// What became of Sentry's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "link_back", rename_all = "snake_case")]
pub enum LinkBackOutcome {
    /// Written and read back.
    Succeeded,
    /// Not written; the next run tries again unless it was refused for good.
    Failed {
        /// Why.
        why: String,
    },
    /// Not possible with this set-up; the report says what to set up.
    Unavailable,
    /// Not wanted by configuration.
    Off,
    /// Its turn did not come: the item is not there yet.
    Waiting,
}
