//! Changes of feature flags, as flag services reported them.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use crate::sentry::model::from_micros;

/// A change on its way into the log.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// The provider's id of the change. One that is told twice is kept once.
    pub change_id: String,
    /// `created`, `updated` or `deleted`.
    pub action: String,
    /// The flag.
    pub flag: String,
    /// Who did it, and what kind of name that is: `email`, `id` or `name`.
    pub created_by: Option<(String, String)>,
    /// What the provider adds, an object.
    pub tags: Value,
    /// When.
    pub created_at: Timestamp,
}

/// A change in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagChange {
    /// Row id.
    pub id: i64,
    /// Name of the flag service.
    pub provider: String,
    /// What it reported.
    pub change: NewChange,
}

impl FromRow<'_, SqliteRow> for FlagChange {
    fn from_row(row: &SqliteRow) -> Result<FlagChange, sqlx::Error> {
        let by: Option<String> = row.try_get("created_by")?;
        let kind: Option<String> = row.try_get("created_by_type")?;
        let tags: String = row.try_get("tags_json")?;
        Ok(FlagChange {
            id: row.try_get("id")?,
            provider: row.try_get("provider")?,
            change: NewChange {
                change_id: row.try_get("change_id")?,
                action: row.try_get("action")?,
                flag: row.try_get("flag")?,
                created_by: by.zip(kind),
                tags: serde_json::from_str(&tags).map_err(|error| sqlx::Error::Decode(error.into()))?,
                created_at: from_micros(row.try_get("created_at")?),
            },
        })
    }
}

/// Writes changes down.
///
/// # Errors
/// When the database refuses; then none of them is kept.
pub async fn record(pool: &SqlitePool, provider: &str, changes: &[NewChange]) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    for change in changes {
        let (by, kind) = change.created_by.as_ref().map(|(by, kind)| (by, kind)).unzip();
        sqlx::query(
            "INSERT INTO flag_change (provider, change_id, action, flag, created_by, created_by_type, tags_json, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(provider)
        .bind(&change.change_id)
        .bind(&change.action)
        .bind(&change.flag)
        .bind(by)
        .bind(kind)
        .bind(change.tags.to_string())
        .bind(change.created_at.as_microsecond())
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}

/// The changes of a period, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    pool: &SqlitePool,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<FlagChange>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM flag_change WHERE created_at >= $1 AND created_at <= $2 ORDER BY created_at DESC, id DESC",
    )
    .bind(from.as_microsecond())
    .bind(until.as_microsecond())
    .fetch_all(pool)
    .await
}

/// The change with this row id.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &SqlitePool, id: i64) -> Result<Option<FlagChange>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM flag_change WHERE id = $1").bind(id).fetch_optional(pool).await
}
