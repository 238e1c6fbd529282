//! An item of the tracker.

use crate::ids::{ItemId, ItemKey, TeamKey};
use crate::sync::marker::Marker;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// An item of the tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackedItem {
    /// Id.
    pub id: ItemId,
    /// Key.
    pub key: ItemKey,
    /// Address, as the tracker gave it.
    pub url: Untrusted<String>,
    /// Title.
    pub title: Untrusted<String>,
    /// Team.
    pub team: TeamKey,
    /// State.
    pub state: ItemState,
    /// In the archive or the trash, or neither.
    pub presence: Presence,
    /// Made.
    pub created_at: Timestamp,
    /// Last change by anybody.
    pub updated_at: Timestamp,
    /// Orderly's marker, when the text holds one.
    pub marker: Option<Marker>,
    /// When it was completed, where the tracker says so.
    pub completed_at: Option<Timestamp>,
    /// The item that this one was marked a duplicate of, itself resolved: the work went on there.
    pub duplicate_of: Option<Box<TrackedItem>>,
    /// Addresses of its attachments.
    pub attachments: Vec<Untrusted<String>>,
    /// Its description and the comments that made the tracker answer with it. Either all of them, and the exact check
    /// (whole token, whole number) is made by [`crate::tracked::keys`]; or none, when the adapter made that check.
    pub texts: Vec<Untrusted<String>>,
}

/// State type of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Waits for triage.
    Triage,
    /// In the backlog.
    Backlog,
    /// Planned.
    Unstarted,
    /// Being worked on.
    Started,
    /// Done.
    Completed,
    /// A person said no.
    Canceled,
    /// Merged into another.
    Duplicate,
}

impl ItemState {
    /// Whether work may still happen on it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Triage | Self::Backlog | Self::Unstarted | Self::Started)
    }
}

/// Where an item is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// In view.
    Live,
    /// In the archive.
    Archived,
    /// In the trash: a person said no.
    Trashed,
}
