//! What an envelope carries, sorted by what is done with it. Pure.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::Timestamp;
use orderly_wire::sentry::envelope::{Envelope, Item, ItemKind, Keep};
use orderly_wire::sentry::event_id::EventId;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::sentry::monitors::check_in::CheckIn;
use crate::sentry::tree::{Object, Tree};

/// The largest event, log batch or other item without a limit of its own.
pub(super) const LARGEST_EVENT: usize = 1 << 20;
const LARGEST_CLIENT_REPORT: usize = 4 << 10;
const LARGEST_CHECK_IN: usize = 100 << 10;
/// The largest item of the kinds that are skipped when they are malformed.
const LARGEST_LENIENT: usize = 256 << 10;
const MOST_SESSIONS: usize = 100;

/// The parts of an envelope.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cargo<'j> {
    /// The event and the size it was sent with.
    pub event: Option<(Object<'j>, usize)>,
    /// The transaction.
    pub transaction: Option<Object<'j>>,
    /// Files that belong to the event.
    pub attachments: Vec<Attachment>,
    /// What users wrote.
    pub reports: Vec<UserReport>,
    /// Session counts.
    pub sessions: Vec<Sessions>,
    /// What scheduled jobs said of their runs.
    pub check_ins: Vec<CheckIn>,
    /// What is only counted: category and how many.
    pub counted: Vec<(&'static str, u64)>,
    /// What the SDK dropped: category, reason and how many.
    pub discarded: Vec<(String, String, u64)>,
}

/// A file: its content is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub name: String,
    pub content_type: Option<String>,
    pub size: usize,
}

/// A user's words about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserReport {
    pub event: EventId,
    pub name: String,
    pub email: String,
    pub comments: String,
}

/// Sessions of one release and environment that started in one hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sessions {
    pub release: String,
    pub environment: String,
    /// Whose sessions they are, if it is said.
    pub user: Option<String>,
    pub started_at: Timestamp,
    pub started: u64,
    pub errored: u64,
    pub crashed: u64,
    pub abnormal: u64,
}

/// What is kept of an envelope while it arrives, and how large it may be.
pub(super) fn keep(kind: &ItemKind) -> Keep {
    match kind {
        ItemKind::Event | ItemKind::Transaction | ItemKind::Feedback => Keep::UpTo(LARGEST_EVENT),
        ItemKind::ClientReport => Keep::UpTo(LARGEST_CLIENT_REPORT),
        ItemKind::CheckIn => Keep::UpTo(LARGEST_CHECK_IN),
        ItemKind::Session | ItemKind::Sessions | ItemKind::UserReport => Keep::OrCount(LARGEST_LENIENT),
        ItemKind::Log | ItemKind::Attachment | ItemKind::Other(_) => Keep::Count,
    }
}

/// Sorts the items of an envelope. Items of unknown types are skipped, malformed ones of the lesser kinds too.
pub(super) fn sort<'j>(envelope: &'j Envelope<'_>, received: Timestamp) -> Result<Cargo<'j>, Refusal> {
    let mut cargo = Cargo::default();
    let mut leading = 0;
    for item in &envelope.items {
        let payload = &*item.payload;
        match item.headers.kind {
            ItemKind::Event | ItemKind::Transaction => {
                leading += 1;
                if leading > 1 {
                    return Err(Refusal::TwoEvents);
                }
                if item.headers.kind == ItemKind::Event {
                    cargo.event = Some((object(payload, "the event")?, payload.len()));
                } else {
                    cargo.transaction = Some(object(payload, "the transaction")?);
                }
            }
            ItemKind::Attachment => cargo.attachments.push(attachment(item)),
            ItemKind::Session => {
                cargo.sessions.extend(lenient(payload).and_then(|map| session(&map, received)));
            }
            ItemKind::Sessions => {
                let all = lenient(payload).map(|map| aggregates(&map, received)).unwrap_or_default();
                cargo.sessions.extend(all);
            }
            ItemKind::UserReport => cargo.reports.extend(lenient(payload).and_then(|map| user_report(&map))),
            ItemKind::Feedback => {
                cargo
                    .reports
                    .extend(lenient(payload).and_then(|map| feedback(&map, envelope.headers.event_id)));
                cargo.counted.push(("feedback", 1));
            }
            ItemKind::ClientReport => {
                cargo.discarded.extend(lenient(payload).map(|map| discarded(&map)).unwrap_or_default());
            }
            ItemKind::CheckIn => {
                let said = serde_json::from_slice::<Map<String, Value>>(payload).ok();
                cargo.check_ins.extend(said.and_then(|said| CheckIn::of_item(&said)));
                cargo.counted.push(("monitor", 1));
            }
            ItemKind::Log => {
                at_most(item, LARGEST_EVENT, "the log batch")?;
                let items = item.headers.other.get("item_count").and_then(Value::as_u64).unwrap_or(1);
                cargo.counted.push(("log_item", items.min(10_000)));
            }
            ItemKind::Other(_) => {}
        }
    }
    cargo.sessions.truncate(MOST_SESSIONS);
    Ok(cargo)
}

/// A JSON object; deeper than 128 levels is refused.
pub(super) fn object<'j>(payload: &'j [u8], what: &'static str) -> Result<Object<'j>, Refusal> {
    // All of it at once: to look at each text on its own takes longer.
    let read = match std::str::from_utf8(payload) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(payload),
    };
    read.map_err(|error| Refusal::BadJson { what, reason: error.to_string() })
}

/// A JSON object of an item that is skipped when it is malformed; one that was too large was not even kept.
fn lenient(payload: &[u8]) -> Option<Object<'_>> {
    serde_json::from_slice(payload).ok()
}

/// A non-empty text; numbers and flags are spelled.
fn text(value: Option<&Tree<'_>>) -> Option<String> {
    value?.spelled().map(Cow::into_owned)
}

fn at_most(item: &Item<'_>, limit: usize, what: &'static str) -> Result<(), Refusal> {
    if item.size > limit { Err(Refusal::TooLarge { what, limit }) } else { Ok(()) }
}

/// For an object: its first members, and what grouping reads of it when it is a frame.
const OBJECT: usize = 384;
/// For any other value.
const VALUE: usize = 128;

/// About how much memory JSON takes as a tree and what is read of it, at most: small objects and lists take fifty times
/// their bytes.
pub(super) fn size_as_tree(json: &[u8]) -> usize {
    json.len()
        + OBJECT * count(json, |byte| byte == b'{')
        + VALUE * count(json, |byte| matches!(byte, b',' | b'['))
}

/// How many bytes are wanted. A part has as many as one byte can count, so that many are looked at in one step.
fn count(json: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    let in_part = |part: &[u8]| part.iter().map(|byte| u8::from(wanted(*byte))).sum::<u8>();
    json.chunks(255).map(|part| usize::from(in_part(part))).sum()
}

fn attachment(item: &Item<'_>) -> Attachment {
    let name = item.headers.filename.clone().unwrap_or_else(|| "unnamed".to_owned());
    Attachment {
        name: name.chars().filter(|c| !c.is_control()).take(255).collect(),
        content_type: item.headers.content_type.clone(),
        size: item.size,
    }
}

/// One update of one session. It is counted when it begins, and again by how it ended badly.
fn session(map: &Object<'_>, received: Timestamp) -> Option<Sessions> {
    let mut counts = of_release(map, started(map, received))?;
    let errors = map.get("errors").and_then(Tree::as_u64).unwrap_or(0);
    counts.started = u64::from(map.get("init").and_then(Tree::as_bool) == Some(true));
    match map.get("status").and_then(Tree::as_str) {
        Some("crashed") => counts.crashed = 1,
        Some("abnormal") => counts.abnormal = 1,
        Some("exited" | "errored") if errors > 0 => counts.errored = 1,
        _ => {}
    }
    Some(counts)
}

fn aggregates(map: &Object<'_>, received: Timestamp) -> Vec<Sessions> {
    let buckets = map.get("aggregates").map_or(&[][..], Tree::elements);
    let read = |bucket: &Tree<'_>| {
        let bucket = bucket.as_object()?;
        let number = |key: &str| bucket.get(key).and_then(Tree::as_u64).unwrap_or(0).min(u64::from(u32::MAX));
        let (errored, crashed, abnormal) = (number("errored"), number("crashed"), number("abnormal"));
        let started_all = number("exited") + errored + crashed + abnormal;
        let counts = of_release(map, started(bucket, received))?;
        let user = text(bucket.get("did")).filter(|user| user.len() <= 200);
        Some(Sessions { started: started_all, errored, crashed, abnormal, user, ..counts })
    };
    buckets.iter().take(MOST_SESSIONS).filter_map(read).collect()
}

fn of_release(map: &Object<'_>, started_at: Timestamp) -> Option<Sessions> {
    let attribute = |key: &str| text(map.get("attrs").and_then(|attrs| attrs.get(key)));
    Some(Sessions {
        release: attribute("release").filter(|release| release.len() <= 250)?,
        environment: attribute("environment").filter(|name| name.len() <= 64).unwrap_or_default(),
        user: text(map.get("did")).filter(|user| user.len() <= 200),
        started_at,
        started: 0,
        errored: 0,
        crashed: 0,
        abnormal: 0,
    })
}

fn started(map: &Object<'_>, received: Timestamp) -> Timestamp {
    map.get("started")
        .and_then(Tree::as_str)
        .and_then(|text| Timestamp::from_str(text).ok())
        .unwrap_or(received)
}

fn user_report(map: &Object<'_>) -> Option<UserReport> {
    let text = |key: &str| text(map.get(key)).unwrap_or_default();
    Some(UserReport {
        event: text("event_id").parse().ok()?,
        name: text("name"),
        email: text("email"),
        comments: text("comments"),
    })
}

/// Newer SDKs send feedback as an event of its own that may name the event it is about.
fn feedback(map: &Object<'_>, own: Option<EventId>) -> Option<UserReport> {
    let context = map.get("contexts")?.get("feedback")?;
    let text = |key: &str| text(context.get(key)).unwrap_or_default();
    Some(UserReport {
        event: text("associated_event_id").parse().ok().or(own)?,
        name: text("name"),
        email: text("contact_email"),
        comments: text("message"),
    })
}

fn discarded(map: &Object<'_>) -> Vec<(String, String, u64)> {
    let events = map.get("discarded_events").map_or(&[][..], Tree::elements);
    let read = |event: &Tree<'_>| {
        let quantity = event.get("quantity").and_then(Tree::as_u64)?.min(u64::from(u32::MAX));
        Some((text(event.get("category"))?, text(event.get("reason"))?, quantity))
    };
    events.iter().take(100).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentry::grouping::frames::Contributions;
    use crate::sentry::grouping::payload::Frame;

    #[test]
    fn the_smallest_frame_takes_no_more_than_it_is_counted_for() {
        const FIRST_MEMBERS: usize = 4;
        let object = FIRST_MEMBERS * size_of::<(Cow<'_, str>, Tree<'_>)>() + size_of::<Tree<'_>>();
        let of_grouping = size_of::<Frame<'_>>() + Contributions::PER_FRAME + size_of::<&Frame<'_>>();
        let counted = size_as_tree(br#"{"a":1},"#);
        assert!(object + of_grouping <= counted, "{object} + {of_grouping} of {counted}");
    }
}
