//! How long events are kept. What is forgotten are events, transactions and attachments; issues, their counts and their
//! history stay.

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use sqlx::SqlitePool;

/// What is kept of events; `None`: everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Those that came within so many days.
    pub days: Option<NonZeroU32>,
    /// The newest ones, at most so many; of spans as well.
    pub events: Option<NonZeroU32>,
}

/// Rows of one transaction: the writer of new events never waits long for it.
const ROWS: i64 = 2_000;

/// Forgets what need not be kept. Rows are as old as their ids, because they are written as they come.
///
/// # Errors
/// When the database refuses; what was forgotten before stays forgotten.
pub async fn forget(pool: &SqlitePool, retention: Retention, now: Timestamp) -> Result<(), sqlx::Error> {
    if let Some(events) = retention.events {
        let keep = i64::from(events.get());
        for (newest, delete) in [(NEWEST_EVENT, OLD_EVENTS), (NEWEST_SPAN, OLD_SPANS)] {
            let newest: i64 = sqlx::query_scalar(newest).fetch_one(pool).await?;
            delete_in_parts(pool, delete, newest.saturating_sub(keep)).await?;
        }
    }
    if let Some(days) = retention.days {
        let age = SignedDuration::from_hours(24 * i64::from(days.get()));
        let before = now.checked_sub(age).unwrap_or(Timestamp::MIN).as_microsecond();
        for delete in [EXPIRED_EVENTS, EXPIRED_SPANS, EXPIRED_ATTACHMENTS] {
            delete_in_parts(pool, delete, before).await?;
        }
    }
    Ok(())
}

const NEWEST_EVENT: &str = "SELECT COALESCE(MAX(id), 0) FROM event";
const NEWEST_SPAN: &str = "SELECT COALESCE(MAX(id), 0) FROM span";
const OLD_EVENTS: &str =
    "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id <= $1 ORDER BY id LIMIT $2)";
const OLD_SPANS: &str =
    "DELETE FROM span WHERE id IN (SELECT id FROM span WHERE id <= $1 ORDER BY id LIMIT $2)";
// Only the oldest rows are looked at; one that is young enough ends it.
const EXPIRED_EVENTS: &str = "DELETE FROM event WHERE id IN
    (SELECT id FROM (SELECT id, received_at FROM event ORDER BY id LIMIT $2) WHERE received_at < $1)";
const EXPIRED_SPANS: &str = "DELETE FROM span WHERE id IN
    (SELECT id FROM (SELECT id, occurred_at FROM span ORDER BY id LIMIT $2) WHERE occurred_at < $1)";
const EXPIRED_ATTACHMENTS: &str = "DELETE FROM attachment WHERE id IN
    (SELECT id FROM (SELECT id, created_at FROM attachment ORDER BY id LIMIT $2) WHERE created_at < $1)";

async fn delete_in_parts(pool: &SqlitePool, delete: &'static str, bound: i64) -> Result<(), sqlx::Error> {
    loop {
        let deleted = sqlx::query(delete).bind(bound).bind(ROWS).execute(pool).await?.rows_affected();
        if deleted < ROWS.unsigned_abs() {
            return Ok(());
        }
    }
}
