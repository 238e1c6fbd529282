//! What comes along with events: attachments, user reports, sessions.

use jiff::Timestamp;
use orderly_wire::sentry::event_id::EventId;
use sqlx::SqliteConnection;

use crate::sentry::ingest::items::{Attachment, Sessions, UserReport};
use crate::sentry::model::hour_of;

/// Notes that a file came with an event; its content is not kept.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn attachment(
    connection: &mut SqliteConnection,
    project: i64,
    event: Option<EventId>,
    file: &Attachment,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let event = event.map(|event| event.to_string());
    sqlx::query(
        "INSERT INTO attachment (project_id, event_id, name, content_type, size, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(project)
    .bind(&event)
    .bind(&file.name)
    .bind(file.content_type.as_deref())
    .bind(i64::try_from(file.size).unwrap_or(i64::MAX))
    .bind(now.as_microsecond())
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE event SET has_attachment = 1 WHERE project_id = $1 AND event_id = $2")
        .bind(project)
        .bind(event)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps a user's words about an event; the latest ones count.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn user_report(
    connection: &mut SqliteConnection,
    project: i64,
    report: &UserReport,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO user_report (project_id, issue_id, event_id, name, email, comments, created_at)
         VALUES ($1, (SELECT issue_id FROM event WHERE project_id = $1 AND event_id = $2), $2, $3, $4, $5, $6)
         ON CONFLICT (project_id, event_id) DO UPDATE SET name = excluded.name, email = excluded.email,
             comments = excluded.comments, issue_id = COALESCE(excluded.issue_id, issue_id)",
    )
    .bind(project)
    .bind(report.event.to_string())
    .bind(&report.name)
    .bind(&report.email)
    .bind(&report.comments)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds sessions to the hour they started in.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn sessions(
    connection: &mut SqliteConnection,
    project: i64,
    release: i64,
    environment: i64,
    sessions: &Sessions,
) -> Result<(), sqlx::Error> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO session_hourly (project_id, release_id, environment_id, hour, started, errored, crashed, abnormal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT DO UPDATE SET started = started + excluded.started, errored = errored + excluded.errored,
             crashed = crashed + excluded.crashed, abnormal = abnormal + excluded.abnormal",
    )
    .bind(project)
    .bind(release)
    .bind(environment)
    .bind(hour_of(sessions.started_at))
    .bind(number(sessions.started))
    .bind(number(sessions.errored))
    .bind(number(sessions.crashed))
    .bind(number(sessions.abnormal))
    .execute(&mut *connection)
    .await?;
    let Some(user) = &sessions.user else { return Ok(()) };
    sqlx::query(
        "INSERT INTO session_user (project_id, release_id, environment_id, hour, user_key, errored, crashed, abnormal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT DO UPDATE SET errored = MAX(errored, excluded.errored), crashed = MAX(crashed, excluded.crashed),
             abnormal = MAX(abnormal, excluded.abnormal)",
    )
    .bind(project)
    .bind(release)
    .bind(environment)
    .bind(hour_of(sessions.started_at))
    .bind(user)
    .bind(sessions.errored > 0)
    .bind(sessions.crashed > 0)
    .bind(sessions.abnormal > 0)
    .execute(connection)
    .await?;
    Ok(())
}
