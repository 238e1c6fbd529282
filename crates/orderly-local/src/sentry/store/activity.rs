//! The history of an issue: what people and the server did to it, and the notes people wrote.

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};

use crate::sentry::model::{ActivityKind, from_micros};
use crate::sentry::webhooks::payload::HookActor;

/// One line of history.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Row id.
    pub id: i64,
    /// What happened.
    pub kind: ActivityKind,
    /// Row id of the member who did it; `None` for the server or an app.
    pub member: Option<i64>,
    /// Slug, name and uuid of the app that did it.
    pub app: Option<(String, String, String)>,
    /// More about it, by kind.
    pub data: Value,
    /// When.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Activity {
    fn from_row(row: &SqliteRow) -> Result<Activity, sqlx::Error> {
        let data: String = row.try_get("data_json")?;
        let app = match row.try_get::<Option<String>, _>("app_slug")? {
            Some(slug) => Some((slug, row.try_get("app_name")?, row.try_get("app_uuid")?)),
            None => None,
        };
        Ok(Activity {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            member: row.try_get("member_id")?,
            app,
            data: serde_json::from_str(&data).map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// Who does something to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Actor {
    /// Row id of a member.
    pub member: Option<i64>,
    /// Row id of an app.
    pub app: Option<i64>,
}

impl Actor {
    /// The server itself.
    pub const SERVER: Actor = Actor { member: None, app: None };
}

/// Which activities to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Notes only.
    Notes,
}

/// The history of an issue, newest first.
///
/// # Errors
/// When the database refuses or holds an activity that does not exist.
pub async fn list(
    pool: &SqlitePool,
    issue: i64,
    which: Which,
    limit: i64,
    offset: i64,
) -> Result<Vec<Activity>, sqlx::Error> {
    let only = match which {
        Which::All => None,
        Which::Notes => Some(ActivityKind::Note),
    };
    sqlx::query_as(
        "SELECT activity.id, kind, member_id, data_json, activity.created_at,
                sentry_app.slug AS app_slug, sentry_app.name AS app_name, sentry_app.uuid AS app_uuid
         FROM activity LEFT JOIN sentry_app ON sentry_app.id = activity.app_id
         WHERE issue_id = $1 AND ($2 IS NULL OR kind = $2)
         ORDER BY activity.created_at DESC, activity.id DESC LIMIT $3 OFFSET $4",
    )
    .bind(issue)
    .bind(only)
    .bind(limit)
    .bind(offset)
    .fetch_all(pool)
    .await
}

/// What happened to issues after this row, oldest first: the issue, what happened, who did it.
///
/// # Errors
/// When the database refuses or holds an activity that does not exist.
pub async fn after(
    pool: &SqlitePool,
    row: i64,
    limit: i64,
) -> Result<Vec<(i64, Activity, HookActor)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT activity.id, issue_id, kind, member_id, member.name AS member_name, data_json, activity.created_at,
                sentry_app.slug AS app_slug, sentry_app.name AS app_name, sentry_app.uuid AS app_uuid
         FROM activity LEFT JOIN sentry_app ON sentry_app.id = activity.app_id
         LEFT JOIN member ON member.id = activity.member_id
         WHERE activity.id > $1 ORDER BY activity.id LIMIT $2",
    )
    .bind(row)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let activity = Activity::from_row(row)?;
            let actor = match (&activity.app, activity.member) {
                (Some((_, name, uuid)), _) => HookActor::App(uuid.clone(), name.clone()),
                (None, Some(member)) => {
                    let name: Option<String> = row.try_get("member_name")?;
                    HookActor::Member(member, name.unwrap_or_default())
                }
                (None, None) => HookActor::Sentry,
            };
            Ok((row.try_get("issue_id")?, activity, actor))
        })
        .collect()
}

/// One activity of an issue.
///
/// # Errors
/// When the database refuses or holds an activity that does not exist.
pub async fn find(pool: &SqlitePool, issue: i64, id: i64) -> Result<Option<Activity>, sqlx::Error> {
    sqlx::query_as(
        "SELECT activity.id, kind, member_id, data_json, activity.created_at,
                sentry_app.slug AS app_slug, sentry_app.name AS app_name, sentry_app.uuid AS app_uuid
         FROM activity LEFT JOIN sentry_app ON sentry_app.id = activity.app_id
         WHERE activity.id = $1 AND issue_id = $2",
    )
    .bind(id)
    .bind(issue)
    .fetch_optional(pool)
    .await
}

/// Adds a line to an issue's history and returns its row id.
///
/// # Errors
/// When the database refuses.
pub async fn record(
    connection: &mut SqliteConnection,
    issue: i64,
    kind: ActivityKind,
    actor: Actor,
    data: &Value,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO activity (issue_id, kind, member_id, app_id, data_json, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(issue)
    .bind(kind)
    .bind(actor.member)
    .bind(actor.app)
    .bind(data.to_string())
    .bind(now.as_microsecond())
    .fetch_one(connection)
    .await
}

/// Writes a note and returns its row id.
///
/// # Errors
/// When the database refuses.
pub async fn add_note(
    pool: &SqlitePool,
    issue: i64,
    actor: Actor,
    text: &str,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let id = record(&mut tx, issue, ActivityKind::Note, actor, &json!({"text": text}), now).await?;
    count_notes(&mut tx, issue).await?;
    if let Some(member) = actor.member {
        subscribe(&mut tx, issue, member).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Changes the text of the member's own note. Whether there was one.
///
/// # Errors
/// When the database refuses.
pub async fn change_note(
    pool: &SqlitePool,
    issue: i64,
    note: i64,
    actor: Actor,
    text: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE activity SET data_json = $1
         WHERE id = $2 AND issue_id = $3 AND kind = $4 AND member_id IS $5 AND app_id IS $6",
    )
    .bind(json!({"text": text}).to_string())
    .bind(note)
    .bind(issue)
    .bind(ActivityKind::Note)
    .bind(actor.member)
    .bind(actor.app)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes the member's own note. Whether there was one.
///
/// # Errors
/// When the database refuses.
pub async fn delete_note(
    pool: &SqlitePool,
    issue: i64,
    note: i64,
    actor: Actor,
) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let done = sqlx::query(
        "DELETE FROM activity WHERE id = $1 AND issue_id = $2 AND kind = $3 AND member_id IS $4 AND app_id IS $5",
    )
    .bind(note)
    .bind(issue)
    .bind(ActivityKind::Note)
    .bind(actor.member)
    .bind(actor.app)
    .execute(&mut *tx)
    .await?;
    count_notes(&mut tx, issue).await?;
    tx.commit().await?;
    Ok(done.rows_affected() > 0)
}

async fn count_notes(connection: &mut SqliteConnection, issue: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE issue SET num_comments =
             (SELECT COUNT(*) FROM activity WHERE activity.issue_id = issue.id AND activity.kind = $2)
         WHERE id = $1",
    )
    .bind(issue)
    .bind(ActivityKind::Note)
    .execute(connection)
    .await?;
    Ok(())
}

/// Subscribes a member who has not said otherwise.
///
/// # Errors
/// When the database refuses.
pub async fn subscribe(
    connection: &mut SqliteConnection,
    issue: i64,
    member: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO issue_subscription (issue_id, member_id, is_active) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING",
    )
    .bind(issue)
    .bind(member)
    .execute(connection)
    .await?;
    Ok(())
}
