//! Past answers of the engine whose truth became known: what thresholds are learned from.

use super::likeness::Likeness;
use crate::ids::ProjectSlug;
use serde::{Deserialize, Serialize};

/// An error or item that was compared with everything known before it, and what people made of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Example {
    /// Where it happened; absent for items that name no project.
    pub project: Option<ProjectSlug>,
    /// The likeness of the best candidate; nothing in common when there was none.
    pub best: Likeness,
    /// What is true.
    pub truth: Truth,
}

/// What people decided: a merge in Sentry, a duplicate in the tracker, or two items that both stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It was known, and the best candidate is what it belongs to.
    Known,
    /// It was known, and something else looked more like it.
    KnownElsewhere,
    /// It was new.
    New,
}

impl Truth {
    /// Whether it was known: calling it new would have filed a duplicate.
    pub const fn is_known(self) -> bool {
        matches!(self, Self::Known | Self::KnownElsewhere)
    }
}
