//! The plan: what a sync would do, as plain data that can be printed, saved, diffed and applied later.

use crate::ids::{Digest, IssueId, ItemId, ItemKey, OrgSlug, ProjectSlug, ShortId, TeamKey, TrackKey};
use crate::select::Held;
use crate::sync::snapshot::{LinkBackPath, SetupGap, Signal, TrackedItem};
use crate::time::{Seconds, Timestamp};
use crate::tracked::{Alike, ProofRecord, Prover};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Version of the stored form. A reader refuses a plan of another version.
pub const PLAN_VERSION: u32 = 1;

/// What a run would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// Sentry it is about.
    pub sentry_url: String,
    /// Organization.
    pub org: OrgSlug,
    /// Team.
    pub team: TeamKey,
    /// Digest of the policy it was made under.
    pub policy: Digest,
    /// Creations and updates that a run may attempt.
    pub cap: u32,
    /// Once saved, it is stale after this long.
    pub max_age: Seconds,
    /// Whether anything could be written when the plan was made.
    pub writes: Writes,
    /// How links back are written.
    pub link_back: LinkBackPath,
    /// Decisions, in the order they are carried out.
    pub entries: Vec<Entry>,
    /// What was not looked at closer, with the reason.
    pub held: Vec<Held>,
    /// What is missing in the set-up.
    pub gaps: Vec<SetupGap>,
    /// How many issues each signal named.
    pub named: BTreeMap<Signal, u32>,
}

impl Plan {
    /// Digest of everything that decides what is sent: scope, policy and decisions with their payloads. Times, counts
    /// and requests of the proofs are left out, because they change while nothing that matters does.
    pub fn digest(&self) -> Digest {
        let decisions: Vec<_> =
            self.entries.iter().map(|e| (e.issue.id, &e.decision, e.proof.verdicts())).collect();
        crate::digest::of(&(self.version, &self.sentry_url, &self.org, &self.team, &self.policy, decisions))
    }
}

/// Whether a run could write at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writes {
    /// The tracker answered and takes writes.
    Possible,
    /// Something stops every write; a gap of the plan says what. Such a run is a preview, also when it was to apply.
    Stopped,
}

/// One issue of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The issue.
    pub issue: IssueRef,
    /// Signals that named it.
    pub signals: BTreeSet<Signal>,
    /// Why it qualified: one sentence a reason, each naming its evidence.
    pub qualified: Vec<String>,
    /// What is done.
    pub decision: Decision,
    /// What the provers found.
    pub proof: ProofRecord,
    /// Digest of the evidence, for the cooldown.
    pub content: Digest,
}

/// How a report names an issue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueRef {
    /// Numeric id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Rebuilt permalink.
    pub permalink: String,
    /// Title, not yet scrubbed or encoded.
    pub title: Untrusted<String>,
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
}

/// How a report names a tracker item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemRef {
    /// Id.
    pub id: ItemId,
    /// Key.
    pub key: ItemKey,
    /// Address as the tracker gave it.
    pub url: Untrusted<String>,
}

impl From<&TrackedItem> for ItemRef {
    fn from(item: &TrackedItem) -> Self {
        Self { id: item.id, key: item.key.clone(), url: item.url.clone() }
    }
}

/// What is done with an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Decision {
    /// Create an item; needs an [`AbsenceProof`](crate::tracked::AbsenceProof).
    Create {
        /// Exactly what is sent.
        order: CreateOrder,
    },
    /// Link an existing item: attachment there, link back here.
    Link {
        /// The item.
        item: ItemRef,
        /// The attachment to put on it; `None` when it already has one.
        attach: Option<AttachOrder>,
        /// Which prover found it.
        found_by: Prover,
    },
    /// Comment on an existing item (stale, or completed and back); counts towards the cap.
    Update {
        /// The item.
        item: ItemRef,
        /// The comment.
        comment: CommentOrder,
        /// The attachment, when it is not there yet.
        attach: Option<AttachOrder>,
        /// Whether its state changes as well.
        reopen: Reopen,
    },
    /// Write nothing: what would be written is shown.
    Prepare {
        /// What it would be.
        would: Would,
        /// Why it is not.
        because: PreparedBecause,
    },
    /// Write nothing: tracked already.
    Tracked {
        /// The item.
        item: ItemRef,
        /// Why that is an answer.
        because: TrackedBecause,
    },
}

impl Decision {
    /// Whether something is written.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Link { .. } | Self::Update { .. })
    }

    /// Whether it counts towards the cap: creations and updates do, links do not.
    pub const fn counts(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Update { .. })
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { .. } => f.write_str("create"),
            Self::Link { item, .. } => write!(f, "link {}", item.key),
            Self::Update { item, reopen: Reopen::Leave, .. } => write!(f, "comment on {}", item.key),
            Self::Update { item, reopen: Reopen::To(_), .. } => write!(f, "reopen {}", item.key),
            Self::Prepare { would: Would::Create { .. }, .. } => f.write_str("prepare an item"),
            Self::Prepare { would: Would::Link { item }, .. } => write!(f, "prepare a link to {}", item.key),
            Self::Prepare { would: Would::Update { item }, .. } => {
                write!(f, "prepare a comment on {}", item.key)
            }
            Self::Tracked { item, .. } => write!(f, "tracked by {}", item.key),
        }
    }
}

/// What a run would write if it were allowed to. It is no order, so it cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "would", rename_all = "snake_case")]
pub enum Would {
    /// Create an item.
    Create {
        /// Its text.
        draft: Draft,
    },
    /// Link this item.
    Link {
        /// The item.
        item: ItemRef,
    },
    /// Comment on this item.
    Update {
        /// The item.
        item: ItemRef,
    },
}

/// The text of an item: scrubbed and encoded, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Title: one line, at most 200 characters.
    pub title: String,
    /// Markdown body: at most 8 KiB; ends with the marker.
    pub body: String,
}

/// Whether an update moves its item back to an open state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reopen", content = "state", rename_all = "snake_case")]
pub enum Reopen {
    /// The state stays.
    Leave,
    /// Moves to this state id.
    To(String),
}

/// Why something is only prepared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum PreparedBecause {
    /// A softer prover found something that may be the same.
    PossibleDuplicate {
        /// The likely item.
        item: ItemRef,
        /// Which prover.
        prover: Prover,
    },
    /// It is too much like an item for the title and stack provers to call it absent.
    Alike {
        /// The likeliest item.
        item: ItemRef,
        /// The prover that likeness speaks for.
        prover: Prover,
        /// What likeness says.
        says: Alike,
    },
    /// Another issue of this run may be the same problem; it goes first.
    PossibleTwin {
        /// The other issue.
        of: ShortId,
        /// What they share.
        prover: Prover,
    },
    /// It is too much like another issue of this run, which goes first.
    AlikeTwin {
        /// The other issue.
        of: ShortId,
        /// The prover that likeness speaks for.
        prover: Prover,
        /// What likeness says.
        says: Alike,
    },
    /// A prover could not look.
    NotProven {
        /// Which, and why; one line each.
        open: Vec<String>,
    },
    /// The run's cap is used up.
    CapReached {
        /// The cap.
        cap: u32,
    },
    /// The mode does not allow writing it.
    Mode,
    /// Items cannot be created now.
    CreationUnavailable {
        /// Why.
        why: String,
    },
    /// A link back is required and not possible.
    LinkBackRequired,
}

/// Why an existing item is the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackedBecause {
    /// Linked on both sides, and fresh.
    AlreadyLinked,
    /// In the trash or cancelled: a person said no.
    Declined,
    /// Completed, and policy leaves it at that, or the issue did not come back since.
    Completed,
}

/// Exactly what is sent to create an item. Built once, stored with the intent, and sent again unchanged or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateOrder {
    /// What it is for.
    pub key: TrackKey,
    /// Derived id.
    pub item: ItemId,
    /// Team id in the tracker.
    pub team_id: String,
    /// Title; scrubbed and encoded.
    pub title: String,
    /// Markdown body; scrubbed and encoded; ends with the marker.
    pub body: String,
    /// Priority number.
    pub priority: u8,
    /// State id.
    pub state: Option<String>,
    /// Label ids.
    pub labels: Vec<String>,
    /// Assignee id.
    pub assignee: Option<String>,
    /// The attachment that follows.
    pub attach: AttachOrder,
    /// The completed item of the generation before, to be related.
    pub relates_to: Option<ItemId>,
}

impl CreateOrder {
    /// Digest of the bytes that are sent.
    pub fn payload(&self) -> Digest {
        crate::digest::of(self)
    }
}

/// An attachment: an upsert on item and address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachOrder {
    /// The item.
    pub item: ItemId,
    /// Permalink.
    pub url: String,
    /// Title; scrubbed and encoded.
    pub title: String,
    /// Subtitle; scrubbed and encoded.
    pub subtitle: String,
}

/// A comment with a derived id, so that it cannot be made twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentOrder {
    /// Derived from the item, the issue and the content digest.
    pub id: uuid::Uuid,
    /// The item.
    pub item: ItemId,
    /// Markdown; scrubbed and encoded.
    pub body: String,
}
