//! What time alone does to issues, carried out: see `states::aging` and `states::snooze`.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::{SqliteConnection, SqlitePool};

use super::issues_write::OpenIssue;
use super::snoozes;
use crate::sentry::states::aging::{DAYS_UNTIL_ONGOING, INBOX_STAY, UNTIL_ONGOING, is_ongoing_by_now};

/// Ends snoozes whose time is up, makes old open issues ongoing, and clears the review list of old entries.
///
/// # Errors
/// When the database refuses; nothing is changed then.
pub async fn sweep(pool: &SqlitePool, now: Timestamp) -> Result<(), sqlx::Error> {
    if !has_work(pool, now).await? {
        return Ok(());
    }
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    end_snoozes(&mut tx, now).await?;
    make_ongoing(&mut tx, now).await?;
    sqlx::query(
        "UPDATE issue SET inbox_reason = NULL, inbox_at = NULL, inbox_details_json = NULL
         WHERE inbox_reason IS NOT NULL AND inbox_at <= $1",
    )
    .bind(before(now, INBOX_STAY))
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Looks without taking the write lock.
async fn has_work(pool: &SqlitePool, now: Timestamp) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM snooze WHERE until_at <= $1)
             OR EXISTS (SELECT 1 FROM issue WHERE substatus = 'new' AND first_seen_at <= $2)
             OR EXISTS (SELECT 1 FROM issue WHERE substatus IN ('regressed', 'escalating') AND substatus_at <= $2)
             OR EXISTS (SELECT 1 FROM issue WHERE inbox_reason IS NOT NULL AND inbox_at <= $3)",
    )
    .bind(now.as_microsecond())
    .bind(before(now, UNTIL_ONGOING))
    .bind(before(now, INBOX_STAY))
    .fetch_one(pool)
    .await
}

async fn end_snoozes(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), sqlx::Error> {
    for id in snoozes::expired(connection, now).await? {
        let Some(snooze) = snoozes::find(connection, id).await? else { continue };
        let mut issue = OpenIssue::load(connection, id).await?;
        issue.end_snooze(connection, &snooze.details, &snooze.details, now).await?;
        issue.save(connection).await?;
    }
    Ok(())
}

async fn make_ongoing(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), sqlx::Error> {
    let old: Vec<i64> = sqlx::query_scalar(
        "SELECT id FROM issue WHERE (substatus = 'new' AND first_seen_at <= $1)
                                 OR (substatus IN ('regressed', 'escalating') AND substatus_at <= $1) ORDER BY id",
    )
    .bind(before(now, UNTIL_ONGOING))
    .fetch_all(&mut *connection)
    .await?;
    for id in old {
        let mut issue = OpenIssue::load(connection, id).await?;
        let Some(substatus) = issue.substatus else { continue };
        if is_ongoing_by_now(substatus, issue.first_seen(), issue.substatus_since(), now) {
            issue.become_ongoing(connection, &json!({"after_days": DAYS_UNTIL_ONGOING}), now).await?;
            issue.save(connection).await?;
        }
    }
    Ok(())
}

fn before(now: Timestamp, by: SignedDuration) -> i64 {
    now.checked_sub(by).unwrap_or(Timestamp::MIN).as_microsecond()
}
