//! Reading events: lists, single ones, and their neighbours.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row, SqlitePool};

use super::issues_read::arguments;
use super::payloads;
use crate::sentry::model::{IssueKind, Level, from_micros};
use crate::sentry::search::Fragment;

/// An event as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Row id.
    pub row: i64,
    /// 32 hex digits.
    pub id: String,
    /// Row id of its project.
    pub project: i64,
    /// Slug of its project.
    pub project_slug: String,
    /// Row id of its issue.
    pub issue: i64,
    /// Exceptions or messages.
    pub kind: IssueKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What it is called.
    pub title: String,
    /// Its message.
    pub message: String,
    /// Where it comes from.
    pub culprit: String,
    /// The file it comes from.
    pub location: Option<String>,
    /// How bad it is.
    pub level: Level,
    /// Which SDK platform.
    pub platform: Option<String>,
    /// Row id of its release.
    pub release: Option<i64>,
    /// Type, value, file, function.
    pub metadata: Value,
    /// Key and value, by key.
    pub tags: Vec<(String, String)>,
    /// Grouping hashes.
    pub hashes: Vec<String>,
    /// Bytes as sent.
    pub size: i64,
    /// The event in canonical form.
    pub payload: Map<String, Value>,
}

impl Event {
    fn read(row: &SqliteRow, dictionaries: &HashMap<[u8; 4], Vec<u8>>) -> Result<Event, sqlx::Error> {
        let decode = |error: serde_json::Error| sqlx::Error::Decode(Box::new(error));
        Ok(Event {
            row: row.try_get("id")?,
            id: row.try_get("event_id")?,
            project: row.try_get("project_id")?,
            project_slug: row.try_get("project_slug")?,
            issue: row.try_get("issue_id")?,
            kind: row.try_get("kind")?,
            occurred_at: from_micros(row.try_get("occurred_at")?),
            received_at: from_micros(row.try_get("received_at")?),
            title: row.try_get("title")?,
            message: row.try_get("message")?,
            culprit: row.try_get("culprit")?,
            location: row.try_get("location")?,
            level: row.try_get("level")?,
            platform: row.try_get("platform")?,
            release: row.try_get("release_id")?,
            metadata: serde_json::from_str(row.try_get("metadata_json")?).map_err(decode)?,
            tags: serde_json::from_str(row.try_get("tags_json")?).map_err(decode)?,
            hashes: serde_json::from_str(row.try_get("hashes_json")?).map_err(decode)?,
            size: row.try_get("size")?,
            payload: payload(row.try_get("payload")?, dictionaries)?,
        })
    }
}

fn payload(
    stored: &[u8],
    dictionaries: &HashMap<[u8; 4], Vec<u8>>,
) -> Result<Map<String, Value>, sqlx::Error> {
    let dictionary = stored.first_chunk().and_then(|key| dictionaries.get(key));
    let json = payloads::decode(stored, dictionary.map(Vec::as_slice))
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    serde_json::from_slice(&json).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The events for which `condition` holds, newest first.
///
/// # Errors
/// When the database refuses or a stored event does not read back.
pub async fn list(
    pool: &SqlitePool,
    condition: &Fragment,
    limit: i64,
    offset: i64,
) -> Result<Vec<Event>, sqlx::Error> {
    let newest_first = "event.occurred_at DESC, event.id DESC";
    select(pool, condition, newest_first, limit, offset).await
}

/// Which event of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The last one.
    Newest,
    /// The first one.
    Oldest,
}

/// The first or last event for which `condition` holds.
///
/// # Errors
/// When the database refuses or a stored event does not read back.
pub async fn at_end(pool: &SqlitePool, condition: &Fragment, end: End) -> Result<Option<Event>, sqlx::Error> {
    let order = match end {
        End::Newest => "event.occurred_at DESC, event.id DESC",
        End::Oldest => "event.occurred_at, event.id",
    };
    Ok(select(pool, condition, order, 1, 0).await?.into_iter().next())
}

async fn select(
    pool: &SqlitePool,
    condition: &Fragment,
    order: &'static str,
    limit: i64,
    offset: i64,
) -> Result<Vec<Event>, sqlx::Error> {
    let statement = Fragment::new(
        "SELECT event.*, project.slug AS project_slug FROM event JOIN project ON project.id = event.project_id WHERE ",
    )
    .then(condition.clone())
    .sql(" ORDER BY ")
    .sql(order)
    .sql(" LIMIT ")
    .int(limit)
    .sql(" OFFSET ")
    .int(offset);
    let arguments = arguments(&statement)?;
    let statement = AssertSqlSafe(statement.as_sql().to_owned());
    let rows = sqlx::query_with(statement, arguments).fetch_all(pool).await?;
    let stored: Vec<&[u8]> = rows.iter().map(|row| row.try_get("payload")).collect::<Result<_, _>>()?;
    let dictionaries = payloads::dictionaries_of(pool, stored.into_iter()).await?;
    rows.iter().map(|row| Event::read(row, &dictionaries)).collect()
}

/// The ids of the events before and after one, in its issue.
///
/// # Errors
/// When the database refuses.
pub async fn neighbours(
    pool: &SqlitePool,
    event: &Event,
) -> Result<(Option<String>, Option<String>), sqlx::Error> {
    let at = event.occurred_at.as_microsecond();
    let previous = sqlx::query_scalar(
        "SELECT event_id FROM event WHERE issue_id = $1 AND (occurred_at, id) < ($2, $3)
         ORDER BY occurred_at DESC, id DESC LIMIT 1",
    )
    .bind(event.issue)
    .bind(at)
    .bind(event.row)
    .fetch_optional(pool)
    .await?;
    let next = sqlx::query_scalar(
        "SELECT event_id FROM event WHERE issue_id = $1 AND (occurred_at, id) > ($2, $3)
         ORDER BY occurred_at, id LIMIT 1",
    )
    .bind(event.issue)
    .bind(at)
    .bind(event.row)
    .fetch_optional(pool)
    .await?;
    Ok((previous, next))
}

/// The issue and environment that an event id belongs to, in any project.
///
/// # Errors
/// When the database refuses.
pub async fn issue_of(pool: &SqlitePool, event_id: &str) -> Result<Option<(i64, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT event.issue_id, environment.name FROM event
         JOIN environment ON environment.id = event.environment_id WHERE event.event_id = $1
         ORDER BY event.id LIMIT 1",
    )
    .bind(event_id)
    .fetch_optional(pool)
    .await
}

/// What a user wrote about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserReport {
    /// Row id.
    pub id: i64,
    /// The event it is about.
    pub event_id: String,
    /// The user's name.
    pub name: String,
    /// The user's address.
    pub email: String,
    /// What the user wrote.
    pub comments: String,
    /// When.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for UserReport {
    fn from_row(row: &SqliteRow) -> Result<UserReport, sqlx::Error> {
        Ok(UserReport {
            id: row.try_get("id")?,
            event_id: row.try_get("event_id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            comments: row.try_get("comments")?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// What users wrote about an issue, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn user_reports(
    pool: &SqlitePool,
    issue: i64,
    limit: i64,
    offset: i64,
) -> Result<Vec<UserReport>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, event_id, name, email, comments, created_at FROM user_report WHERE issue_id = $1
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
    )
    .bind(issue)
    .bind(limit)
    .bind(offset)
    .fetch_all(pool)
    .await
}

/// How many users wrote about an issue.
///
/// # Errors
/// When the database refuses.
pub async fn user_report_count(pool: &SqlitePool, issue: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM user_report WHERE issue_id = $1")
        .bind(issue)
        .fetch_one(pool)
        .await
}

/// What a user wrote about one event.
///
/// # Errors
/// When the database refuses.
pub async fn user_report_of(
    pool: &SqlitePool,
    project: i64,
    event_id: &str,
) -> Result<Option<UserReport>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, event_id, name, email, comments, created_at FROM user_report
         WHERE project_id = $1 AND event_id = $2",
    )
    .bind(project)
    .bind(event_id)
    .fetch_optional(pool)
    .await
}
