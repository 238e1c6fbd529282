//! What a team's own history says about likeness: each item about an error is compared with those that were there before
//! it, as an issue would have been; whether people marked it a duplicate is the truth.

use super::{KnownItem, MOST_MERGES, has_stack};
use crate::calibrate::{Example, Likeness, Truth};
use crate::ids::{IssueId, ItemId, OrgSlug};
use crate::similar::{Index, Signature};
use crate::sync::snapshot::ItemState;
use std::collections::{BTreeMap, BTreeSet};

/// Labelled examples from tracked work, in the order the items were made.
///
/// An item is about an error when it has a stack, in its own text or from the issue it was made for. One that still waits
/// for triage is no example: nobody has said what it is.
pub fn examples(items: &[KnownItem], org: &OrgSlug, errors: &BTreeMap<IssueId, Signature>) -> Vec<Example> {
    let by_id: BTreeMap<ItemId, &KnownItem> = items.iter().map(|known| (known.item.id, known)).collect();
    let mut ordered: Vec<&KnownItem> = items.iter().collect();
    ordered.sort_by_key(|known| (known.item.created_at, known.item.id));
    let mut index: Index<ItemId> = Index::default();
    let mut causes: BTreeSet<ItemId> = BTreeSet::new();
    let mut examples = Vec::new();
    for known in ordered {
        let error = known.item.marker.as_ref().filter(|marker| marker.org == *org);
        let error = error.and_then(|marker| errors.get(&marker.issue));
        let asked = error.unwrap_or(&known.signature);
        let cause = cause(known, &by_id);
        if has_stack(asked) {
            let best = index.nearest(asked, 1, 0.0).into_iter().next();
            let truth = match (causes.contains(&cause), &best) {
                (false, _) => Truth::New,
                (true, Some(best)) if best.item == cause => Truth::Known,
                (true, _) => Truth::KnownElsewhere,
            };
            let settled = truth.is_known() || known.item.state != ItemState::Triage;
            // The first of all has nothing to be compared with: it says nothing.
            if settled && !causes.is_empty() {
                let best = best.map(|best| Likeness::of(best.score)).unwrap_or_default();
                examples.push(Example { project: None, best, truth });
            }
            causes.insert(cause);
            index.insert(cause, asked);
        }
    }
    examples
}

/// The item that the work on an item went on in.
fn cause(known: &KnownItem, by_id: &BTreeMap<ItemId, &KnownItem>) -> ItemId {
    let mut at = known;
    for _ in 0..MOST_MERGES {
        match at.merged_into.and_then(|into| by_id.get(&into)) {
            Some(into) => at = into,
            None => break,
        }
    }
    at.merged_into.unwrap_or(at.item.id)
}
