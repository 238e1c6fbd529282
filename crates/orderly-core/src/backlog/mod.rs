//! What is tracked, ready to be compared with an issue.
//!
//! - [`item`]: an item as an index keeps it. [`coverage`]: which part of a tracker an index has read.
//! - [`history`]: what a team's own duplicates say about likeness.
//! - [`Backlog`]: all of it, asked with an issue; it answers with the items most like it.

pub mod coverage;
pub mod history;
pub mod item;
#[cfg(test)]
mod tests;

pub use coverage::{Coverage, Span};
pub use item::{KnownItem, signature_of};

use crate::calibrate::{Likeness, Thresholds};
use crate::ids::{IssueId, ItemId, OrgSlug};
use crate::similar::{Corpus, Index, Signature, Together, score};
use crate::sync::snapshot::{AlikeBy, AlikeIssue, AlikeItem, TrackedItem};
use std::collections::{BTreeMap, BTreeSet};

/// Items, and issues of its run, that an issue is told to be like; more would not be read.
const MOST_ALIKE: usize = 5;
/// What an issue is less like is not named: it is refuted, unless a team's own thresholds say otherwise.
pub const LEAST_NAMED: Likeness = Likeness::percent(30);
/// How far a chain of merges is followed.
const MOST_MERGES: usize = 8;

/// Everything that is tracked.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    items: BTreeMap<ItemId, KnownItem>,
    /// Items with a stack in one of their signatures.
    with_stack: BTreeSet<ItemId>,
    index: Index<ItemId>,
}

impl Backlog {
    /// The items, each known by what it says itself or, where Orderly made it, by what was seen of its error.
    pub fn new(items: Vec<KnownItem>, org: &OrgSlug, mut errors: BTreeMap<IssueId, Signature>) -> Self {
        let mut backlog = Self::default();
        for known in items {
            let id = known.item.id;
            let marker = known.item.marker.as_ref().filter(|marker| marker.org == *org);
            // What was seen of the error says all that the item quotes of it.
            let error = marker.and_then(|marker| errors.remove(&marker.issue));
            backlog.add(id, error.as_ref().unwrap_or(&known.signature));
            backlog.items.insert(id, known);
        }
        backlog
    }

    fn add(&mut self, id: ItemId, signature: &Signature) {
        if has_stack(signature) {
            self.with_stack.insert(id);
        }
        self.index.insert(id, signature);
    }

    /// How many items there are.
    pub fn len(&self) -> u64 {
        self.items.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items most like an issue, best first. What is less like it than [`LEAST_NAMED`], and is refuted by these
    /// thresholds, is left out.
    pub fn alike(&self, asked: &Signature, thresholds: &Thresholds) -> Vec<AlikeItem> {
        let at_least = thresholds.new_below.as_ref().map_or(LEAST_NAMED, |below| below.at.min(LEAST_NAMED));
        let found = self.index.nearest(asked, MOST_ALIKE, at_least.score()).into_iter();
        let alike = found.filter_map(|candidate| {
            let stacks = has_stack(asked) && self.with_stack.contains(&candidate.item);
            Some(AlikeItem {
                item: self.item(candidate.item, MOST_MERGES)?,
                likeness: Likeness::of(candidate.score),
                by: if stacks { AlikeBy::Stack } else { AlikeBy::Words },
            })
        });
        alike.filter(|alike| alike.likeness > Likeness::default()).collect()
    }

    /// Which issues of one run are like each other: for each its nearest, best first. How common something is comes from
    /// everything tracked and from the issues themselves.
    pub fn twins(&self, issues: &BTreeMap<IssueId, Signature>) -> BTreeMap<IssueId, Vec<AlikeIssue>> {
        let mut run = Corpus::default();
        issues.values().for_each(|signature| run.add(signature));
        let common = Together(&self.index, &run);
        let mut twins: BTreeMap<IssueId, Vec<AlikeIssue>> = BTreeMap::new();
        for (nth, (a, x)) in issues.iter().enumerate() {
            for (b, y) in issues.iter().skip(nth + 1) {
                let likeness = Likeness::of(score(&common, x, y).value);
                let by = if has_stack(x) && has_stack(y) { AlikeBy::Stack } else { AlikeBy::Words };
                for (one, other) in [(a, b), (b, a)] {
                    let twin = AlikeIssue { issue: *other, likeness, by };
                    twins.entry(*one).or_default().push(twin);
                }
            }
        }
        for alike in twins.values_mut() {
            alike.retain(|twin| twin.likeness > Likeness::default());
            alike.sort_by_key(|twin| (std::cmp::Reverse(twin.likeness), twin.issue));
            alike.truncate(MOST_ALIKE);
        }
        twins
    }

    /// An item with the chain of items it was merged into; a circle ends after `steps`.
    fn item(&self, id: ItemId, steps: usize) -> Option<TrackedItem> {
        let known = self.items.get(&id)?;
        let into = known.merged_into.filter(|into| steps > 0 && *into != id);
        let duplicate_of = into.and_then(|into| self.item(into, steps - 1)).map(Box::new);
        Some(TrackedItem { duplicate_of, ..known.item.clone() })
    }
}

fn has_stack(signature: &Signature) -> bool {
    !signature.facts().frames.is_empty()
}
