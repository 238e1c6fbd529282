//! An answer with what it rests on.

use super::bound::{Basis, Promise};
use super::decide::{Call, Thresholds};
use super::likeness::Likeness;
use crate::sync::plan::ItemRef;
use serde::{Deserialize, Serialize};

/// Items that a certificate names.
pub const NAMED: usize = 3;

/// Whether an issue is like anything that is tracked, and how sure that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The answer.
    pub verdict: Likely,
    /// The items most like it, best first, at most [`NAMED`]. All of them are refuted when the answer is `new`.
    pub nearest: Vec<Nearest>,
    /// Tracked items that it was compared with.
    pub compared_with: u64,
    /// The thresholds, with the error of each and the examples behind it.
    pub thresholds: Thresholds,
}

/// What likeness says of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Likely {
    /// The same as an item that is not done.
    Duplicate {
        /// The item.
        item: ItemRef,
    },
    /// The same as an item that was completed; the cause may be another one.
    Recurrence {
        /// The item.
        item: ItemRef,
    },
    /// Like nothing that is tracked.
    New,
    /// Nobody can tell.
    Undecided {
        /// The likeliest item; absent when it has nothing in common with any, and even that proves nothing here.
        item: Option<ItemRef>,
    },
}

/// An item and how much an issue is like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// The item.
    pub item: ItemRef,
    /// How much.
    pub likeness: Likeness,
}

impl Certificate {
    /// The answer in a word.
    pub const fn word(&self) -> &'static str {
        match self.verdict {
            Likely::Duplicate { .. } => "duplicate",
            Likely::Recurrence { .. } => "recurrence",
            Likely::New => "new",
            Likely::Undecided { .. } => "undecided",
        }
    }

    /// The answer, what it was compared with and how sure it is, for people. Nothing of it comes from an event.
    pub fn words(&self) -> String {
        let compared = match self.compared_with {
            0 => return format!("{}: no tracked item to compare with", self.word()),
            1 => "1 tracked item".to_owned(),
            n => format!("{} tracked items", crate::sync::decide::grouped(n)),
        };
        let nearest: Vec<String> =
            self.nearest.iter().map(|near| format!("{} at {}", near.item.key, near.likeness)).collect();
        let nearest = match nearest.as_slice() {
            [] => "hardly anything in common with any".to_owned(),
            some => format!("nearest {}", some.join(", ")),
        };
        format!("{}: compared with {compared}, {nearest}; {}", self.word(), self.thresholds.words())
    }
}

impl Thresholds {
    /// What the thresholds say and promise.
    pub fn words(&self) -> String {
        let new = self.new_below.as_ref().map_or_else(
            || "no score proves that it is new".to_owned(),
            |t| format!("new below {} (misses {})", t.at, t.promise.words("duplicates")),
        );
        let same = self.same_above.as_ref().map_or_else(
            || "no score proves that it is the same".to_owned(),
            |t| format!("the same above {} (wrong for {})", t.at, t.promise.words("new errors")),
        );
        format!("{new}, {same}")
    }

    /// The answer for a best score; `None` is an issue that there was nothing to compare with.
    pub fn call_of(&self, best: Option<Likeness>, compared_with: u64) -> Call {
        match compared_with {
            0 => Call::New,
            _ => self.call(best.unwrap_or_default()),
        }
    }
}

impl Promise {
    fn words(&self, of_what: &str) -> String {
        let basis = match &self.basis {
            Basis::Project(_) => "of this project",
            Basis::Backlog => "of this backlog",
            Basis::Shipped => "shipped with Orderly, none of them yours",
        };
        format!(
            "{} of {of_what}, at most {} with 95 % confidence, from {} examples {basis}",
            self.expected, self.at_most, self.examples
        )
    }
}
