//! Which part of a tracker an index has read, by the time of an item's last change: everything that changed since is
//! asked for and nothing else. A tracker lists the newest change first, so what is left of a large backlog lies at its
//! old end.

use crate::calibrate::shipped::SCORE_VERSION;
use crate::ids::TeamKey;
use crate::time::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Version of what an index keeps of an item. A stored index of another version is read anew.
const KEPT_VERSION: u32 = 1;

/// A change becomes visible a little after the time it carries.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// What an index has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    version: u32,
    /// Version of the score: with it normal forms may change, and those are what is kept.
    #[serde(default)]
    score_version: u32,
    teams: Vec<TeamKey>,
    /// Everything that changed up to here was read, back to `down_to`.
    newest: Option<Timestamp>,
    /// What changed before was not read yet; absent when all of it was.
    down_to: Option<Timestamp>,
}

/// Changes to be asked for, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

/// How far a span was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// To its end.
    Whole,
    /// Down to an item that changed then.
    DownTo(Timestamp),
    /// Not at all.
    Nothing,
}

impl Coverage {
    /// Nothing of these teams was read yet.
    pub const fn none(teams: Vec<TeamKey>) -> Self {
        Self { version: KEPT_VERSION, score_version: SCORE_VERSION, teams, newest: None, down_to: None }
    }

    /// Whether what was stored can be used for these teams.
    pub fn serves(&self, teams: &[TeamKey]) -> bool {
        self.version == KEPT_VERSION && self.score_version == SCORE_VERSION && self.teams == teams
    }

    /// Whether everything was read once.
    pub const fn is_complete(&self) -> bool {
        self.newest.is_some() && self.down_to.is_none()
    }

    /// What has to be read, in this order.
    pub fn spans(&self) -> Vec<Span> {
        let Some(newest) = self.newest else { return vec![Span { from: None, to: None }] };
        let recent = Span { from: newest.checked_sub(OVERLAP).ok(), to: None };
        let older = self.down_to.map(|to| Span { from: None, to: Some(to) });
        [recent].into_iter().chain(older).collect()
    }

    /// After the recent span was read; `newest` is the last change that was seen, `now` stands for it in an empty
    /// tracker.
    #[must_use]
    pub fn with_recent(self, read: Read, newest: Option<Timestamp>, now: Timestamp) -> Self {
        match read {
            Read::Nothing => self,
            // What lies between the stop and what was known before is read again from the stop on.
            Read::DownTo(stop) => Self { newest: newest.max(self.newest), down_to: Some(stop), ..self },
            Read::Whole => Self { newest: newest.max(self.newest).or(Some(now)), ..self },
        }
    }

    /// After the older span was read.
    #[must_use]
    pub fn with_older(self, read: Read) -> Self {
        match read {
            Read::Nothing => self,
            Read::DownTo(stop) => Self { down_to: Some(stop), ..self },
            Read::Whole => Self { down_to: None, ..self },
        }
    }
}
