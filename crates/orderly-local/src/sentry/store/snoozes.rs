//! The conditions that issues are archived under, and what has been counted against them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};

use crate::sentry::model::from_micros;
use crate::sentry::states::snooze::{Condition, Counted, Over, Threshold};

/// The condition of an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// What ends it.
    pub condition: Condition,
    /// The same in the words of the web API, for the inbox and the history.
    pub details: Value,
}

/// The condition of an issue, if it has one.
///
/// # Errors
/// When the database refuses.
pub async fn find(connection: &mut SqliteConnection, issue: i64) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM snooze WHERE issue_id = $1")
        .bind(issue)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let number = |column: &str| -> Result<Option<u64>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(i64::unsigned_abs))
    };
    let until: Option<i64> = row.try_get("until_at")?;
    let (events, event_window) = (number("event_count")?, number("event_window")?);
    let (users, user_window) = (number("user_count")?, number("user_window")?);
    let (start_events, start_users) = (number("start_times_seen")?, number("start_user_count")?);
    let threshold = |count: Option<u64>, window: Option<u64>, start: Option<u64>| {
        let over = window.map_or(Over::Archived { start: start.unwrap_or(0) }, Over::LastMinutes);
        count.map(|count| Threshold { count, over })
    };
    let condition = Condition {
        until: until.map(from_micros),
        events: threshold(events, event_window, start_events),
        users: threshold(users, user_window, start_users),
    };
    let details = json!({
        "until": condition.until.map(|until| until.to_string()),
        "count": events, "window": event_window, "user_count": users, "user_window": user_window,
    });
    Ok(Some(Stored { condition, details }))
}

/// What was counted for the thresholds of a condition. `times_seen` and `user_count` are the issue's totals.
///
/// # Errors
/// When the database refuses.
pub async fn counted(
    connection: &mut SqliteConnection,
    issue: i64,
    condition: &Condition,
    totals: Counted,
    now: Timestamp,
) -> Result<Counted, sqlx::Error> {
    let mut counted = totals;
    if let Some(Threshold { over: Over::LastMinutes(minutes), .. }) = condition.events {
        let events: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM event WHERE issue_id = $1 AND occurred_at > $2")
                .bind(issue)
                .bind(minutes_before(now, minutes))
                .fetch_one(&mut *connection)
                .await?;
        counted.events = events.unsigned_abs();
    }
    if let Some(Threshold { over: Over::LastMinutes(minutes), .. }) = condition.users {
        let users: i64 = sqlx::query_scalar(
            "SELECT COUNT(DISTINCT user_key) FROM event WHERE issue_id = $1 AND occurred_at > $2",
        )
        .bind(issue)
        .bind(minutes_before(now, minutes))
        .fetch_one(connection)
        .await?;
        counted.users = users.unsigned_abs();
    }
    Ok(counted)
}

/// Archived issues whose time is up.
///
/// # Errors
/// When the database refuses.
pub async fn expired(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT issue_id FROM snooze JOIN issue ON issue.id = issue_id
         WHERE until_at <= $1 AND issue.substatus = 'archived_until_condition_met'",
    )
    .bind(now.as_microsecond())
    .fetch_all(connection)
    .await
}

fn minutes_before(now: Timestamp, minutes: u64) -> i64 {
    let minutes = i64::try_from(minutes).unwrap_or(i64::MAX / 60);
    now.checked_sub(SignedDuration::from_secs(minutes.saturating_mul(60)))
        .unwrap_or(Timestamp::MIN)
        .as_microsecond()
}
