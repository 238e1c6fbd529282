//! Counts of a page of issues over time: events per bucket, events and users in a window.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::SqlitePool;

use super::issues_read::id_list;
use crate::sentry::model::{from_micros, hour_of};

/// Which events are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window<'a> {
    /// From here on; hours are counted whole.
    pub from: Timestamp,
    /// Up to here.
    pub until: Timestamp,
    /// Only in these environments; `None`: in all.
    pub environments: Option<&'a [i64]>,
}

impl Window<'_> {
    fn environment_list(&self) -> Option<String> {
        self.environments.map(id_list)
    }
}

/// Events of each issue per bucket of `step` seconds, starting at the beginning of the hour of `window.from`, as
/// (issue, bucket) -> events. Empty buckets are absent.
///
/// # Errors
/// When the database refuses.
pub async fn series(
    pool: &SqlitePool,
    issues: &[i64],
    window: &Window<'_>,
    step: i64,
) -> Result<HashMap<(i64, i64), i64>, sqlx::Error> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT issue_id, (hour - $2) / $4 AS bucket, SUM(events)
         FROM json_each($1) AS wanted JOIN issue_hourly ON issue_hourly.issue_id = wanted.value
         WHERE hour >= $2 AND hour < $3
           AND ($5 IS NULL OR environment_id IN (SELECT value FROM json_each($5)))
         GROUP BY issue_id, bucket",
    )
    .bind(id_list(issues))
    .bind(hour_of(window.from))
    .bind(window.until.as_second())
    .bind(step.max(1))
    .bind(window.environment_list())
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(issue, bucket, events)| ((issue, bucket), events)).collect())
}

/// Events of each issue in the window. Issues without any are absent.
///
/// # Errors
/// When the database refuses.
pub async fn events(
    pool: &SqlitePool,
    issues: &[i64],
    window: &Window<'_>,
) -> Result<HashMap<i64, i64>, sqlx::Error> {
    let whole = i64::MAX;
    let buckets = series(pool, issues, window, whole).await?;
    Ok(buckets.into_iter().map(|((issue, _), events)| (issue, events)).collect())
}

/// Users of each issue in the window. Exact when the window ends now, else those whose time on the issue overlaps it.
///
/// # Errors
/// When the database refuses.
pub async fn users(
    pool: &SqlitePool,
    issues: &[i64],
    window: &Window<'_>,
) -> Result<HashMap<i64, i64>, sqlx::Error> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT issue_id, COUNT(DISTINCT user_key)
         FROM json_each($1) AS wanted JOIN issue_user ON issue_user.issue_id = wanted.value
         WHERE last_seen_at >= $2 AND first_seen_at < $3
           AND ($4 IS NULL OR environment_id IN (SELECT value FROM json_each($4)))
         GROUP BY issue_id",
    )
    .bind(id_list(issues))
    .bind(window.from.as_microsecond())
    .bind(window.until.as_microsecond())
    .bind(window.environment_list())
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().collect())
}

/// When each issue was first and last seen in these environments.
///
/// # Errors
/// When the database refuses.
pub async fn seen_in(
    pool: &SqlitePool,
    issues: &[i64],
    environments: &[i64],
) -> Result<HashMap<i64, (Timestamp, Timestamp)>, sqlx::Error> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT issue_id, MIN(first_seen_at), MAX(last_seen_at)
         FROM json_each($1) AS wanted JOIN issue_environment ON issue_environment.issue_id = wanted.value
         WHERE environment_id IN (SELECT value FROM json_each($2)) GROUP BY issue_id",
    )
    .bind(id_list(issues))
    .bind(id_list(environments))
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(issue, first, last)| (issue, (from_micros(first), from_micros(last))))
        .collect())
}
