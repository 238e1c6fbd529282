//! What people merged in Sentry: a port of its own, because only who learns from the past asks so much of it.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::ProjectSlug;
use orderly_core::sync::snapshot::{EventEvidence, Issue};

/// The merges that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merges {
    /// Issues whose history was read.
    pub looked_at: u32,
    /// Those that people merged others into.
    pub merged: Vec<MergedIssue>,
}

/// An issue that other issues were merged into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedIssue {
    /// The issue that remained.
    pub issue: Issue,
    /// The newest event of each group of events in it; of groups that hold the same error there may be several.
    pub events: Vec<EventEvidence>,
}

/// Reads merges.
#[async_trait]
pub trait MergeRead: Send + Sync {
    /// Issues of these projects (none: all that the token sees) that people merged others into, whatever their state;
    /// of the `most` issues with the most events in the last 90 days.
    async fn merges(&self, projects: &[ProjectSlug], most: u32) -> Looked<Merges>;
}
