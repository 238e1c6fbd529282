//! DSN keys.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};
use uuid::Uuid;

use crate::sentry::model::from_micros;

/// A DSN key of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectKey {
    /// Row id of the project.
    pub project_id: i64,
    /// 32 hex digits; also the key's id in the web API.
    pub public_key: String,
    /// 32 hex digits, of the legacy two-part DSN.
    pub secret_key: String,
    /// Name for people.
    pub label: String,
    /// Whether events are accepted with it.
    pub is_active: bool,
    /// Events per window of seconds, when limited.
    pub rate_limit: Option<KeyRateLimit>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// So many events in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRateLimit {
    /// Events.
    pub count: i64,
    /// Seconds.
    pub window: i64,
}

impl FromRow<'_, SqliteRow> for ProjectKey {
    fn from_row(row: &SqliteRow) -> Result<ProjectKey, sqlx::Error> {
        let count: Option<i64> = row.try_get("rate_limit_count")?;
        let window: Option<i64> = row.try_get("rate_limit_window")?;
        Ok(ProjectKey {
            project_id: row.try_get("project_id")?,
            public_key: row.try_get("public_key")?,
            secret_key: row.try_get("secret_key")?,
            label: row.try_get("label")?,
            is_active: row.try_get("is_active")?,
            rate_limit: count.zip(window).map(|(count, window)| KeyRateLimit { count, window }),
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// The keys of one project, or of all.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &SqlitePool, project: Option<i64>) -> Result<Vec<ProjectKey>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM project_key WHERE $1 IS NULL OR project_id = $1 ORDER BY id")
        .bind(project)
        .fetch_all(pool)
        .await
}

/// One key of a project.
///
/// # Errors
/// When the database refuses.
pub async fn find(
    pool: &SqlitePool,
    project: i64,
    public_key: &str,
) -> Result<Option<ProjectKey>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM project_key WHERE project_id = $1 AND public_key = $2")
        .bind(project)
        .bind(public_key)
        .fetch_optional(pool)
        .await
}

/// Adds a key with fresh random parts.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    pool: &SqlitePool,
    project: i64,
    label: &str,
    rate_limit: Option<KeyRateLimit>,
    now: Timestamp,
) -> Result<ProjectKey, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO project_key
             (project_id, public_key, secret_key, label, rate_limit_count, rate_limit_window, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
    )
    .bind(project)
    .bind(Uuid::new_v4().simple().to_string())
    .bind(Uuid::new_v4().simple().to_string())
    .bind(label)
    .bind(rate_limit.map(|limit| limit.count))
    .bind(rate_limit.map(|limit| limit.window))
    .bind(now.as_microsecond())
    .fetch_one(pool)
    .await
}

/// Writes a changed key back.
///
/// # Errors
/// When the database refuses.
pub async fn save(pool: &SqlitePool, key: &ProjectKey) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE project_key SET label = $2, is_active = $3, rate_limit_count = $4, rate_limit_window = $5
         WHERE public_key = $1",
    )
    .bind(&key.public_key)
    .bind(&key.label)
    .bind(key.is_active)
    .bind(key.rate_limit.map(|limit| limit.count))
    .bind(key.rate_limit.map(|limit| limit.window))
    .execute(pool)
    .await?;
    Ok(())
}
