//! Traces that a person can read: one short line an event.

use orderly_core::answer::Looked;
use orderly_core::ids::TrackKey;
use orderly_core::sync::machine::{CreateReply, Effect, Event, JournalEntry, Outcome, Work};
use std::fmt::Write as _;

fn name(key: &TrackKey) -> String {
    format!("{}/{}", key.issue, key.generation)
}

fn entry(entry: &JournalEntry) -> String {
    let work = match &entry.work {
        Work::Create { .. } => "create".to_owned(),
        Work::Link { item, .. } => format!("link {}", item.key),
        Work::Update { item, .. } => format!("update {}", item.key),
    };
    format!(
        "{} {work}: {:?}, attempts {}, {:?}",
        name(&entry.key),
        entry.stage,
        entry.attempts,
        entry.link_back
    )
}

/// What was asked for.
pub(super) fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Store { entry: kept } => format!("store {}", entry(kept)),
        Effect::Read { key, item } => format!("read {} ({item})", name(key)),
        Effect::Create { order, .. } => format!("create {} ({})", name(&order.key), order.item),
        Effect::Attach { key, order } => format!("attach {} to {}", name(key), order.item),
        Effect::Comment { key, order } => format!("comment {} on {}", name(key), order.item),
        Effect::Move { key, item, .. } => format!("move {} ({item})", name(key)),
        Effect::Relate { key, item, predecessor } => {
            format!("relate {} ({item} to {predecessor})", name(key))
        }
        Effect::LinkBack { key, order } => format!("link back {} to {}", name(key), order.identifier),
        Effect::Wait { key, length } => format!("wait {} {}s", name(key), length.0),
        Effect::RenewLease => "renew".to_owned(),
        Effect::Finish(outcome) => finish(outcome),
    }
}

fn finish(outcome: &Outcome) -> String {
    let mut line = format!("finish after {} attempts, stop {:?}", outcome.attempts, outcome.stop);
    for ended in &outcome.ended {
        let _ = write!(line, "\n      {} -> {:?}, left {:?}", entry(&ended.entry), ended.did, ended.left);
    }
    line
}

/// What was answered.
pub(super) fn event(event: &Event) -> String {
    match event {
        Event::Stored { key, answer } => format!("stored {}: {answer:?}", name(key)),
        Event::Read { key, answer } => {
            let seen = match answer {
                Looked::Saw(Some(item)) => format!(
                    "{} {:?} {:?} marker {}",
                    item.key,
                    item.state,
                    item.presence,
                    item.marker.is_some()
                ),
                Looked::Saw(None) => "absent".to_owned(),
                Looked::CouldNotLook(cause) => format!("{cause:?}"),
            };
            format!("read {}: {seen}", name(key))
        }
        Event::CreateReplied { key, reply } => {
            let reply = match reply {
                CreateReply::Created(item) => format!("created {}", item.key),
                CreateReply::OtherId(item) => format!("other id {}", item.key),
                other => format!("{other:?}"),
            };
            format!("create {}: {reply}", name(key))
        }
        Event::Wrote { key, step, reply } => format!("{step:?} {}: {reply:?}", name(key)),
        Event::LinkedBack { key, answer } => format!("link back {}: {answer:?}", name(key)),
        Event::Waited { key } => format!("waited {}", name(key)),
        Event::LeaseRenewed { answer } => format!("renewed: {answer:?}"),
        Event::Interrupted => "interrupted".to_owned(),
    }
}
