//! How a person follows a run while it works.

use orderly_core::ids::{IssueId, RunId};
use orderly_core::sync::machine::{Effect, Event};
use orderly_core::sync::snapshot::Signal;
use orderly_core::time::Timestamp;

/// Something worth telling while a run works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A run begins.
    Started {
        /// Its id.
        run: &'a RunId,
    },
    /// A signal was asked for; `None` when it could not be.
    Searched {
        /// Which.
        signal: Signal,
        /// How many issues it named.
        issues: Option<u32>,
    },
    /// So many issues are looked at closer.
    Selected {
        /// How many.
        issues: usize,
        /// How many were held back.
        held: usize,
    },
    /// One more issue was looked at in Sentry.
    LookedAt {
        /// How many so far.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// The tracker was asked for all of them.
    Compared {
        /// How many.
        issues: usize,
    },
    /// The index of tracked work is at hand, or another page of it was read.
    Indexed {
        /// Items so far.
        items: usize,
    },
    /// The plan is made.
    Decided {
        /// Items to be created.
        creates: usize,
        /// Items to be linked or commented on.
        links: usize,
    },
    /// A request is about to be sent, or something is about to be written down.
    Doing(&'a Effect),
    /// Its answer.
    Did(&'a Event),
    /// The tracker is given time before a look, for one issue.
    Waiting {
        /// Which.
        issue: IssueId,
        /// Until when.
        until: Timestamp,
    },
    /// A stop was asked for; what is on its way is finished first.
    Stopping,
}

/// Takes progress in; must not block.
pub trait Watch: Send + Sync {
    /// Something happened.
    fn see(&self, progress: Progress<'_>);
}

/// Nobody watches.
impl Watch for () {
    fn see(&self, _: Progress<'_>) {}
}
