//! What the journal keeps of each decision to write.

use crate::ids::{ItemId, RunId, TrackKey};
use crate::sync::plan::{AttachOrder, CommentOrder, CreateOrder, ItemRef, Reopen};
use serde::{Deserialize, Serialize};

/// The open entries of a backlog.
pub type Journal = Vec<JournalEntry>;

/// One decision to write, on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// What it is for: at most one entry a key.
    pub key: TrackKey,
    /// The run that last worked on it.
    pub run: RunId,
    /// What is to be written.
    pub work: Work,
    /// How far it is.
    pub stage: Stage,
    /// Creation requests that may have been sent, over all runs.
    pub attempts: u32,
    /// The tracker item, once it is known to exist.
    pub item: Option<ItemRef>,
    /// How far the link in Sentry is.
    pub link_back: LinkBackStage,
}

impl JournalEntry {
    /// Whether nothing is left to do or to find out.
    pub fn is_closed(&self) -> bool {
        match &self.stage {
            Stage::Failed(_) => true,
            Stage::Done => !matches!(self.link_back, LinkBackStage::Wanted { .. }),
            Stage::Intended | Stage::Sent | Stage::Exists => false,
        }
    }
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// A new item.
    Create {
        /// Exactly what is sent.
        order: CreateOrder,
    },
    /// A link to an item that exists.
    Link {
        /// The item.
        item: ItemRef,
        /// The attachment, unless it is there.
        attach: Option<AttachOrder>,
    },
    /// A comment on an item that exists.
    Update {
        /// The item.
        item: ItemRef,
        /// The comment.
        comment: CommentOrder,
        /// The attachment, unless it is there.
        attach: Option<AttachOrder>,
        /// Whether its state changes.
        reopen: Reopen,
    },
}

impl Work {
    /// The item's id: derived for a creation, known otherwise.
    pub const fn item_id(&self) -> ItemId {
        match self {
            Self::Create { order } => order.item,
            Self::Link { item, .. } | Self::Update { item, .. } => item.id,
        }
    }
}

/// How far the tracker side is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", content = "failure", rename_all = "snake_case")]
pub enum Stage {
    /// Durable, nothing sent yet.
    Intended,
    /// A creation may have been sent; nobody knows what became of it.
    Sent,
    /// The item exists; attachment, comment, relation or state may be missing.
    Exists,
    /// The tracker side is complete.
    Done,
    /// It ended without its goal, for a reason that a person can see.
    Failed(Failure),
}

/// Why a decision ended without its goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", content = "detail", rename_all = "snake_case")]
pub enum Failure {
    /// The tracker refused the content.
    Refused(String),
    /// The credentials do not suffice.
    Denied(String),
    /// An item with the derived id exists and is not ours.
    ForeignItem(String),
    /// The tracker ignored the id that was sent: a repeat could make a second item.
    IdIgnored(String),
    /// A person trashed or cancelled the item.
    Declined(String),
    /// Something else tracks the issue by now, or it is no longer worth an item.
    Superseded(String),
    /// Many attempts, and never an answer: the item was absent at the last look.
    NoAnswer(String),
}

/// How far the link in Sentry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "link_back", rename_all = "snake_case")]
pub enum LinkBackStage {
    /// Not wanted.
    Off,
    /// Not possible; the report says what to set up.
    Unavailable,
    /// To be written through this installation.
    Wanted {
        /// Installation id.
        installation: String,
    },
    /// Written and read back.
    Done,
    /// Refused for good.
    Failed {
        /// Why.
        why: String,
    },
}
