//! Projects.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};
use uuid::Uuid;

use crate::sentry::model::from_micros;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Row id: the number in the DSN.
    pub id: i64,
    /// Slug.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// `python`, `node`, ...
    pub platform: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its first event arrived.
    pub first_event_at: Option<Timestamp>,
}

impl FromRow<'_, SqliteRow> for Project {
    fn from_row(row: &SqliteRow) -> Result<Project, sqlx::Error> {
        Ok(Project {
            id: row.try_get("id")?,
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            platform: row.try_get("platform")?,
            created_at: from_micros(row.try_get("created_at")?),
            first_event_at: row.try_get::<Option<i64>, _>("first_event_at")?.map(from_micros),
        })
    }
}

/// Every project, by slug.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &SqlitePool) -> Result<Vec<Project>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM project ORDER BY slug").fetch_all(pool).await
}

/// The project with this slug or id.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &SqlitePool, slug_or_id: &str) -> Result<Option<Project>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM project WHERE slug = $1 OR CAST(id AS TEXT) = $1 ORDER BY slug = $1 DESC")
        .bind(slug_or_id)
        .fetch_optional(pool)
        .await
}

/// The project that a DSN's public key belongs to.
///
/// # Errors
/// When the database refuses.
pub async fn by_public_key(pool: &SqlitePool, public_key: &str) -> Result<Option<Project>, sqlx::Error> {
    sqlx::query_as(
        "SELECT project.* FROM project JOIN project_key ON project_key.project_id = project.id
         WHERE project_key.public_key = $1",
    )
    .bind(public_key)
    .fetch_optional(pool)
    .await
}

/// A project to create.
#[derive(Clone, Copy, Debug)]
pub struct NewProject<'a> {
    /// Slug, not yet taken.
    pub slug: &'a str,
    /// Name for people.
    pub name: &'a str,
    /// `python`, `node`, ...
    pub platform: Option<&'a str>,
    /// Row id of the owning team.
    pub team: Option<i64>,
}

/// Creates a project with one DSN key. `None` when the slug is taken.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    pool: &SqlitePool,
    project: NewProject<'_>,
    now: Timestamp,
) -> Result<Option<Project>, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let created: Option<Project> = sqlx::query_as(
        "INSERT INTO project (slug, name, platform, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING *",
    )
    .bind(project.slug)
    .bind(project.name)
    .bind(project.platform)
    .bind(now.as_microsecond())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(created) = created else { return Ok(None) };
    if let Some(team) = project.team {
        sqlx::query("INSERT INTO team_project (team_id, project_id) VALUES ($1, $2)")
            .bind(team)
            .bind(created.id)
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query(
        "INSERT INTO project_key (project_id, public_key, secret_key, label, created_at)
         VALUES ($1, $2, $3, 'Default', $4)",
    )
    .bind(created.id)
    .bind(Uuid::new_v4().simple().to_string())
    .bind(Uuid::new_v4().simple().to_string())
    .bind(now.as_microsecond())
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(created))
}

/// What to change about a project; `None` leaves a field.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProjectChange<'a> {
    /// New slug.
    pub slug: Option<&'a str>,
    /// New name.
    pub name: Option<&'a str>,
    /// New platform.
    pub platform: Option<&'a str>,
}

/// Changes a project. `None` when its new slug is taken or the project is gone.
///
/// # Errors
/// When the database refuses.
pub async fn update(
    pool: &SqlitePool,
    project: i64,
    change: ProjectChange<'_>,
) -> Result<Option<Project>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE OR IGNORE project SET slug = COALESCE($2, slug), name = COALESCE($3, name),
                platform = COALESCE($4, platform)
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM project WHERE slug = $2 AND id <> $1) RETURNING *",
    )
    .bind(project)
    .bind(change.slug)
    .bind(change.name)
    .bind(change.platform)
    .fetch_optional(pool)
    .await
}

/// The version of the newest release of a project.
///
/// # Errors
/// When the database refuses.
pub async fn latest_release(pool: &SqlitePool, project: i64) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT release.version FROM release JOIN release_project ON release_project.release_id = release.id
         WHERE release_project.project_id = $1
         ORDER BY COALESCE(release.released_at, release.created_at) DESC, release.id DESC LIMIT 1",
    )
    .bind(project)
    .fetch_optional(pool)
    .await
}
