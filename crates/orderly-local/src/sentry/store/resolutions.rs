//! How resolved issues were resolved, read for the judgement of an event.

use sqlx::{Row, SqliteConnection};

use crate::sentry::model::{ResolutionKind, from_micros};
use crate::sentry::releases_order::follows_semver;
use crate::sentry::states::regression::{Ordering, ReleaseRef, Resolution};

/// The resolution of a resolved issue.
///
/// # Errors
/// When the database refuses.
pub async fn of_issue(connection: &mut SqliteConnection, issue: i64) -> Result<Resolution, sqlx::Error> {
    let row = sqlx::query(
        "SELECT kind, release_id, current_release_version, commit_id FROM resolution WHERE issue_id = $1",
    )
    .bind(issue)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(Resolution::Plain) };
    let release: Option<i64> = row.try_get("release_id")?;
    let resolution = match row.try_get("kind")? {
        ResolutionKind::InNextRelease => {
            let named: Option<String> = row.try_get("current_release_version")?;
            let current = match named {
                Some(version) => release_named(connection, &version).await?,
                None => None,
            };
            let current = match (current, release) {
                (None, Some(release)) => release_by_id(connection, release).await?,
                (current, _) => current,
            };
            Resolution::InNextRelease { current }
        }
        ResolutionKind::InRelease => match release {
            Some(release) => {
                release_by_id(connection, release).await?.map_or(Resolution::Plain, Resolution::InRelease)
            }
            None => Resolution::Plain,
        },
        ResolutionKind::InCommit => {
            let commit: Option<i64> = row.try_get("commit_id")?;
            let carrier = first_release_with(connection, commit).await?;
            carrier.map_or(Resolution::PendingCommit, Resolution::InRelease)
        }
    };
    Ok(resolution)
}

/// Whether the project compares its releases as versions when `release` is judged.
///
/// # Errors
/// When the database refuses.
pub async fn ordering(
    connection: &mut SqliteConnection,
    project: i64,
    release: &str,
) -> Result<Ordering, sqlx::Error> {
    let newest: Vec<String> = sqlx::query_scalar(
        "SELECT release.version FROM release JOIN release_project ON release_project.release_id = release.id
         WHERE release_project.project_id = $1 AND release.status = 'open'
         ORDER BY release.created_at DESC, release.id DESC LIMIT 10",
    )
    .bind(project)
    .fetch_all(connection)
    .await?;
    let newest: Vec<&str> = newest.iter().map(String::as_str).collect();
    Ok(if follows_semver(&newest, Some(release)) { Ordering::Semver } else { Ordering::Date })
}

/// A release with the date it is ordered by.
///
/// # Errors
/// When the database refuses.
pub async fn release_by_id(
    connection: &mut SqliteConnection,
    id: i64,
) -> Result<Option<ReleaseRef>, sqlx::Error> {
    let row: Option<(String, i64)> =
        sqlx::query_as("SELECT version, COALESCE(released_at, created_at) FROM release WHERE id = $1")
            .bind(id)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(into_release))
}

async fn release_named(
    connection: &mut SqliteConnection,
    version: &str,
) -> Result<Option<ReleaseRef>, sqlx::Error> {
    let row: Option<(String, i64)> =
        sqlx::query_as("SELECT version, COALESCE(released_at, created_at) FROM release WHERE version = $1")
            .bind(version)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(into_release))
}

async fn first_release_with(
    connection: &mut SqliteConnection,
    commit: Option<i64>,
) -> Result<Option<ReleaseRef>, sqlx::Error> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "SELECT version, COALESCE(released_at, created_at) AS date FROM release
         JOIN release_commit ON release_commit.release_id = release.id
         WHERE release_commit.commit_id = $1 ORDER BY date, release.id LIMIT 1",
    )
    .bind(commit)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(into_release))
}

fn into_release((version, date): (String, i64)) -> ReleaseRef {
    ReleaseRef { version, date: from_micros(date) }
}
