//! Merging issues: one of them takes over everything the others have.

use jiff::Timestamp;
use serde_json::json;
use sqlx::{SqliteConnection, SqlitePool};

use super::activity::{self, Actor};
use super::issues_read::id_list;
use crate::sentry::model::ActivityKind;

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The issue that remains.
    pub parent: i64,
    /// Those that went into it.
    pub children: Vec<i64>,
}

/// Why a merge is not possible.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// Fewer than two of the issues exist.
    #[error("A merge needs at least two issues that exist.")]
    TooFew,
    /// They belong to different projects.
    #[error("Issues of different projects cannot be merged.")]
    DifferentProjects,
    /// The database refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Merges issues of one project into the one with the most events.
///
/// # Errors
/// Fewer than two issues, issues of several projects, or a refusing database.
pub async fn merge(
    pool: &SqlitePool,
    issues: &[i64],
    actor: Actor,
    now: Timestamp,
) -> Result<Merged, MergeError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let found: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT id, project_id FROM issue WHERE id IN (SELECT value FROM json_each($1))
         ORDER BY times_seen DESC, id DESC",
    )
    .bind(id_list(issues))
    .fetch_all(&mut *tx)
    .await?;
    let [(parent, project), others @ ..] = found.as_slice() else { return Err(MergeError::TooFew) };
    if others.is_empty() {
        return Err(MergeError::TooFew);
    }
    if others.iter().any(|(_, other)| other != project) {
        return Err(MergeError::DifferentProjects);
    }
    let children: Vec<i64> = others.iter().map(|(id, _)| *id).collect();
    for child in &children {
        absorb(&mut tx, *parent, *child).await?;
    }
    recount(&mut tx, *parent).await?;
    let merged: Vec<_> = children.iter().map(|child| json!({"id": child.to_string()})).collect();
    activity::record(&mut tx, *parent, ActivityKind::Merge, actor, &json!({"issues": merged}), now).await?;
    tx.commit().await?;
    Ok(Merged { parent: *parent, children })
}

/// What moves from the child ($2) to the parent ($1). Counts are added, links of the parent win over the child's.
const MOVES: &[&str] = &[
    "UPDATE event SET issue_id = $1 WHERE issue_id = $2",
    "UPDATE issue_hash SET issue_id = $1 WHERE issue_id = $2",
    "UPDATE user_report SET issue_id = $1 WHERE issue_id = $2",
    "UPDATE activity SET issue_id = $1 WHERE issue_id = $2 AND kind <> 'first_seen'",
    "UPDATE OR IGNORE external_issue SET issue_id = $1 WHERE issue_id = $2",
    "UPDATE OR IGNORE issue_bookmark SET issue_id = $1 WHERE issue_id = $2",
    "UPDATE OR IGNORE issue_subscription SET issue_id = $1 WHERE issue_id = $2",
    "UPDATE OR IGNORE issue_term SET issue_id = $1 WHERE issue_id = $2",
    "INSERT INTO issue_hourly (issue_id, hour, environment_id, events)
     SELECT $1, hour, environment_id, events FROM issue_hourly WHERE issue_id = $2
     ON CONFLICT DO UPDATE SET events = events + excluded.events",
    "INSERT INTO issue_environment (issue_id, environment_id, times_seen, first_seen_at, last_seen_at)
     SELECT $1, environment_id, times_seen, first_seen_at, last_seen_at FROM issue_environment WHERE issue_id = $2
     ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
         first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
         last_seen_at = MAX(last_seen_at, excluded.last_seen_at)",
    "INSERT INTO issue_user (issue_id, environment_id, user_key, times_seen, first_seen_at, last_seen_at)
     SELECT $1, environment_id, user_key, times_seen, first_seen_at, last_seen_at FROM issue_user WHERE issue_id = $2
     ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
         first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
         last_seen_at = MAX(last_seen_at, excluded.last_seen_at)",
    "INSERT INTO issue_release (issue_id, release_id, environment_id, times_seen, first_seen_at, last_seen_at)
     SELECT $1, release_id, environment_id, times_seen, first_seen_at, last_seen_at
     FROM issue_release WHERE issue_id = $2
     ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
         first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
         last_seen_at = MAX(last_seen_at, excluded.last_seen_at)",
    "INSERT INTO issue_tag (issue_id, key, value, times_seen, first_seen_at, last_seen_at)
     SELECT $1, key, value, times_seen, first_seen_at, last_seen_at FROM issue_tag WHERE issue_id = $2
     ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
         first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
         last_seen_at = MAX(last_seen_at, excluded.last_seen_at)",
    "UPDATE issue SET
         first_release_id = CASE WHEN child.first_seen_at < issue.first_seen_at
                                 THEN child.first_release_id ELSE issue.first_release_id END,
         last_release_id = CASE WHEN child.last_seen_at > issue.last_seen_at
                                THEN child.last_release_id ELSE issue.last_release_id END,
         first_seen_at = MIN(issue.first_seen_at, child.first_seen_at),
         last_seen_at = MAX(issue.last_seen_at, child.last_seen_at),
         times_seen = issue.times_seen + child.times_seen
     FROM issue AS child WHERE issue.id = $1 AND child.id = $2",
    "UPDATE issue_redirect SET target_id = $1 WHERE target_id = $2",
    "INSERT OR REPLACE INTO issue_redirect (issue_id, project_id, short_id, target_id)
     SELECT id, project_id, short_id, $1 FROM issue WHERE id = $2",
    "DELETE FROM issue WHERE id = $2 AND id <> $1",
];

async fn absorb(connection: &mut SqliteConnection, parent: i64, child: i64) -> Result<(), sqlx::Error> {
    for sql in MOVES {
        sqlx::query(*sql).bind(parent).bind(child).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Users and notes may be shared between the issues, so they are counted again.
async fn recount(connection: &mut SqliteConnection, parent: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE issue SET
             user_count = (SELECT COUNT(DISTINCT user_key) FROM issue_user WHERE issue_user.issue_id = issue.id),
             num_comments = (SELECT COUNT(*) FROM activity WHERE activity.issue_id = issue.id AND kind = 'note')
         WHERE id = $1",
    )
    .bind(parent)
    .execute(connection)
    .await?;
    Ok(())
}
