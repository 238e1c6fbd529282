//! What the selection is made from, and what it says.

use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::sync::snapshot::{ExternalLink, Issue, LastReport, Signal};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An issue that at least one signal named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The issue.
    pub issue: Issue,
    /// Every signal that named it.
    pub signals: BTreeSet<Signal>,
    /// What the ledger remembers.
    pub remembered: Remembered,
}

/// What the ledger remembers of a listed issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Its last report.
    pub last_report: Option<LastReport>,
    /// Whether an intent for it is still open: such an issue is always looked at.
    pub intent: IntentState,
}

/// Whether an earlier decision is unfinished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IntentState {
    /// Nothing is open.
    #[default]
    None,
    /// A creation, link or link-back waits to be finished.
    Open,
}

/// The outcome of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// To be looked at closer, in order: fair between projects, then by impact.
    pub selected: Vec<Listed>,
    /// Everything else.
    pub held: Vec<Held>,
}

/// An issue that is not looked at closer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// Numeric id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Users it touches in the window: what is hidden is counted.
    pub users: u64,
    /// Events in the window.
    pub events: u64,
    /// Signals that named it.
    pub signals: BTreeSet<Signal>,
    /// Why.
    pub reason: HeldReason,
}

/// Why an issue is held back; each carries its evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum HeldReason {
    /// Resolved since the search answered.
    Resolved,
    /// Archived.
    Archived,
    /// Being deleted, merged or reprocessed.
    Leaving,
    /// Below the noise floor.
    BelowNoiseFloor {
        /// Which bound, with both numbers: `1 event in 24h, at least 2 are asked`.
        bound: String,
    },
    /// Reported within the cooldown, and nothing changed since.
    Cooldown {
        /// When it was reported.
        reported_at: Timestamp,
    },
    /// Sentry already holds a link.
    AlreadyLinked {
        /// The link.
        link: ExternalLink,
    },
    /// The pool is full; ranks after those selected.
    PoolFull {
        /// Size of the pool.
        pool: u32,
    },
}

impl HeldReason {
    /// The evidence in words. Labels of links are left out: a service chose them.
    pub fn words(&self) -> String {
        match self {
            Self::Resolved => "resolved in Sentry".to_owned(),
            Self::Archived => "archived in Sentry".to_owned(),
            Self::Leaving => "being deleted, merged or reprocessed in Sentry".to_owned(),
            Self::BelowNoiseFloor { bound } => bound.clone(),
            Self::Cooldown { reported_at } => format!("reported at {reported_at}, and nothing changed since"),
            Self::AlreadyLinked { .. } => "linked in Sentry".to_owned(),
            Self::PoolFull { pool } => format!("ranks after the {pool} that were looked at"),
        }
    }
}
