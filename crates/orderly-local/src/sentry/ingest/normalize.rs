//! The canonical form of an event: one shape for what SDKs of different ages write differently.
//!
//! - `event_id` 32 hex digits, `timestamp` and `received` RFC 3339, `platform` and `level` known words
//! - `exception`, `threads`, `breadcrumbs` as `{"values": [..]}`; `logentry` for every message
//! - `tags` as `[["key","value"],..]`, `environment` a text, `fingerprint` a list of texts

use jiff::{SignedDuration, Timestamp};
use orderly_wire::sentry::event_id::EventId;
use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::sentry::model::Level;
use crate::sentry::store::events::as_json;
use crate::sentry::tree::{Object, Tree};

/// Older events are filed under the time they arrived.
const OLDEST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A sender's clock may be this much ahead.
const FUTURE: SignedDuration = SignedDuration::from_secs(60);

/// What the envelope and the connection say about an event.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// The envelope's event id, which wins over the payload's.
    pub envelope_id: Option<EventId>,
    /// When it arrived.
    pub received: Timestamp,
}

/// A canonical event and the two facts everything is filed under.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalized<'j> {
    /// Its id.
    pub id: EventId,
    /// When it happened, by its own account if that is believable.
    pub occurred: Timestamp,
    /// The event.
    pub event: Object<'j>,
}

/// Brings an event into canonical form. Parts of a wrong shape are dropped, never refused.
pub fn normalize(mut event: Object<'_>, arrival: Arrival) -> Normalized<'_> {
    let own_id = event.get("event_id").and_then(Tree::as_str).and_then(|id| id.parse().ok());
    let id = arrival.envelope_id.or(own_id).unwrap_or_else(EventId::random);
    let occurred = believable(event.get("timestamp").and_then(read_time), arrival.received);

    event.retain(|_, value| !value.is_null());
    event.insert("event_id", id.to_string());
    event.insert("timestamp", occurred.to_string());
    event.insert("received", arrival.received.to_string());
    event.insert("level", level_of(event.get("level")).as_str());
    change(&mut event, "platform", Tree::into_spelled);
    if !event.contains_key("platform") {
        event.insert("platform", "other");
    }
    for key in ["exception", "threads", "breadcrumbs"] {
        change(&mut event, key, values_list);
    }
    fold_message(&mut event);
    change(&mut event, "tags", tag_pairs);
    for key in ["environment", "release", "dist", "transaction", "logger", "server_name"] {
        change(&mut event, key, Tree::into_spelled);
    }
    change(&mut event, "fingerprint", fingerprint_texts);
    for key in ["user", "request", "contexts", "extra", "modules", "sdk"] {
        change(&mut event, key, |value| value.is_object().then_some(value));
    }
    fill_own_address(&mut event);
    Normalized { id, occurred, event }
}

/// Replaces the value of a key by what becomes of it, or takes it out when that is nothing.
fn change<'j, T: Into<Tree<'j>>>(
    event: &mut Object<'j>,
    key: &'static str,
    become_of: impl FnOnce(Tree<'j>) -> Option<T>,
) {
    let Some(place) = event.get_mut(key) else { return };
    match become_of(std::mem::replace(place, Tree::Null)) {
        Some(changed) => event.insert(key, changed),
        None => drop(event.remove(key)),
    }
}

/// Seconds since 1970 or RFC 3339 (a missing zone means UTC).
pub(super) fn read_time(value: &Tree<'_>) -> Option<Timestamp> {
    match value {
        Tree::Number(number) => from_seconds(number.as_f64()?),
        Tree::Text(text) => {
            let text = text.trim();
            text.parse()
                .or_else(|_| format!("{text}Z").parse())
                .ok()
                .or_else(|| from_seconds(text.parse().ok().filter(|seconds: &f64| seconds.is_finite())?))
        }
        _ => None,
    }
}

fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let micros = seconds * 1_000_000.0;
    #[expect(clippy::cast_possible_truncation, reason = "out-of-range values are refused by the conversion")]
    let micros = micros.round() as i64;
    Timestamp::from_microsecond(micros).ok()
}

fn believable(claimed: Option<Timestamp>, received: Timestamp) -> Timestamp {
    let Some(claimed) = claimed else { return received };
    let age = received.duration_since(claimed);
    if age > OLDEST || age < -FUTURE { received } else { claimed }
}

fn level_of(value: Option<&Tree<'_>>) -> Level {
    match value {
        Some(Tree::Text(text)) => match text.to_ascii_lowercase().as_str() {
            "warn" => Level::Warning,
            "critical" => Level::Fatal,
            "log" => Level::Info,
            known => known.parse().unwrap_or(Level::Error),
        },
        // Numbers of Python's logging module.
        Some(Tree::Number(number)) => match number.as_i64() {
            Some(50) => Level::Fatal,
            Some(30) => Level::Warning,
            Some(20) => Level::Info,
            Some(10) => Level::Debug,
            _ => Level::Error,
        },
        _ => Level::Error,
    }
}

/// `{"values": [..]}` from itself, a bare list, or a single object.
fn values_list(value: Tree<'_>) -> Option<Object<'_>> {
    let values = match value.opened() {
        Tree::List(values) => values,
        Tree::Object(mut map) => match map.remove("values").map(Tree::opened) {
            Some(Tree::List(values)) => values,
            Some(_) => return None,
            None => vec![Tree::Object(map)],
        },
        _ => return None,
    };
    let values: Vec<Tree<'_>> = values.into_iter().filter(Tree::is_object).collect();
    (!values.is_empty()).then(|| Object::from_iter([("values", values)]))
}

/// Moves `message` (a text or an object) into `logentry`, and formats what only has a template.
fn fold_message(event: &mut Object<'_>) {
    let entry = event.remove("logentry").or_else(|| event.remove("sentry.interfaces.Message"));
    let message = event.remove("message");
    let mut entry = match (entry, message) {
        (Some(Tree::Object(entry)), _) | (_, Some(Tree::Object(entry))) => entry,
        (_, Some(Tree::Text(text))) if !text.is_empty() => Object::from_iter([("formatted", text)]),
        _ => return,
    };
    for key in ["message", "formatted"] {
        change(&mut entry, key, Tree::into_spelled);
    }
    if !entry.contains_key("formatted") {
        let Some(template) = entry.get("message").and_then(Tree::as_str) else { return };
        let formatted = format_template(template, entry.get("params"));
        entry.insert("formatted", formatted);
    }
    event.insert("logentry", entry);
}

/// Fills `%s`, `%d` and `{}` from a list of parameters.
fn format_template(template: &str, params: Option<&Tree<'_>>) -> String {
    let params = params.map_or(&[][..], Tree::elements);
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    for param in params {
        let next = ["%s", "%d", "%r", "{}"].iter().filter_map(|mark| rest.find(mark)).min();
        let Some(at) = next else { break };
        out.push_str(&rest[..at]);
        match param.spelled() {
            Some(text) => out.push_str(&text),
            None => out.push_str(&as_json(param)),
        }
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out
}

fn pair<'j>(key: Cow<'j, str>, value: Cow<'j, str>) -> Tree<'j> {
    Tree::from(vec![Tree::from(key), Tree::from(value)])
}

fn tag_pairs(value: Tree<'_>) -> Option<Vec<Tree<'_>>> {
    Some(match value {
        // By key: an object has no order of its own.
        Tree::Object(map) => {
            let sorted: BTreeMap<Cow<'_, str>, Tree<'_>> = map.into_members().collect();
            sorted.into_iter().filter_map(|(key, value)| Some(pair(key, value.into_spelled()?))).collect()
        }
        Tree::List(list) => list
            .into_iter()
            .filter_map(|sent| {
                let (key, value) = key_and_value(sent)?;
                Some(pair(key.into_spelled()?, value.into_spelled()?))
            })
            .collect(),
        _ => return None,
    })
}

/// The parts of `["key", "value"]` or of `{"key": .., "value": ..}`.
fn key_and_value(pair: Tree<'_>) -> Option<(Tree<'_>, Tree<'_>)> {
    match pair {
        Tree::List(parts) => {
            let mut parts = parts.into_iter();
            Some((parts.next()?, parts.next()?))
        }
        Tree::Object(mut parts) => Some((parts.remove("key")?, parts.remove("value")?)),
        _ => None,
    }
}

fn fingerprint_texts(value: Tree<'_>) -> Option<Vec<Tree<'_>>> {
    Some(match value {
        Tree::List(parts) => parts.into_iter().filter_map(Tree::into_spelled).map(Tree::from).collect(),
        single => vec![Tree::from(single.into_spelled()?)],
    })
}

/// `{{auto}}` asks for the sender's address. Every sender of this server is this machine.
fn fill_own_address(event: &mut Object<'_>) {
    let Some(Tree::Object(user)) = event.get_mut("user") else { return };
    if user.get("ip_address").and_then(Tree::as_str) == Some("{{auto}}") {
        user.insert("ip_address", "127.0.0.1");
    }
}
