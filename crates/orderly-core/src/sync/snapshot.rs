//! What a sync gathered: plain data, each look with its answer.
//!
//! - [`Snapshot`]: all of it. [`issue`], [`event`]: what Sentry says. [`item`]: what the tracker says. [`tracker`]: what both
//!   allow. [`looked_up`]: what was asked for one issue.

mod event;
mod issue;
mod item;
mod looked_up;
mod tracker;

pub use event::{EventEvidence, ExceptionEvidence, Frame, FrameOrigin};
pub use issue::{
    AppLinks, Archived, Assignee, ExternalLink, Issue, Level, OwnerClue, OwnerReason, Review, SentryPriority,
    Status, Unresolved,
};
pub use item::{ItemState, Presence, TrackedItem};
pub use looked_up::{AlikeBy, AlikeIssue, AlikeItem, LinkedElsewhere, Look, Lookups};
pub use tracker::{Creation, LinkBackPath, RepeatedIds, TeamFacts, TrackerFacts};

use crate::answer::{Cause, Looked};
use crate::calibrate::Calibration;
use crate::ids::{Generation, SentrySite, TeamKey};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything [`crate::sync::decide::decide`] needs to know about the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The Sentry that was asked.
    pub site: SentrySite,
    /// The team that configuration names; known also when the tracker cannot be reached.
    pub team: TeamKey,
    /// One answer per signal: how many issues it named, or why it could not be asked.
    pub signals: BTreeMap<Signal, Looked<u32>>,
    /// Issues that were looked at closer (chosen by [`crate::select`], plus every issue with an open intent).
    pub candidates: Vec<Candidate>,
    /// Issues that [`crate::select`] held back before any closer look, with the reason.
    pub held: Vec<crate::select::Held>,
    /// What the tracker allows us to do.
    pub tracker: Looked<TrackerFacts>,
    /// What Sentry allows us to do about links back.
    pub link_back: LinkBackPath,
    /// What else the run found missing in its set-up.
    pub gaps: Vec<SetupGap>,
    /// What a likeness says, learned from the user's own history as far as it goes.
    pub calibration: Calibration,
}

/// The four searches that make an issue worth looking at, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// `is:regressed`: resolved once, and back.
    Regressed,
    /// `is:escalating`: far more events than its forecast.
    Escalating,
    /// `issue.priority:high`.
    HighPriority,
    /// `is:unresolved is:for_review`: new or changed, and nobody has looked.
    ForReview,
}

impl Signal {
    /// All signals.
    pub const ALL: [Self; 4] = [Self::Regressed, Self::Escalating, Self::HighPriority, Self::ForReview];

    /// The search text Sentry is asked with, and how configuration names the signal.
    pub const fn query(self) -> &'static str {
        match self {
            Self::Regressed => "is:regressed",
            Self::Escalating => "is:escalating",
            Self::HighPriority => "issue.priority:high",
            Self::ForReview => "is:unresolved is:for_review",
        }
    }

    /// The word people see in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Escalating => "escalating",
            Self::HighPriority => "high priority",
            Self::ForReview => "for review",
        }
    }
}

/// An issue that was looked at closer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The issue.
    pub issue: Issue,
    /// Every signal that named it; empty only for an issue that is here because of an open intent.
    pub signals: BTreeSet<Signal>,
    /// Its latest event.
    pub event: Looked<EventEvidence>,
    /// Who may own it, strongest reason first.
    pub owners: Vec<OwnerClue>,
    /// What each prover was answered.
    pub lookups: Lookups,
    /// What the ledger remembers of it.
    pub memory: Memory,
}

/// What the ledger remembers of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// When it was last reported, and the digest of the evidence then.
    pub last_report: Option<LastReport>,
    /// A decision of an earlier run that did not reach its end.
    pub open_intent: Option<OpenIntent>,
}

/// The last time an issue was part of an applied run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReport {
    /// When.
    pub at: Timestamp,
    /// Digest of the evidence then (see [`crate::sync::decide::content_digest`]).
    pub content: crate::ids::Digest,
}

/// A creation that was intended and whose end is not known to this ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// Which life of the issue.
    pub generation: Generation,
    /// Exactly what was to be sent; sent again unchanged, or not at all.
    pub order: crate::sync::plan::CreateOrder,
}

/// Something that is missing, and the step that closes the gap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetupGap {
    /// What is missing, and what that prevents.
    pub what: String,
    /// The exact step that closes it.
    pub step: String,
    /// The failure that showed it, if one did.
    pub cause: Option<Cause>,
}
