//! How much is usual: forecasts of archived issues, and the rate of a project's issues.

use jiff::{SignedDuration, Timestamp};
use sqlx::{Row, SqliteConnection};

use super::events::as_json;
use crate::sentry::model::{from_micros, hour_of};
use orderly_core::escalation::{FORECAST_KEPT_SECONDS, Forecast, HourCount, WeekOfIssue, new_issue_rate};

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long a project's usual rate is kept.
const RATE_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Makes the forecast of an issue from the week before `now`; the clock hour of `now` itself is not part of it.
///
/// # Errors
/// When the database refuses.
pub async fn make(
    connection: &mut SqliteConnection,
    issue: i64,
    now: Timestamp,
) -> Result<Forecast, sqlx::Error> {
    let end = hour_of(now);
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT hour, SUM(events) FROM issue_hourly WHERE issue_id = $1 AND hour >= $2 AND hour < $3 GROUP BY hour",
    )
    .bind(issue)
    .bind(end - 7 * 86_400)
    .bind(end)
    .fetch_all(&mut *connection)
    .await?;
    let hours: Vec<HourCount> =
        rows.into_iter().map(|(hour, events)| HourCount { hour, events: events.unsigned_abs() }).collect();
    let forecast = Forecast::compute(&hours, now);
    sqlx::query(
        "INSERT INTO forecast (issue_id, computed_at, limits_json) VALUES ($1, $2, $3)
         ON CONFLICT DO UPDATE SET computed_at = excluded.computed_at, limits_json = excluded.limits_json",
    )
    .bind(issue)
    .bind(now.as_microsecond())
    .bind(as_json(&forecast.limits()))
    .execute(connection)
    .await?;
    Ok(forecast)
}

/// The limit of this day for an archived issue. Without a forecast, one is made as of `archived_at`; one older than a
/// week is made anew.
///
/// # Errors
/// When the database refuses or holds a forecast of another length.
pub async fn limit_today(
    connection: &mut SqliteConnection,
    issue: i64,
    archived_at: Timestamp,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let stored: Option<(i64, String)> =
        sqlx::query_as("SELECT computed_at, limits_json FROM forecast WHERE issue_id = $1")
            .bind(issue)
            .fetch_optional(&mut *connection)
            .await?;
    let (computed_at, forecast) = match stored {
        None => (archived_at, make(connection, issue, archived_at).await?),
        Some((at, _)) if now.as_second() - from_micros(at).as_second() > FORECAST_KEPT_SECONDS => {
            (now, make(connection, issue, now).await?)
        }
        Some((at, limits)) => {
            let limits: Option<Vec<u64>> = serde_json::from_str(&limits).ok();
            let forecast = limits.and_then(|limits| Forecast::from_limits(&limits));
            let corrupt =
                || sqlx::Error::Decode(format!("forecast of issue {issue} is not 14 numbers").into());
            (from_micros(at), forecast.ok_or_else(corrupt)?)
        }
    };
    Ok(forecast.limit_on(computed_at, now))
}

/// Events of an issue in the clock hour of `now`.
///
/// # Errors
/// When the database refuses.
pub async fn events_this_hour(
    connection: &mut SqliteConnection,
    issue: i64,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let events: i64 = sqlx::query_scalar(
        "SELECT COALESCE(SUM(events), 0) FROM issue_hourly WHERE issue_id = $1 AND hour = $2",
    )
    .bind(issue)
    .bind(hour_of(now))
    .fetch_one(connection)
    .await?;
    Ok(events.unsigned_abs())
}

/// What is usual for an issue of this project, in events per hour. Kept for a day, unless nothing is usual yet.
///
/// # Errors
/// When the database refuses.
pub async fn project_rate(
    connection: &mut SqliteConnection,
    project: i64,
    now: Timestamp,
) -> Result<f64, sqlx::Error> {
    let kept = sqlx::query("SELECT new_issue_rate, new_issue_rate_at FROM project WHERE id = $1")
        .bind(project)
        .fetch_one(&mut *connection)
        .await?;
    let rate: Option<f64> = kept.try_get("new_issue_rate")?;
    let at: Option<i64> = kept.try_get("new_issue_rate_at")?;
    if let Some((rate, at)) = rate.zip(at) {
        let age = now.duration_since(from_micros(at));
        if rate > 0.0 && age >= SignedDuration::ZERO && age < RATE_KEPT {
            return Ok(rate);
        }
    }
    let week_ago = now.checked_sub(WEEK).unwrap_or(Timestamp::MIN);
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT SUM(issue_hourly.events), issue.first_seen_at FROM issue
         JOIN issue_hourly ON issue_hourly.issue_id = issue.id AND issue_hourly.hour >= $2
         WHERE issue.project_id = $1 GROUP BY issue.id",
    )
    .bind(project)
    .bind(hour_of(week_ago))
    .fetch_all(&mut *connection)
    .await?;
    let issues: Vec<WeekOfIssue> = rows
        .into_iter()
        .map(|(events, first_seen)| WeekOfIssue {
            events: events.unsigned_abs(),
            age_seconds: now.as_second() - from_micros(first_seen).as_second(),
        })
        .collect();
    let rate = new_issue_rate(&issues);
    sqlx::query("UPDATE project SET new_issue_rate = $2, new_issue_rate_at = $3 WHERE id = $1")
        .bind(project)
        .bind(rate)
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(rate)
}
