//! The canonical form of an event: one shape for what SDKs of different ages write differently.
//!
//! - `event_id` 32 hex digits, `timestamp` and `received` RFC 3339, `platform` and `level` known words
//! - `exception`, `threads`, `breadcrumbs` as `{"values": [..]}`; `logentry` for every message
//! - `tags` as `[["key","value"],..]`, `environment` a text, `fingerprint` a list of texts

use jiff::{SignedDuration, Timestamp};
use orderly_wire::sentry::event_id::EventId;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use crate::sentry::model::Level;

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
pub struct Normalized {
    /// Its id.
    pub id: EventId,
    /// When it happened, by its own account if that is believable.
    pub occurred: Timestamp,
    /// The event.
    pub event: Map<String, Value>,
}

/// Brings an event into canonical form. Parts of a wrong shape are dropped, never refused.
pub fn normalize(mut event: Map<String, Value>, arrival: Arrival) -> Normalized {
    let own_id = event.get("event_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let id = arrival.envelope_id.or(own_id).unwrap_or_else(EventId::random);
    let occurred = believable(event.get("timestamp").and_then(read_time), arrival.received);

    event.retain(|_, value| !value.is_null());
    event.insert("event_id".to_owned(), json!(id));
    event.insert("timestamp".to_owned(), json!(occurred.to_string()));
    event.insert("received".to_owned(), json!(arrival.received.to_string()));
    event.insert("level".to_owned(), json!(level_of(event.get("level"))));
    let platform = text_of(event.get("platform")).unwrap_or_else(|| "other".to_owned());
    event.insert("platform".to_owned(), json!(platform));

    for key in ["exception", "threads", "breadcrumbs"] {
        replace(&mut event, key, values_list);
    }
    fold_message(&mut event);
    replace(&mut event, "tags", tag_pairs);
    for key in ["environment", "release", "dist", "transaction", "logger", "server_name"] {
        replace(&mut event, key, |value| text_of(Some(&value)).map(Value::from));
    }
    replace(&mut event, "fingerprint", fingerprint_texts);
    for key in ["user", "request", "contexts", "extra", "modules", "sdk"] {
        replace(&mut event, key, |value| value.is_object().then_some(value));
    }
    fill_own_address(&mut event);
    Normalized { id, occurred, event }
}

fn replace(event: &mut Map<String, Value>, key: &str, change: impl FnOnce(Value) -> Option<Value>) {
    if let Some(changed) = event.remove(key).and_then(change) {
        event.insert(key.to_owned(), changed);
    }
}

/// Seconds since 1970 or RFC 3339 (a missing zone means UTC).
pub(super) fn read_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => {
            let micros = number.as_f64()? * 1_000_000.0;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "out-of-range values are refused by the conversion"
            )]
            let micros = micros.round() as i64;
            Timestamp::from_microsecond(micros).ok()
        }
        Value::String(text) => {
            let text = text.trim();
            text.parse().or_else(|_| format!("{text}Z").parse()).ok().or_else(|| {
                let seconds: f64 = text.parse().ok()?;
                read_time(&json!(seconds))
            })
        }
        _ => None,
    }
}

fn believable(claimed: Option<Timestamp>, received: Timestamp) -> Timestamp {
    let Some(claimed) = claimed else { return received };
    let age = received.duration_since(claimed);
    if age > OLDEST || age < -FUTURE { received } else { claimed }
}

fn level_of(value: Option<&Value>) -> Level {
    match value {
        Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "warn" => Level::Warning,
            "critical" => Level::Fatal,
            "log" => Level::Info,
            known => known.parse().unwrap_or(Level::Error),
        },
        // Numbers of Python's logging module.
        Some(Value::Number(number)) => match number.as_i64() {
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
fn values_list(value: Value) -> Option<Value> {
    let values = match value {
        Value::Array(values) => values,
        Value::Object(mut map) => match map.remove("values") {
            Some(Value::Array(values)) => values,
            Some(_) => return None,
            None => vec![Value::Object(map)],
        },
        _ => return None,
    };
    let values: Vec<Value> = values.into_iter().filter(Value::is_object).collect();
    (!values.is_empty()).then(|| json!({ "values": values }))
}

/// Moves `message` (a text or an object) into `logentry`, and formats what only has a template.
fn fold_message(event: &mut Map<String, Value>) {
    let entry = event.remove("logentry").or_else(|| event.remove("sentry.interfaces.Message"));
    let message = event.remove("message");
    let mut entry = match (entry, message) {
        (Some(Value::Object(entry)), _) | (_, Some(Value::Object(entry))) => entry,
        (_, Some(Value::String(text))) if !text.is_empty() => {
            Map::from_iter([("formatted".to_owned(), Value::String(text))])
        }
        _ => return,
    };
    for key in ["message", "formatted"] {
        if let Some(text) = entry.remove(key).and_then(|value| text_of(Some(&value))) {
            entry.insert(key.to_owned(), Value::String(text));
        }
    }
    if !entry.contains_key("formatted") {
        let Some(template) = entry.get("message").and_then(Value::as_str) else { return };
        let formatted = format_template(template, entry.get("params"));
        entry.insert("formatted".to_owned(), Value::String(formatted));
    }
    event.insert("logentry".to_owned(), Value::Object(entry));
}

/// Fills `%s`, `%d` and `{}` from a list of parameters.
fn format_template(template: &str, params: Option<&Value>) -> String {
    let Some(params) = params.and_then(Value::as_array) else { return template.to_owned() };
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    for param in params {
        let next = ["%s", "%d", "%r", "{}"].iter().filter_map(|mark| rest.find(mark)).min();
        let Some(at) = next else { break };
        out.push_str(&rest[..at]);
        out.push_str(&text_of(Some(param)).unwrap_or_else(|| param.to_string()));
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out
}

fn tag_pairs(value: Value) -> Option<Value> {
    let pairs: Vec<(Option<String>, Option<String>)> = match value {
        // By key: an object has no order of its own.
        Value::Object(map) => {
            let sorted: BTreeMap<String, Value> = map.into_iter().collect();
            sorted.into_iter().map(|(key, value)| (Some(key), text_of(Some(&value)))).collect()
        }
        Value::Array(list) => list
            .iter()
            .map(|pair| {
                (text_of(pair.get(0).or(pair.get("key"))), text_of(pair.get(1).or(pair.get("value"))))
            })
            .collect(),
        _ => return None,
    };
    let pairs: Vec<Value> =
        pairs.into_iter().filter_map(|(key, value)| Some(json!([key?, value?]))).collect();
    Some(Value::Array(pairs))
}

fn fingerprint_texts(value: Value) -> Option<Value> {
    let texts = match &value {
        Value::Array(parts) => parts.iter().filter_map(|part| text_of(Some(part))).collect(),
        single => vec![text_of(Some(single))?],
    };
    Some(json!(texts))
}

/// `{{auto}}` asks for the sender's address. Every sender of this server is this machine.
fn fill_own_address(event: &mut Map<String, Value>) {
    let Some(Value::Object(user)) = event.get_mut("user") else { return };
    if user.get("ip_address").and_then(Value::as_str) == Some("{{auto}}") {
        user.insert("ip_address".to_owned(), json!("127.0.0.1"));
    }
}

/// A non-empty text; numbers and flags are spelled.
pub(super) fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "True" } else { "False" }.to_owned()),
        _ => None,
    }
}
