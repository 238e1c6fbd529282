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
pub const DEEDS: [Deed; 11] = [
    Deed::File,
    Deed::Trash,
    Deed::Cancel,
    Deed::Complete,
    Deed::Complete,
    Deed::Resolve,
    Deed::Squat,
    Deed::ComeBack,
    Deed::ComeBack,
    Deed::ComeBack,
    Deed::ComeBack,
];

/// Lets a person do something to one issue or its item; says to which, if there is one that it can be done to.
pub fn act(
    deed: Deed,
    sentry: &mut Sentry,
    tracker: &mut Tracker,
    second: u64,
    dice: &mut dyn Dice,
) -> Option<IssueId> {
    let possible: Vec<IssueId> =
        sentry.issues.keys().copied().filter(|issue| can(deed, *issue, sentry, tracker)).collect();
    let issue = *possible.get(dice.pick(possible.len()))?;
    match deed {
        Deed::File => file(tracker, issue, second),
        Deed::Squat => {
            tracker.add(
                key(issue).item_id(),
                Maker::Person,
                "Not what you think",
                "An item without a marker",
                second,
            );
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
            let id = newest(tracker, issue)?.id;
            let item = tracker.items.get_mut(&id)?;
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

fn can(deed: Deed, issue: IssueId, sentry: &Sentry, tracker: &Tracker) -> bool {
    let newest = newest(tracker, issue);
    match deed {
        Deed::File => !tracker.items.contains_key(&filed_by_hand(issue)),
        Deed::Squat => !tracker.items.contains_key(&key(issue).item_id()),
        Deed::Resolve => sentry.issues.get(&issue).is_some_and(|one| one.issue.status != Status::Resolved),
        Deed::Trash | Deed::Cancel | Deed::Complete => newest.is_some_and(|item| item.state.is_open()),
        Deed::ComeBack => newest.is_some_and(|item| item.state == ItemState::Completed),
    }
}

/// The latest item that a sync made for an issue.
fn newest(tracker: &Tracker, issue: IssueId) -> Option<&Item> {
    let ours =
        |item: &&Item| item.by == Maker::Sync && item.marker().is_some_and(|marker| marker.issue == issue);
    tracker.items.values().filter(ours).max_by_key(|item| (item.made_at, item.id))
}

const fn filed_by_hand(issue: IssueId) -> ItemId {
    ItemId(uuid::Uuid::from_u128(0x0b_0000_0000 + issue.0 as u128))
}

fn file(tracker: &mut Tracker, issue: IssueId, second: u64) {
    let id = filed_by_hand(issue);
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
