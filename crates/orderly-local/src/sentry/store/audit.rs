//! Who changed which setting.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use crate::sentry::model::from_micros;

/// A change on its way into the log.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry<'a> {
    /// `project.create` and its like.
    pub event: &'static str,
    /// Row id of the member who did it.
    pub member: Option<i64>,
    /// Id or name of what was changed.
    pub target: Option<&'a str>,
    /// In words.
    pub note: &'a str,
    /// More about it.
    pub data: &'a Value,
}

/// A change in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Row id.
    pub id: i64,
    /// `project.create` and its like.
    pub event: String,
    /// Row id of the member who did it.
    pub member: Option<i64>,
    /// Id or name of what was changed.
    pub target: Option<String>,
    /// In words.
    pub note: String,
    /// More about it.
    pub data: Value,
    /// When.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Entry {
    fn from_row(row: &SqliteRow) -> Result<Entry, sqlx::Error> {
        let data: &str = row.try_get("data_json")?;
        Ok(Entry {
            id: row.try_get("id")?,
            event: row.try_get("event")?,
            member: row.try_get("member_id")?,
            target: row.try_get("target")?,
            note: row.try_get("note")?,
            data: serde_json::from_str(data).map_err(|error| sqlx::Error::Decode(error.into()))?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// Writes a change down.
///
/// # Errors
/// When the database refuses.
pub async fn write(pool: &SqlitePool, entry: &NewEntry<'_>, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit_log (event, member_id, target, note, data_json, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(entry.event)
    .bind(entry.member)
    .bind(entry.target)
    .bind(entry.note)
    .bind(entry.data.to_string())
    .bind(now.as_microsecond())
    .execute(pool)
    .await
    .map(drop)
}

/// The changes of a period, newest first; of one kind or by one member if they are named.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    pool: &SqlitePool,
    (from, until): (Timestamp, Timestamp),
    event: Option<&str>,
    member: Option<i64>,
) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM audit_log WHERE created_at >= $1 AND created_at <= $2 AND ($3 IS NULL OR event = $3)
           AND ($4 IS NULL OR member_id = $4) ORDER BY id DESC",
    )
    .bind(from.as_microsecond())
    .bind(until.as_microsecond())
    .bind(event)
    .bind(member)
    .fetch_all(pool)
    .await
}
