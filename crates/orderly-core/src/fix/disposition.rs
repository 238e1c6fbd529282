//! How a case ends: in exactly one way.

use crate::answer::Cause;
use crate::ids::CommitId;
use serde::{Deserialize, Serialize};

/// What became of the issue in Sentry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resolution", rename_all = "snake_case")]
pub enum Resolution {
    /// Resolved, and read back.
    Resolved,
    /// Waits until the commit is on an allowed branch; `orderly verify` resolves it then.
    Waits {
        /// What for.
        reason: String,
    },
    /// Sentry could not be told; `orderly verify` tells it again.
    NotTold(Cause),
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "disposition", rename_all = "snake_case")]
pub enum Disposition {
    /// A verified commit.
    Fixed {
        /// It.
        commit: CommitId,
        /// The branch it is on.
        branch: String,
        /// And Sentry.
        resolution: Resolution,
    },
    /// Nothing was done, because a commit since changed the line that crashed. Sentry is left as it is: that commit is
    /// nobody's proof.
    AlreadyFixed {
        /// The commit.
        by: CommitId,
        /// What history says.
        reason: String,
    },
    /// A person decided that it is no bug of this code; ignored in Sentry.
    WontFix {
        /// Why.
        reason: String,
    },
    /// Not done, for a reason that stands.
    Declined {
        /// Why.
        reason: String,
    },
    /// Not done now.
    Deferred {
        /// Why.
        reason: String,
    },
    /// Tried, and it did not work.
    Failed {
        /// At what, and why.
        reason: String,
    },
}

impl Disposition {
    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::AlreadyFixed { .. } => "already fixed",
            Self::WontFix { .. } => "won't fix",
            Self::Declined { .. } => "declined",
            Self::Deferred { .. } => "deferred",
            Self::Failed { .. } => "failed",
        }
    }

    /// Why, where it was not fixed.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Fixed { .. } => None,
            Self::AlreadyFixed { reason, .. }
            | Self::WontFix { reason }
            | Self::Declined { reason }
            | Self::Deferred { reason }
            | Self::Failed { reason } => Some(reason),
        }
    }
}
