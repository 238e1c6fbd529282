//! An entry of a log without what may not leave, whatever it says: every text is scrubbed, every person has a name of the
//! recording, and what is no text (a time, an id, a number, a word of an enum) stays as it is.

use super::files::settle;
use super::people::Cast;
use super::recording::NotRecorded;
use crate::incident::entry::Entry;
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::untrusted::Untrusted;
use serde_json::Value;

/// What stands where nothing is left of a text.
const NOTHING: &str = "[nothing to show]";

/// Whom an entry names.
pub(super) fn people(entry: &Entry) -> Vec<Assignee> {
    let mut people = Vec::new();
    let mut meet = |who: &Assignee| {
        people.push(who.clone());
        who.clone()
    };
    if let Ok(mut value) = serde_json::to_value(entry) {
        walk(&mut value, &mut String::new(), &mut meet, &mut Vec::new());
    }
    people
}

/// The entry as it is recorded.
pub(super) fn scrubbed(entry: &Entry, cast: &Cast, scrubber: &Scrubber) -> Result<Entry, NotRecorded> {
    let json = |error: serde_json::Error| NotRecorded::Json { what: "an entry", why: error.to_string() };
    let mut value = serde_json::to_value(entry).map(settle).map_err(json)?;
    let mut texts = Vec::new();
    walk(&mut value, &mut String::new(), &mut |who| cast.called(who), &mut texts);
    for (pointer, raw) in texts {
        let mut clean = scrubber.scrub(&Untrusted::new(raw.clone())).as_str().to_owned();
        if clean == raw {
            continue;
        }
        if clean.trim().is_empty() {
            NOTHING.clone_into(&mut clean);
        }
        let Some(place) = value.pointer_mut(&pointer) else { continue };
        *place = Value::String(clean);
        // What is no entry any more was an id or the like, which no event can have set.
        if serde_json::from_value::<Entry>(value.clone()).is_err()
            && let Some(place) = value.pointer_mut(&pointer)
        {
            *place = Value::String(raw);
        }
    }
    serde_json::from_value(value).map_err(json)
}

/// Renames people, and finds texts with their places.
fn walk(
    value: &mut Value,
    at: &mut String,
    called: &mut dyn FnMut(&Assignee) -> Assignee,
    texts: &mut Vec<(String, String)>,
) {
    if let Some(who) = person(value) {
        if let Ok(renamed) = serde_json::to_value(called(&who)) {
            *value = renamed;
        }
        return;
    }
    let length = at.len();
    match value {
        Value::String(text) => texts.push((at.clone(), text.clone())),
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                at.push_str(&format!("/{place}"));
                walk(item, at, called, texts);
                at.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                at.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
                walk(field, at, called, texts);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The member or team that a value is, and nothing else.
fn person(value: &Value) -> Option<Assignee> {
    let fields = value.as_object()?;
    let only = |names: &[&str]| fields.keys().all(|name| names.contains(&name.as_str()));
    let is_one = match fields.get("kind")?.as_str()? {
        "user" => only(&["kind", "name", "email"]),
        "team" => only(&["kind", "slug"]),
        _ => false,
    };
    is_one.then(|| serde_json::from_value(value.clone()).ok()).flatten()
}
