//! Environments and releases that events name: made when they are first seen.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{environments, releases};
use crate::sentry::model::from_micros;
use crate::sentry::states::regression::ReleaseRef;

/// A release that an event names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRelease {
    /// Row id.
    pub id: i64,
    /// Its name and the date it is ordered by.
    pub release: ReleaseRef,
}

/// The row id of an environment of the project, made if it is new.
///
/// # Errors
/// When the database refuses.
pub async fn environment(
    connection: &mut SqliteConnection,
    name: &str,
    project: i64,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    environments::ensure(connection, name, &[project], now).await
}

/// A release of the project. A new one counts as added when its first event happened, which for a replayed day lies
/// in the past.
///
/// # Errors
/// When the database refuses.
pub async fn release(
    connection: &mut SqliteConnection,
    version: &str,
    project: i64,
    occurred: Timestamp,
) -> Result<SeenRelease, sqlx::Error> {
    sqlx::query("INSERT INTO release (version, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(version)
        .bind(occurred.as_microsecond())
        .execute(&mut *connection)
        .await?;
    let (id, date): (i64, i64) =
        sqlx::query_as("SELECT id, COALESCE(released_at, created_at) FROM release WHERE version = $1")
            .bind(version)
            .fetch_one(&mut *connection)
            .await?;
    releases::add_projects(connection, id, &[project]).await?;
    let release = ReleaseRef { version: version.to_owned(), date: from_micros(date) };
    Ok(SeenRelease { id, release })
}

/// Counts an issue that was opened by an event of this release.
///
/// # Errors
/// When the database refuses.
pub async fn new_issue_in_release(
    connection: &mut SqliteConnection,
    release: i64,
    project: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE release_project SET new_groups = new_groups + 1 WHERE release_id = $1 AND project_id = $2",
    )
    .bind(release)
    .bind(project)
    .execute(connection)
    .await?;
    Ok(())
}
