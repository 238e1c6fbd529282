//! What a team's own history says about likeness: each error that people judged is compared with those that were there
//! before it, as an issue would have been. Whether they marked its item a duplicate, or merged its issue into another, is
//! the truth.

use super::{KnownItem, MOST_MERGES, has_stack};
use crate::calibrate::{Example, Likeness, Truth};
use crate::ids::{IssueId, ItemId, OrgSlug, ProjectSlug};
use crate::similar::{Index, Signature};
use crate::sync::snapshot::ItemState;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Errors that people merged into one issue of Sentry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The issue that remained.
    pub issue: IssueId,
    /// Its project.
    pub project: ProjectSlug,
    /// What was merged, with the time it was last seen.
    pub errors: Vec<(Timestamp, Signature)>,
}

/// What an error belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// The item that the work on it went on in.
    Item(ItemId),
    /// The issue of Sentry that it was merged into.
    Merged(IssueId),
}

/// One error of the past.
struct Past<'a> {
    at: Timestamp,
    cause: Cause,
    asked: &'a Signature,
    project: Option<&'a ProjectSlug>,
    judged: Judged,
}

/// Whether somebody said that an error like no other before it was new.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judged {
    Yes,
    Nobody,
}

/// Labelled examples from tracked work and from merges, in the order things were made or seen.
///
/// An item is about an error when it has a stack, in its own text or from the issue it was made for. One that still waits
/// for triage is no example of a new error, and neither is the first of what was merged: nobody has said what it is.
pub fn examples(
    items: &[KnownItem],
    merges: &[Merge],
    org: &OrgSlug,
    errors: &BTreeMap<IssueId, Signature>,
) -> Vec<Example> {
    let mut past: Vec<Past<'_>> = of_items(items, merges, org, errors);
    past.extend(merges.iter().flat_map(of_merge));
    past.retain(|one| has_stack(one.asked));
    past.sort_by_key(|one| (one.at, one.cause));
    let mut index: Index<Cause> = Index::default();
    let mut causes: BTreeSet<Cause> = BTreeSet::new();
    let mut examples = Vec::new();
    for one in past {
        let best = index.nearest(one.asked, 1, 0.0).into_iter().next();
        let truth = match (causes.contains(&one.cause), &best) {
            (false, _) => Truth::New,
            (true, Some(best)) if best.item == one.cause => Truth::Known,
            (true, _) => Truth::KnownElsewhere,
        };
        let settled = truth.is_known() || one.judged == Judged::Yes;
        // The first of all has nothing to be compared with: it says nothing.
        if settled && !causes.is_empty() {
            let best = best.map(|best| Likeness::of(best.score)).unwrap_or_default();
            examples.push(Example { project: one.project.cloned(), best, truth });
        }
        causes.insert(one.cause);
        index.insert(one.cause, one.asked);
    }
    examples
}

fn of_items<'a>(
    items: &'a [KnownItem],
    merges: &[Merge],
    org: &OrgSlug,
    errors: &'a BTreeMap<IssueId, Signature>,
) -> Vec<Past<'a>> {
    let by_id: BTreeMap<ItemId, &KnownItem> = items.iter().map(|known| (known.item.id, known)).collect();
    let merged: BTreeSet<IssueId> = merges.iter().map(|merge| merge.issue).collect();
    let issue = |known: &KnownItem| {
        let marker = known.item.marker.as_ref().filter(|marker| marker.org == *org);
        marker.map(|marker| marker.issue)
    };
    let of_item = |known: &'a KnownItem| {
        let issue_of = issue(known);
        // What was seen of that issue is among what was merged: compared with itself it would say nothing.
        if issue_of.is_some_and(|issue| merged.contains(&issue)) {
            return None;
        }
        let original = original(known, &by_id);
        let into = by_id.get(&original).and_then(|known| issue(known)).filter(|issue| merged.contains(issue));
        Some(Past {
            at: known.item.created_at,
            cause: into.map_or(Cause::Item(original), Cause::Merged),
            asked: issue_of.and_then(|issue| errors.get(&issue)).unwrap_or(&known.signature),
            project: None,
            judged: if known.item.state == ItemState::Triage { Judged::Nobody } else { Judged::Yes },
        })
    };
    items.iter().filter_map(of_item).collect()
}

/// What was merged, each error once: groups of events may hold the same one.
fn of_merge(merge: &Merge) -> Vec<Past<'_>> {
    let mut past: Vec<Past<'_>> = Vec::new();
    for (at, asked) in &merge.errors {
        if past.iter().all(|one| one.asked != asked) {
            past.push(Past {
                at: *at,
                cause: Cause::Merged(merge.issue),
                asked,
                project: Some(&merge.project),
                judged: Judged::Nobody,
            });
        }
    }
    past
}

/// The item that the work on an item went on in.
fn original(known: &KnownItem, by_id: &BTreeMap<ItemId, &KnownItem>) -> ItemId {
    let mut at = known;
    for _ in 0..MOST_MERGES {
        match at.merged_into.and_then(|into| by_id.get(&into)) {
            Some(into) => at = into,
            None => break,
        }
    }
    at.merged_into.unwrap_or(at.item.id)
}
