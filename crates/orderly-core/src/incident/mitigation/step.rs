//! What the log has of a mitigation: the intent before the command runs, and what came of it after.

use super::measure::Measurement;
use super::option::Kind;
use super::template::Argv;
use crate::fix::Outcome;
use crate::ids::{Digest, IssueId, ShortId};
use crate::time::{Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A step of a mitigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// An option is about to be tried. Trials are numbered from 1 in the order of these.
    Trying {
        /// Exactly what is done, and what is expected of it.
        intent: Intent,
    },
    /// Its command has ended.
    Tried {
        /// Number of the trial.
        trial: u32,
        /// How.
        run: Run,
    },
    /// Somebody says what became of it.
    Told {
        /// Number of the trial.
        trial: u32,
        /// What.
        became: Became,
        /// How they know.
        how: Untrusted<String>,
    },
    /// It is about to be taken back by its undo command.
    Undoing {
        /// Number of the trial.
        trial: u32,
    },
    /// Its undo command has ended.
    Undone {
        /// Number of the trial.
        trial: u32,
        /// How.
        run: Run,
    },
    /// Its effect was measured.
    Measured {
        /// Number of the trial.
        trial: u32,
        /// The counts and what they come to.
        measured: Measurement,
    },
}

impl Step {
    /// Number of the trial whose option is done, as this step says.
    pub fn done(&self) -> Option<u32> {
        match self {
            Self::Tried { trial, run } if run.outcome == Outcome::Passed => Some(*trial),
            Self::Told { trial, became: Became::Done, .. } => Some(*trial),
            _ => None,
        }
    }
}

/// What is done and expected: fixed before anything runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Name of the option.
    pub option: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What is done.
    pub order: Order,
    /// The command that takes it back.
    pub undo: Option<Argv>,
    /// From its end to the time at which its effect shows.
    pub settles: Seconds,
    /// What is expected.
    pub promise: Promise,
    /// From here on errors are counted for "before".
    pub since: Timestamp,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// A command of the configuration is run.
    Command {
        /// Exactly this one.
        argv: Argv,
    },
    /// `orderly fix` repairs an issue; its effect begins with the deploy of the fix.
    Repair {
        /// The issue.
        issue: IssueId,
        /// As people name it.
        short_id: ShortId,
    },
    /// People do it.
    ByHand,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { argv } => argv.fmt(f),
            Self::Repair { short_id, .. } => write!(f, "orderly fix {short_id}"),
            Self::ByHand => f.write_str("by hand"),
        }
    }
}

/// What is expected of a mitigation: at most so many errors of the incident an hour, by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Errors an hour.
    pub at_most: u64,
    /// Until when.
    pub by: Timestamp,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {} errors an hour by {}", self.at_most, self.by.strftime("%F %R UTC"))
    }
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// How.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Digest of all that it printed.
    pub output: Digest,
    /// The end of it.
    pub tail: Untrusted<String>,
}

/// What became of a trial, as a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is done.
    Done,
    /// It was not done.
    NotDone,
    /// It was done, and taken back by hand.
    TakenBack,
}

impl Became {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "it is done",
            Self::NotDone => "it was not done",
            Self::TakenBack => "it was taken back",
        }
    }
}
