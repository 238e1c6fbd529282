//! What people do while a sync runs: file the same thing themselves, say no, finish work, resolve, squat on an id.

use super::sentry::{Sentry, permalink};
use super::tracker::{Item, Maker, Tracker};
use super::{at, site, team};
use crate::dice::Dice;
use orderly_core::ids::{Generation, IssueId, ItemId, TrackKey};
use orderly_core::sync::plan::AttachOrder;
use orderly_core::sync::snapshot::{ItemState, Presence, Signal, Status, Unresolved};

/// The key of an issue's first life.
pub fn key(issue: IssueId) -> TrackKey {
    TrackKey { host: site().host(), org: site().org, issue, team: team(), generation: Generation(0) }
}

/// Something a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Files an item for an issue, with the permalink attached.
    File,
    /// Trashes an item.
    Trash,
    /// Cancels an item.
    Cancel,
    /// Completes an item.
    Complete,
    /// Resolves an issue.
    Resolve,
    /// Makes an item with the id that a sync would derive.
    Squat,
    /// Not a person: the error of an issue happens again, much more often.
    ComeBack,
}

/// All deeds, the likelier ones more than once.
pub const DEEDS: [Deed; 6] =
    [Deed::File, Deed::Trash, Deed::Cancel, Deed::Complete, Deed::Resolve, Deed::Squat];

/// Lets a person do something to one issue or its items; `false` when there was nothing to do it to.
pub fn act(
    deed: Deed,
    sentry: &mut Sentry,
    tracker: &mut Tracker,
    second: u64,
    dice: &mut dyn Dice,
) -> Option<IssueId> {
    let ids: Vec<IssueId> = sentry.issues.keys().copied().collect();
    let issue = *ids.get(dice.pick(ids.len()))?;
    match deed {
        Deed::File => file(tracker, issue, second),
        Deed::Squat => {
            let id = key(issue).item_id();
            if tracker.items.contains_key(&id) {
                return None;
            }
            tracker.add(id, Maker::Person, "Not what you think", "An item without a marker", second);
        }
        Deed::ComeBack => {
            let reported = sentry.issues.get_mut(&issue)?;
            reported.issue.status = Status::Unresolved(Unresolved::Regressed);
            reported.issue.last_seen = at(second);
            reported.issue.events = reported.issue.events.saturating_mul(10).min(1_000_000);
            reported.signals.insert(Signal::Regressed);
        }
        Deed::Resolve => sentry.issues.get_mut(&issue)?.issue.status = Status::Resolved,
        Deed::Trash | Deed::Cancel | Deed::Complete => {
            let ours = |item: &&mut Item| {
                item.by == Maker::Sync && item.marker().is_some_and(|marker| marker.issue == issue)
            };
            let item = tracker.items.values_mut().filter(ours).max_by_key(|item| item.made_at)?;
            match deed {
                Deed::Trash => item.presence = Presence::Trashed,
                Deed::Cancel => item.state = ItemState::Canceled,
                _ => {
                    item.state = ItemState::Completed;
                    item.completed_at = Some(second);
                }
            }
            if deed != Deed::Complete {
                item.declined_at.get_or_insert(second);
            }
            item.changed_at = second;
        }
    }
    Some(issue)
}

fn file(tracker: &mut Tracker, issue: IssueId, second: u64) {
    let id = ItemId(uuid::Uuid::from_u128(0x0b_0000_0000 + u128::from(issue.0)));
    if tracker.items.contains_key(&id) {
        return;
    }
    let reference = tracker.add(id, Maker::Person, "Somebody look at this", "See the link", second);
    let order = AttachOrder {
        item: id,
        url: permalink(issue),
        title: reference.key.to_string(),
        subtitle: String::new(),
    };
    if let Some(item) = tracker.items.get_mut(&id) {
        item.attachments.insert(order.url.clone(), order);
    }
}
