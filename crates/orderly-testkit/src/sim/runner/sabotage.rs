//! What a planted bug makes of what a runner looked at, sends and hears.

use super::{Run, Runner};
use crate::sim::bugs::Bug;
use orderly_core::answer::Looked;
use orderly_core::ids::{ItemId, ItemKey, TrackKey};
use orderly_core::sync::machine::{CreateReply, Effect, Event, WriteReply};
use orderly_core::sync::marker::Marker;
use orderly_core::sync::plan::{Decision, Entry, ItemRef};
use orderly_core::sync::snapshot::{Look, Presence, Snapshot, TrackedItem};
use orderly_core::untrusted::Untrusted;
use std::collections::BTreeMap;

impl Runner {
    /// What a bug makes of what was looked at.
    pub(super) fn distort(&self, snapshot: &mut Snapshot) {
        for candidate in &mut snapshot.candidates {
            if self.has(Bug::ForgetOpenEntries) {
                candidate.memory.open_intent = None;
            }
            let lookups = &mut candidate.lookups;
            let looks = [&mut lookups.short_id, &mut lookups.permalink, &mut lookups.title, &mut lookups.own];
            for look in looks {
                self.distort_look(look);
            }
            if self.has(Bug::BlindIsAbsent) && lookups.external_link.answer.cause().is_some() {
                lookups.external_link.answer = Looked::Saw(Vec::new());
            }
        }
    }

    fn distort_look(&self, look: &mut Look<TrackedItem>) {
        match &mut look.answer {
            Looked::Saw(items) if self.has(Bug::TrashedIsAbsent) => {
                items.retain(|item| item.presence != Presence::Trashed);
            }
            answer @ Looked::CouldNotLook(_) if self.has(Bug::BlindIsAbsent) => {
                *answer = Looked::Saw(Vec::new());
            }
            _ => {}
        }
    }
}

/// What a bug makes of an answer.
pub(super) fn as_heard(bug: Option<Bug>, event: Event, run: &Run) -> Event {
    match (bug, event) {
        (Some(Bug::UnknownIsRefused), Event::CreateReplied { key, reply: CreateReply::Unknown(why) }) => {
            Event::CreateReplied { key, reply: CreateReply::Refused(why) }
        }
        (Some(Bug::UnknownIsCreated), Event::CreateReplied { key, reply: CreateReply::Unknown(_) })
        | (Some(Bug::ConflictIsCreated), Event::CreateReplied { key, reply: CreateReply::Conflict }) => {
            let item = made_up(&key);
            Event::CreateReplied { key, reply: CreateReply::Created(item) }
        }
        (
            Some(Bug::IgnoreRateLimit),
            Event::CreateReplied { key, reply: CreateReply::RateLimited { .. } },
        ) => Event::CreateReplied { key, reply: CreateReply::Unknown("HTTP 400".to_owned()) },
        (Some(Bug::IgnoreRateLimit), Event::Wrote { key, step, reply: WriteReply::RateLimited { .. } }) => {
            Event::Wrote { key, step, reply: WriteReply::Unknown("HTTP 400".to_owned()) }
        }
        (Some(Bug::AdoptWithoutMarker), Event::Read { key, answer: Looked::Saw(Some(mut item)) }) => {
            item.marker = run.plan.entries.iter().find_map(|entry| marker_for(entry, &key));
            Event::Read { key, answer: Looked::Saw(Some(item)) }
        }
        // An id of the bug's own is what it expects to hear of.
        (_, Event::CreateReplied { key, reply: CreateReply::Created(item) })
            if run.aliases.values().any(|id| *id == item.id) =>
        {
            let item = ItemRef { id: key.item_id(), ..item };
            Event::CreateReplied { key, reply: CreateReply::Created(item) }
        }
        (_, event) => event,
    }
}

fn marker_for(entry: &Entry, key: &TrackKey) -> Option<Marker> {
    match &entry.decision {
        Decision::Create { order } if order.key == *key => Marker::find(&order.body),
        _ => None,
    }
}

fn made_up(key: &TrackKey) -> ItemRef {
    let url = Untrusted::new("https://tracker.test/issue/PLAT-0".to_owned());
    ItemRef { id: key.item_id(), key: ItemKey::new("PLAT-0"), url }
}

pub(super) fn other_id(salt: &str, key: &TrackKey) -> ItemId {
    let digest = orderly_core::digest::of_bytes(format!("{salt}{key:?}").as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest.as_str().as_bytes()[..16]);
    ItemId(uuid::Uuid::from_bytes(bytes))
}

/// The effect with item ids as a bug spells them.
pub(super) fn alias(aliases: &BTreeMap<ItemId, ItemId>, mut effect: Effect) -> Effect {
    if aliases.is_empty() {
        return effect;
    }
    let other = |id: &mut ItemId| {
        if let Some(alias) = aliases.get(id) {
            *id = *alias;
        }
    };
    match &mut effect {
        Effect::Create { order, .. } => other(&mut order.item),
        Effect::Attach { order, .. } => other(&mut order.item),
        Effect::Comment { order, .. } => other(&mut order.item),
        Effect::Move { item, .. } | Effect::Relate { item, .. } => other(item),
        _ => {}
    }
    effect
}
