//! Stored events.

use std::collections::HashSet;
use std::sync::LazyLock;

use orderly_wire::sentry::event_id::EventId;
use sqlx::SqliteConnection;

use super::rows::{Bound, ManyRows};
use crate::sentry::ingest::event::PreparedEvent;

/// Where an event belongs.
#[derive(Debug, Clone, Copy)]
pub struct Filing {
    /// Row id of its project.
    pub project: i64,
    /// Row id of its issue.
    pub issue: i64,
    /// Row id of its environment.
    pub environment: i64,
    /// Row id of its release.
    pub release: Option<i64>,
}

/// Events by row id of their project and their own id.
type Events = HashSet<(i64, EventId)>;

/// Which of these events, by project and id, are stored already.
///
/// # Errors
/// When the database refuses.
pub async fn stored(
    connection: &mut SqliteConnection,
    events: &[(i64, EventId)],
) -> Result<Events, sqlx::Error> {
    let ids: Vec<EventId> = events.iter().map(|(_, id)| *id).collect();
    let statement = "SELECT event.project_id, event.event_id FROM json_each($1) AS sent
         JOIN event ON event.event_id = sent.value";
    found(connection, statement, as_json(&ids)).await
}

/// Which of these events have files.
async fn with_files(
    connection: &mut SqliteConnection,
    events: &[(&PreparedEvent, Filing)],
) -> Result<Events, sqlx::Error> {
    let sent: Vec<(i64, EventId)> = events.iter().map(|(event, filing)| (filing.project, event.id)).collect();
    let statement = "SELECT attachment.project_id, attachment.event_id FROM json_each($1) AS sent
         JOIN attachment ON attachment.project_id = sent.value ->> 0 AND attachment.event_id = sent.value ->> 1";
    found(connection, statement, as_json(&sent)).await
}

/// The events that a statement finds among those that were sent.
async fn found(
    connection: &mut SqliteConnection,
    statement: &'static str,
    sent: String,
) -> Result<Events, sqlx::Error> {
    let rows: Vec<(i64, String)> = sqlx::query_as(statement).bind(sent).fetch_all(connection).await?;
    Ok(rows.into_iter().filter_map(|(project, id)| Some((project, id.parse().ok()?))).collect())
}

static INSERTION: LazyLock<ManyRows> = LazyLock::new(|| {
    let before = "INSERT INTO event (event_id, project_id, issue_id, kind, occurred_at, received_at, title, message,
        culprit, location, level, platform, environment_id, release_id, transaction_name, user_key, handled, trace_id,
        metadata_json, tags_json, hashes_json, size, payload, has_attachment)";
    ManyRows::new(before, &format!("(?{})", ", ?".repeat(23)), "")
});

/// Stores events whose ids their projects do not have yet.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    connection: &mut SqliteConnection,
    events: &[(&PreparedEvent, Filing)],
) -> Result<(), sqlx::Error> {
    let attached = with_files(connection, events).await?;
    INSERTION.run(connection, events, |query, (event, filing)| bind(query, event, filing, &attached)).await?;
    insert_flags(connection, events).await
}

fn bind<'q>(query: Bound<'q>, event: &'q PreparedEvent, filing: &Filing, attached: &Events) -> Bound<'q> {
    let hashes: Vec<&str> = event.hashes.all().collect();
    query
        .bind(event.id.to_string())
        .bind(filing.project)
        .bind(filing.issue)
        .bind(event.headline.kind)
        .bind(event.occurred.as_microsecond())
        .bind(event.received.as_microsecond())
        .bind(&event.headline.title)
        .bind(&event.message)
        .bind(&event.culprit)
        .bind(event.headline.location())
        .bind(event.level)
        .bind(&event.platform)
        .bind(filing.environment)
        .bind(filing.release)
        .bind(event.transaction.as_deref())
        .bind(event.user_key.as_deref())
        .bind(event.handled)
        .bind(event.trace_id.as_deref())
        .bind(as_json(&event.headline.metadata))
        .bind(as_json(&event.tags))
        .bind(as_json(&hashes))
        .bind(i64::try_from(event.size).unwrap_or(i64::MAX))
        .bind(event.payload.as_slice())
        .bind(attached.contains(&(filing.project, event.id)))
}

async fn insert_flags(
    connection: &mut SqliteConnection,
    events: &[(&PreparedEvent, Filing)],
) -> Result<(), sqlx::Error> {
    let flags: Vec<(i64, String, &String, &String)> = events
        .iter()
        .flat_map(|(event, filing)| {
            event.flags.iter().map(|(flag, result)| (filing.project, event.id.to_string(), flag, result))
        })
        .collect();
    if flags.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO event_flag (event_row, flag, result)
         SELECT event.id, value ->> 2, value ->> 3 FROM json_each($1)
         JOIN event ON event.event_id = value ->> 1 AND event.project_id = value ->> 0",
    )
    .bind(as_json(&flags))
    .execute(connection)
    .await?;
    Ok(())
}

/// JSON text of a value made of texts, lists and maps.
pub(crate) fn as_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, lists and maps with text keys can be written as JSON")
}
