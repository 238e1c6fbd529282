//! Which issue a grouping hash belongs to.

use sqlx::SqliteConnection;

use crate::sentry::grouping::hashes::Hashes;

/// What a project knows of an event's hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Nothing: the event opens an issue.
    Unknown,
    /// The issue with this row id.
    Issue(i64),
    /// A person discarded the group: its events are dropped.
    Discarded,
}

/// Looks the hashes up. The app hash decides over the system hash.
///
/// # Errors
/// When the database refuses.
pub async fn find(
    connection: &mut SqliteConnection,
    project: i64,
    hashes: &Hashes,
) -> Result<Group, sqlx::Error> {
    let known: Option<Option<i64>> = sqlx::query_scalar(
        "SELECT issue_id FROM issue_hash WHERE project_id = $1 AND hash IN ($2, $3) ORDER BY hash = $2 DESC LIMIT 1",
    )
    .bind(project)
    .bind(&hashes.app)
    .bind(hashes.system.as_deref())
    .fetch_optional(connection)
    .await?;
    Ok(match known {
        None => Group::Unknown,
        Some(None) => Group::Discarded,
        Some(Some(issue)) => Group::Issue(issue),
    })
}

/// Makes an issue known by these hashes, too; hashes of other issues stay theirs.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    connection: &mut SqliteConnection,
    project: i64,
    issue: i64,
    hashes: &Hashes,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO issue_hash (project_id, hash, issue_id)
         SELECT $1, column1, $4 FROM (VALUES ($2), ($3)) WHERE column1 IS NOT NULL ON CONFLICT DO NOTHING",
    )
    .bind(project)
    .bind(&hashes.app)
    .bind(hashes.system.as_deref())
    .bind(issue)
    .execute(connection)
    .await?;
    Ok(())
}
