//! Tags of issues: which keys and values their events have, and how often.

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::sentry::model::from_micros;

/// A tag key of one issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagKey {
    /// The key.
    pub key: String,
    /// Different values.
    pub unique_values: i64,
    /// Events that have it.
    pub total_values: i64,
}

/// One value of a tag of one issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagValue {
    /// The value.
    pub value: String,
    /// Events that have it.
    pub count: i64,
    /// First of them.
    pub first_seen: Timestamp,
    /// Last of them.
    pub last_seen: Timestamp,
}

/// In which order values are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueOrder {
    /// Most events first.
    Count,
    /// Newest first appearance first.
    FirstSeen,
    /// Seen last first.
    LastSeen,
    /// By value.
    Value,
}

/// The tags of an issue, by key.
///
/// # Errors
/// When the database refuses.
pub async fn keys(pool: &SqlitePool, issue: i64) -> Result<Vec<TagKey>, sqlx::Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT key, COUNT(*), SUM(times_seen) FROM issue_tag WHERE issue_id = $1 GROUP BY key ORDER BY key",
    )
    .bind(issue)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(key, unique_values, total_values)| TagKey { key, unique_values, total_values })
        .collect())
}

/// One tag of an issue; `None` if no event has it.
///
/// # Errors
/// When the database refuses.
pub async fn key(pool: &SqlitePool, issue: i64, key: &str) -> Result<Option<TagKey>, sqlx::Error> {
    Ok(keys(pool, issue).await?.into_iter().find(|tag| tag.key == key))
}

/// The values of one tag of an issue.
///
/// # Errors
/// When the database refuses.
pub async fn values(
    pool: &SqlitePool,
    issue: i64,
    key: &str,
    order: ValueOrder,
    limit: i64,
    offset: i64,
) -> Result<Vec<TagValue>, sqlx::Error> {
    let sql = match order {
        ValueOrder::Count => {
            "SELECT value, times_seen, first_seen_at, last_seen_at FROM issue_tag
             WHERE issue_id = $1 AND key = $2 ORDER BY times_seen DESC, value LIMIT $3 OFFSET $4"
        }
        ValueOrder::FirstSeen => {
            "SELECT value, times_seen, first_seen_at, last_seen_at FROM issue_tag
             WHERE issue_id = $1 AND key = $2 ORDER BY first_seen_at DESC, value LIMIT $3 OFFSET $4"
        }
        ValueOrder::LastSeen => {
            "SELECT value, times_seen, first_seen_at, last_seen_at FROM issue_tag
             WHERE issue_id = $1 AND key = $2 ORDER BY last_seen_at DESC, value LIMIT $3 OFFSET $4"
        }
        ValueOrder::Value => {
            "SELECT value, times_seen, first_seen_at, last_seen_at FROM issue_tag
             WHERE issue_id = $1 AND key = $2 ORDER BY value LIMIT $3 OFFSET $4"
        }
    };
    let rows: Vec<(String, i64, i64, i64)> =
        sqlx::query_as(sql).bind(issue).bind(key).bind(limit).bind(offset).fetch_all(pool).await?;
    Ok(rows
        .into_iter()
        .map(|(value, count, first, last)| TagValue {
            value,
            count,
            first_seen: from_micros(first),
            last_seen: from_micros(last),
        })
        .collect())
}

/// Whether any event of the organization has this tag.
///
/// # Errors
/// When the database refuses.
pub async fn exists(pool: &SqlitePool, key: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM issue_tag WHERE key = $1)")
        .bind(key)
        .fetch_one(pool)
        .await
}

/// Every tag key that any event of the organization has.
///
/// # Errors
/// When the database refuses.
pub async fn all_keys(pool: &SqlitePool) -> Result<Vec<String>, sqlx::Error> {
    // Jumps from key to key in the index instead of reading every value.
    sqlx::query_scalar(
        "WITH RECURSIVE next(key) AS (
             SELECT MIN(key) FROM issue_tag
             UNION ALL
             SELECT (SELECT MIN(issue_tag.key) FROM issue_tag WHERE issue_tag.key > next.key)
             FROM next WHERE next.key IS NOT NULL
         )
         SELECT key FROM next WHERE key IS NOT NULL",
    )
    .fetch_all(pool)
    .await
}
