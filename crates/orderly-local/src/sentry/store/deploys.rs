//! Deploys of releases to environments.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use super::{environments, releases};
use crate::sentry::model::from_micros;

/// A deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Row id.
    pub id: i64,
    /// Name of the environment.
    pub environment: String,
    /// Name for people.
    pub name: Option<String>,
    /// Where people read about it.
    pub url: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub finished_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Deploy {
    fn from_row(row: &SqliteRow) -> Result<Deploy, sqlx::Error> {
        Ok(Deploy {
            id: row.try_get("id")?,
            environment: row.try_get("environment")?,
            name: row.try_get("name")?,
            url: row.try_get("url")?,
            started_at: row.try_get::<Option<i64>, _>("started_at")?.map(from_micros),
            finished_at: from_micros(row.try_get("finished_at")?),
        })
    }
}

/// A deploy that a client reports.
#[derive(Clone, Copy, Debug)]
pub struct NewDeploy<'a> {
    /// Name of the environment; made if it does not exist.
    pub environment: &'a str,
    /// Name for people.
    pub name: Option<&'a str>,
    /// Where people read about it.
    pub url: Option<&'a str>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub finished_at: Timestamp,
    /// Row ids of the projects it covers.
    pub projects: &'a [i64],
}

/// The deploys of a release, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_release(pool: &SqlitePool, release: i64) -> Result<Vec<Deploy>, sqlx::Error> {
    sqlx::query_as(
        "SELECT deploy.*, environment.name AS environment FROM deploy
         JOIN environment ON environment.id = deploy.environment_id
         WHERE deploy.release_id = $1 ORDER BY deploy.finished_at DESC, deploy.id DESC",
    )
    .bind(release)
    .fetch_all(pool)
    .await
}

/// Records a deploy of a release.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    pool: &SqlitePool,
    release: i64,
    deploy: NewDeploy<'_>,
    now: Timestamp,
) -> Result<Deploy, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let environment = environments::ensure(&mut tx, deploy.environment, deploy.projects, now).await?;
    releases::add_projects(&mut tx, release, deploy.projects).await?;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO deploy (release_id, environment_id, name, url, started_at, finished_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(release)
    .bind(environment)
    .bind(deploy.name)
    .bind(deploy.url)
    .bind(deploy.started_at.map(Timestamp::as_microsecond))
    .bind(deploy.finished_at.as_microsecond())
    .fetch_one(&mut *tx)
    .await?;
    for project in deploy.projects {
        sqlx::query(
            "INSERT INTO deploy_project (deploy_id, project_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(project)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(Deploy {
        id,
        environment: deploy.environment.to_owned(),
        name: deploy.name.map(str::to_owned),
        url: deploy.url.map(str::to_owned),
        started_at: deploy.started_at,
        finished_at: deploy.finished_at,
    })
}
