//! The table that a person is shown: what was found, in order, and what was left out.

use super::selection::Chosen;
use crate::answer::Cause;
use crate::diagnose::{Evidence, Said};
use crate::digest;
use crate::ids::{Digest, IssueId, ProjectSlug, SentrySite, ShortId};
use crate::noise::{Noise, Rule};
use crate::rank::Score;
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the JSON form.
pub const TABLE_VERSION: u32 = 1;

/// The table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// [`TABLE_VERSION`].
    pub version: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// The Sentry it is about.
    pub site: SentrySite,
    /// How far back counts go.
    pub window: Seconds,
    /// What is shown, in order.
    pub rows: Vec<Row>,
    /// What is not.
    pub hidden: Vec<Hidden>,
    /// Sums.
    pub totals: Totals,
    /// What could not be looked at.
    pub gaps: Vec<Gap>,
}

/// An issue that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The issue with its number.
    #[serde(flatten)]
    pub issue: Chosen,
    /// How much it weighs, and why.
    pub score: Score,
    /// A rule that would hide it, were there not so many events or users.
    pub guarded: Option<Noise>,
    /// Whether a repair may work on it.
    pub repair: Repair,
    /// Numbers of other rows that crash in the same own frame with the same chain of exceptions.
    pub related: Vec<u32>,
    /// What issues of one repair share.
    pub crash: Option<Digest>,
    /// Its latest event, where a closer look was made; left out of the JSON form.
    #[serde(skip)]
    pub evidence: Option<Evidence>,
}

/// Whether a repair may work on an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Repair {
    /// It may be chosen.
    Anyone,
    /// Configuration leaves it to a person.
    Person {
        /// Why.
        reason: String,
    },
}

/// An issue that is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
    /// The rule.
    pub rule: Rule,
    /// What the rule saw.
    pub because: Vec<Said>,
}

/// Sums: `listed = shown + hidden`, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Unresolved issues that were listed.
    pub listed: u64,
    /// Shown.
    pub shown: u64,
    /// Hidden.
    pub hidden: u64,
    /// By rule.
    pub by_rule: BTreeMap<Rule, Touched>,
    /// Shown although a rule would hide them.
    pub guarded: u64,
    /// Issues that were looked at closer: rules that need an event were asked for these.
    pub looked_closer: u64,
}

/// Whom a rule touches. Users are summed over issues: one who met two of them counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Issues.
    pub issues: u64,
    /// Events.
    pub events: u64,
    /// Users.
    pub users: u64,
}

/// What could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// What.
    pub what: String,
    /// Why, when something failed.
    pub cause: Option<Cause>,
}

impl Table {
    /// Digest of what can be chosen: which issues of which Sentry, by number. Counts are left out: they grow at every look.
    pub fn digest(&self) -> Digest {
        self.digest_of(self.rows.len())
    }

    /// Digest of the first rows.
    pub(super) fn digest_of(&self, first: usize) -> Digest {
        let rows: Vec<(u32, IssueId)> =
            self.rows.iter().take(first).map(|row| (row.issue.number, row.issue.id)).collect();
        digest::of(&(self.version, &self.site, rows))
    }

    /// The first rows only. What is cut off stays in the totals.
    #[must_use]
    pub fn top(mut self, most: usize) -> Self {
        self.rows.truncate(most);
        let last = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        for row in &mut self.rows {
            row.related.retain(|number| *number <= last);
        }
        self
    }
}
