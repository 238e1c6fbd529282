//! What the machine asks for, and what it is told. Each effect but [`Effect::Finish`] is answered by exactly one event.

use crate::answer::{Cause, Looked};
use crate::ids::{ItemId, RunId, TrackKey};
use crate::sync::machine::{CreateReply, JournalEntry, LinkBackOrder, Outcome, WriteReply};
use crate::sync::plan::{AttachOrder, CommentOrder, CreateOrder};
use crate::sync::snapshot::TrackedItem;
use crate::time::{Seconds, Timestamp};
use crate::tracked::AbsenceProof;

/// Something the world is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Keep this entry, durably, before anything else happens to it. Answer: [`Event::Stored`].
    Store {
        /// The entry.
        entry: JournalEntry,
    },
    /// Read an item by its id: a primary key, never search. Answer: [`Event::Read`].
    Read {
        /// For which decision.
        key: TrackKey,
        /// Which item.
        item: ItemId,
    },
    /// Send a creation. Answer: [`Event::CreateReplied`].
    Create {
        /// Exactly these bytes.
        order: CreateOrder,
        /// Shows that the issue was looked for everywhere.
        proof: AbsenceProof,
    },
    /// Upsert an attachment. Answer: [`Event::Wrote`] with [`Step::Attach`].
    Attach {
        /// For which decision.
        key: TrackKey,
        /// The attachment.
        order: AttachOrder,
    },
    /// Add a comment under its derived id. Answer: [`Event::Wrote`] with [`Step::Comment`].
    Comment {
        /// For which decision.
        key: TrackKey,
        /// The comment.
        order: CommentOrder,
    },
    /// Move an item to a state. Answer: [`Event::Wrote`] with [`Step::Move`].
    Move {
        /// For which decision.
        key: TrackKey,
        /// Which item.
        item: ItemId,
        /// State id.
        state: String,
    },
    /// Relate an item to the completed one before it. Answer: [`Event::Wrote`] with [`Step::Relate`].
    Relate {
        /// For which decision.
        key: TrackKey,
        /// Which item.
        item: ItemId,
        /// The one before.
        predecessor: ItemId,
    },
    /// Write the link in Sentry and read it back. Answer: [`Event::LinkedBack`].
    LinkBack {
        /// For which decision.
        key: TrackKey,
        /// The link.
        order: LinkBackOrder,
    },
    /// Let time pass, less when the run is interrupted. Answer: [`Event::Waited`].
    Wait {
        /// For which decision.
        key: TrackKey,
        /// How long.
        length: Seconds,
    },
    /// Renew the lease before it lapses. Answer: [`Event::LeaseRenewed`].
    RenewLease,
    /// All is said; no answer.
    Finish(Outcome),
}

/// Something the world did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An entry is durable, or not.
    Stored {
        /// Of which decision.
        key: TrackKey,
        /// Whether it is.
        answer: Result<(), StoreFailure>,
    },
    /// An item was read, or not. `Saw(None)` says that no such item exists, in archive or trash neither.
    Read {
        /// For which decision.
        key: TrackKey,
        /// What was seen.
        answer: Looked<Option<TrackedItem>>,
    },
    /// A creation was answered, or given up.
    CreateReplied {
        /// Of which decision.
        key: TrackKey,
        /// How.
        reply: CreateReply,
    },
    /// A write on an existing item was answered, or given up.
    Wrote {
        /// For which decision.
        key: TrackKey,
        /// Which write.
        step: Step,
        /// How.
        reply: WriteReply,
    },
    /// The link in Sentry was written and read back, or not.
    LinkedBack {
        /// For which decision.
        key: TrackKey,
        /// Whether it is there.
        answer: Result<(), Cause>,
    },
    /// Time passed.
    Waited {
        /// For which decision.
        key: TrackKey,
    },
    /// The lease now runs until then, or is lost.
    LeaseRenewed {
        /// Until when.
        answer: Result<Timestamp, StoreFailure>,
    },
    /// A person asked to stop. Not an answer; may come at any time.
    Interrupted,
}

/// A write on an item that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Its attachment.
    Attach,
    /// Its comment.
    Comment,
    /// Its state.
    Move,
    /// Its relation to the item before.
    Relate,
    /// Its link in Sentry.
    LinkBack,
}

impl Step {
    /// The words people see.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Attach => "the attachment with the permalink",
            Self::Comment => "the comment with the new evidence",
            Self::Move => "the move back to an open state",
            Self::Relate => "the relation to the completed item",
            Self::LinkBack => "the link in Sentry",
        }
    }
}

/// Why an entry is not durable, or the lease not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// Another run holds the lease.
    LeaseLost {
        /// Which.
        holder: RunId,
    },
    /// The ledger failed: full disk, lost connection.
    Failed(String),
}

/// How long the right to write lasts, and by how much a renewal extends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerm {
    /// It lapses then.
    pub until: Timestamp,
    /// A renewal adds this.
    pub length: Seconds,
}
