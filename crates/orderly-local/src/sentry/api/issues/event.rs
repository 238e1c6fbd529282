//! An event as JSON: short as lists show it, and whole.

use serde_json::{Map, Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::release_shape::render_brief;
use crate::sentry::store::events_read::{self, Event, UserReport};
use crate::sentry::store::issues_read;

use super::entries::entries;
use super::render::object;

/// An event as lists show it.
pub(super) fn summary(event: &Event) -> Map<String, Value> {
    object(json!({
        "id": event.id,
        "eventID": event.id,
        "event.type": event.kind,
        "groupID": event.issue.to_string(),
        "projectID": event.project.to_string(),
        "message": event.message,
        "title": event.title,
        "location": event.location,
        "culprit": event.culprit,
        "user": user(event),
        "tags": event.tags.iter().map(tag).collect::<Vec<_>>(),
        "platform": event.platform,
        "dateCreated": event.occurred_at,
        "crashFile": null,
        "metadata": event.metadata,
    }))
}

/// An event with its entries.
pub(super) async fn render(state: &AppState, event: &Event) -> ApiResult<Value> {
    let pool = state.pool();
    let (previous, next) = events_read::neighbours(pool, event).await?;
    let report = events_read::user_report_of(pool, event.project, &event.id).await?;
    let mut shown = whole(event);
    let release = match event.release {
        Some(id) => issues_read::releases(pool, &[id]).await?.get(&id).map(render_brief),
        None => None,
    };
    shown.extend(object(json!({
        "release": release,
        "userReport": report.as_ref().map(render_report),
        "nextEventID": next,
        "previousEventID": previous,
    })));
    Ok(shown.into())
}

/// Everything that the event alone says.
pub(super) fn whole(event: &Event) -> Map<String, Value> {
    let part = |key: &str| event.payload.get(key).cloned();
    let list = |key: &str| part(key).filter(Value::is_array).unwrap_or_else(|| json!([]));
    let fields = |key: &str| part(key).filter(Value::is_object).unwrap_or_else(|| json!({}));
    let sdk = event.payload.get("sdk");
    let mut shown = summary(event);
    shown.extend(object(json!({
        "type": event.kind,
        "dateReceived": event.received_at,
        "size": event.size,
        "dist": part("dist"),
        "entries": entries(&event.payload),
        "contexts": contexts(event),
        "context": fields("extra"),
        "packages": fields("modules"),
        "sdk": sdk.map(|sdk| json!({"name": sdk.get("name"), "version": sdk.get("version")})),
        "errors": list("errors"),
        "occurrence": null,
        "_meta": {},
        "fingerprints": event.hashes,
        "groupingConfig": {"id": "orderly-local:1", "enhancements": ""},
        "sdkUpdates": [],
        "resolvedWith": [],
    })));
    shown
}

/// Each context says what it is.
fn contexts(event: &Event) -> Map<String, Value> {
    let contexts = event.payload.get("contexts").and_then(Value::as_object).cloned().unwrap_or_default();
    let typed = contexts.into_iter().filter_map(|(name, value)| match value {
        Value::Object(mut fields) => {
            fields.entry("type").or_insert_with(|| Value::String(name.clone()));
            Some((name, fields.into()))
        }
        _ => None,
    });
    typed.collect()
}

fn user(event: &Event) -> Value {
    let Some(Value::Object(user)) = event.payload.get("user") else { return Value::Null };
    const NAMED: [&str; 6] = ["id", "email", "username", "ip_address", "name", "geo"];
    let mut shown: Map<String, Value> =
        NAMED.iter().map(|key| ((*key).to_owned(), user.get(*key).cloned().unwrap_or_default())).collect();
    let rest: Map<String, Value> = user
        .iter()
        .filter(|(key, _)| !NAMED.contains(&key.as_str()) && *key != "data")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let data = user.get("data").cloned().or_else(|| (!rest.is_empty()).then(|| rest.into()));
    shown.insert("data".to_owned(), data.unwrap_or_default());
    shown.into()
}

fn tag((key, value): &(String, String)) -> Value {
    if key == "user" {
        // People look for the user by this.
        json!({"key": key, "value": value, "query": format!("user:\"{}\"", value.replace('"', "\\\""))})
    } else {
        json!({"key": key, "value": value})
    }
}

/// What a user wrote about an event.
pub(super) fn render_report(report: &UserReport) -> Value {
    json!({
        "id": report.id.to_string(),
        "eventID": report.event_id,
        "name": report.name,
        "email": report.email,
        "comments": report.comments,
        "dateCreated": report.created_at,
        "user": null,
        "event": {"id": report.event_id, "eventID": report.event_id},
    })
}
