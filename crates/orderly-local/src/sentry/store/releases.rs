//! Releases: made by a client, by a deploy, or by the first event that names one.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};

use crate::sentry::model::from_micros;

/// A release of one or more projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Row id.
    pub id: i64,
    /// Name: `package@1.2.3`, a commit hash, anything.
    pub version: String,
    /// `open` or `archived`.
    pub status: String,
    /// Free text, usually a commit.
    pub reference: Option<String>,
    /// Where people read about it.
    pub url: Option<String>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// When work on it began, as the client said.
    pub started_at: Option<Timestamp>,
    /// When it was finalized.
    pub released_at: Option<Timestamp>,
}

impl FromRow<'_, SqliteRow> for Release {
    fn from_row(row: &SqliteRow) -> Result<Release, sqlx::Error> {
        Ok(Release {
            id: row.try_get("id")?,
            version: row.try_get("version")?,
            status: row.try_get("status")?,
            reference: row.try_get("ref")?,
            url: row.try_get("url")?,
            created_at: from_micros(row.try_get("created_at")?),
            started_at: row.try_get::<Option<i64>, _>("started_at")?.map(from_micros),
            released_at: row.try_get::<Option<i64>, _>("released_at")?.map(from_micros),
        })
    }
}

/// A release as one of its projects sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseProject {
    /// Row id of the project.
    pub project_id: i64,
    /// Slug of the project.
    pub slug: String,
    /// Name of the project.
    pub name: String,
    /// Platform of the project.
    pub platform: Option<String>,
    /// Issues first seen in this release.
    pub new_groups: i64,
    /// First event of the release in the project.
    pub first_event_at: Option<Timestamp>,
    /// Last event of the release in the project.
    pub last_event_at: Option<Timestamp>,
    /// Sessions that started and crashed, when the project sends sessions for this release.
    pub sessions: Option<SessionCounts>,
}

/// Sessions of a release in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCounts {
    /// All.
    pub started: i64,
    /// Those with an error.
    pub errored: i64,
    /// Those that crashed.
    pub crashed: i64,
}

/// Which releases a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReleaseFilter<'a> {
    /// Only those of one of these projects; empty for all.
    pub projects: &'a [i64],
    /// Only those seen in, or deployed to, one of these environments; empty for all.
    pub environments: &'a [&'a str],
    /// Only those whose name contains this text; empty for all.
    pub text: &'a str,
    /// `open` or `archived`; empty for both.
    pub status: &'a str,
}

/// The release with this name.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &SqlitePool, version: &str) -> Result<Option<Release>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM release WHERE version = $1").bind(version).fetch_optional(pool).await
}

/// A part of the releases that the filter lets through, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    pool: &SqlitePool,
    filter: ReleaseFilter<'_>,
    offset: i64,
    limit: i64,
) -> Result<Vec<Release>, sqlx::Error> {
    let projects = serde_json::to_string(filter.projects).unwrap_or_default();
    let environments = serde_json::to_string(filter.environments).unwrap_or_default();
    sqlx::query_as(
        "SELECT * FROM release
         WHERE ($1 = '' OR status = $1)
           AND ($2 = '' OR INSTR(LOWER(version), LOWER($2)) > 0)
           AND ($3 = '[]' OR EXISTS (SELECT 1 FROM release_project WHERE release_id = release.id
                                     AND project_id IN (SELECT value FROM json_each($3))))
           AND ($4 = '[]' OR EXISTS (SELECT 1 FROM release_environment
                                     JOIN environment ON environment.id = release_environment.environment_id
                                     WHERE release_id = release.id
                                       AND environment.name IN (SELECT value FROM json_each($4)))
                          OR EXISTS (SELECT 1 FROM deploy
                                     JOIN environment ON environment.id = deploy.environment_id
                                     WHERE release_id = release.id
                                       AND environment.name IN (SELECT value FROM json_each($4))))
         ORDER BY COALESCE(released_at, created_at) DESC, id DESC LIMIT $5 OFFSET $6",
    )
    .bind(filter.status)
    .bind(filter.text)
    .bind(projects)
    .bind(environments)
    .bind(limit)
    .bind(offset)
    .fetch_all(pool)
    .await
}

/// The projects of a release, by slug.
///
/// # Errors
/// When the database refuses.
pub async fn projects_of(pool: &SqlitePool, release: i64) -> Result<Vec<ReleaseProject>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT project.id, project.slug, project.name, project.platform, release_project.new_groups,
                release_project.first_event_at, release_project.last_event_at,
                (SELECT SUM(started) FROM session_hourly AS s
                 WHERE s.release_id = $1 AND s.project_id = project.id) AS started,
                (SELECT SUM(errored) FROM session_hourly AS s
                 WHERE s.release_id = $1 AND s.project_id = project.id) AS errored,
                (SELECT SUM(crashed) FROM session_hourly AS s
                 WHERE s.release_id = $1 AND s.project_id = project.id) AS crashed
         FROM release_project JOIN project ON project.id = release_project.project_id
         WHERE release_project.release_id = $1 ORDER BY project.slug",
    )
    .bind(release)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            let started: Option<i64> = row.try_get("started")?;
            let errored: Option<i64> = row.try_get("errored")?;
            let crashed: Option<i64> = row.try_get("crashed")?;
            Ok(ReleaseProject {
                project_id: row.try_get("id")?,
                slug: row.try_get("slug")?,
                name: row.try_get("name")?,
                platform: row.try_get("platform")?,
                new_groups: row.try_get("new_groups")?,
                first_event_at: row.try_get::<Option<i64>, _>("first_event_at")?.map(from_micros),
                last_event_at: row.try_get::<Option<i64>, _>("last_event_at")?.map(from_micros),
                sessions: started.map(|started| SessionCounts {
                    started,
                    errored: errored.unwrap_or_default(),
                    crashed: crashed.unwrap_or_default(),
                }),
            })
        })
        .collect()
}

/// A client's wish for a release; `None` leaves what is stored.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReleaseChange<'a> {
    /// Free text, usually a commit.
    pub reference: Option<&'a str>,
    /// Where people read about it.
    pub url: Option<&'a str>,
    /// `open` or `archived`.
    pub status: Option<&'a str>,
    /// When work on it began.
    pub started_at: Option<Timestamp>,
    /// When it was finalized.
    pub released_at: Option<Timestamp>,
}

/// Whether a release was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existed {
    /// It was made now.
    Created,
    /// It was there.
    Already,
}

/// Makes sure of a release and its projects, and changes what the client named.
///
/// # Errors
/// When the database refuses.
pub async fn upsert(
    pool: &SqlitePool,
    version: &str,
    projects: &[i64],
    change: ReleaseChange<'_>,
    now: Timestamp,
) -> Result<(Release, Existed), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let inserted =
        sqlx::query("INSERT INTO release (version, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(version)
            .bind(now.as_microsecond())
            .execute(&mut *tx)
            .await?;
    let release: Release = sqlx::query_as(
        "UPDATE release SET ref = COALESCE($2, ref), url = COALESCE($3, url), status = COALESCE($4, status),
                started_at = COALESCE($5, started_at), released_at = COALESCE($6, released_at)
         WHERE version = $1 RETURNING *",
    )
    .bind(version)
    .bind(change.reference)
    .bind(change.url)
    .bind(change.status)
    .bind(change.started_at.map(Timestamp::as_microsecond))
    .bind(change.released_at.map(Timestamp::as_microsecond))
    .fetch_one(&mut *tx)
    .await?;
    add_projects(&mut tx, release.id, projects).await?;
    tx.commit().await?;
    let existed = if inserted.rows_affected() == 1 { Existed::Created } else { Existed::Already };
    Ok((release, existed))
}

/// Adds projects to a release.
///
/// # Errors
/// When the database refuses.
pub async fn add_projects(
    connection: &mut SqliteConnection,
    release: i64,
    projects: &[i64],
) -> Result<(), sqlx::Error> {
    for project in projects {
        sqlx::query(
            "INSERT INTO release_project (release_id, project_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(release)
        .bind(project)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Whether events of a release are stored; such a release cannot be deleted.
///
/// # Errors
/// When the database refuses.
pub async fn has_events(pool: &SqlitePool, release: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM event WHERE release_id = $1)")
        .bind(release)
        .fetch_one(pool)
        .await
}

/// Deletes a release with its deploys and its list of commits.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, release: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM release WHERE id = $1").bind(release).execute(pool).await?;
    Ok(())
}
