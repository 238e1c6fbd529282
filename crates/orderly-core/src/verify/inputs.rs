//! What is known of a fix, and what can be said of it.

use crate::answer::Looked;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// How often the error came before it was fixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// Events.
    pub events: u64,
    /// Hours in which they came.
    pub hours: f64,
}

/// The first release that has the fix, in front of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// Its version.
    pub release: Untrusted<String>,
    /// Since when.
    pub at: Timestamp,
}

/// The error, seen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// In a release that has the fix.
    pub release: Untrusted<String>,
    /// When.
    pub at: Timestamp,
}

/// A fix and what was looked up for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fixed {
    /// Before the fix.
    pub before: Before,
    /// The release; `Saw(None)` when no release with the fix is out.
    pub deployed: Looked<Option<Deployed>>,
    /// The first event in a release that has the fix, if any.
    pub again: Looked<Option<Seen>>,
}

/// What can be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Silent for so long that luck is too unlikely an explanation.
    Verified {
        /// Hours of silence.
        quiet_hours: f64,
        /// Chance of so much silence by luck alone.
        luck: f64,
    },
    /// Silent, but not for long enough.
    NotYet {
        /// Hours until it could be said; `None` when no silence would prove it, because the error was never counted.
        hours_left: Option<f64>,
        /// Chance of so much silence by luck alone.
        luck: f64,
    },
    /// Back in a release that has the fix.
    DidNotHold(Seen),
    /// No release with the fix is out.
    NotReleased,
    /// Sentry could not be asked.
    Unknown(crate::answer::Cause),
}
