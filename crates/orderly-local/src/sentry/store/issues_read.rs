//! Reading issues: which ones a search finds, and everything about a page of them in a fixed number of queries.

use std::collections::HashMap;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, SqlitePool};

pub use super::issue_rows::Issue;
use super::releases::Release;
use crate::sentry::search::{Bind, Fragment};

/// Row ids as the JSON array that the queries here unfold.
pub(super) fn id_list(ids: &[i64]) -> String {
    let texts: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", texts.join(","))
}

/// The issues with these ids, in this order; ids that do not exist are left out. `viewer` is the reading member.
///
/// # Errors
/// When the database refuses or holds a state that does not exist.
pub async fn load(pool: &SqlitePool, ids: &[i64], viewer: Option<i64>) -> Result<Vec<Issue>, sqlx::Error> {
    sqlx::query_as(
        "SELECT issue.*,
                project.slug AS project_slug, project.name AS project_name, project.platform AS project_platform,
                assignment.member_id AS assigned_member, assignment.team_id AS assigned_team,
                resolution.kind AS resolution_kind, release.version AS resolution_version,
                vcs_commit.sha AS resolution_commit, repo.name AS resolution_repository,
                resolution.actor_id AS resolution_actor,
                snooze.issue_id AS snooze_issue, snooze.until_at AS snooze_until,
                snooze.event_count AS snooze_event_count, snooze.event_window AS snooze_event_window,
                snooze.user_count AS snooze_user_count, snooze.user_window AS snooze_user_window,
                snooze.actor_id AS snooze_actor,
                COALESCE(issue_seen_by.seen_at >= issue.last_seen_at, 0) AS viewer_has_seen,
                issue_bookmark.member_id IS NOT NULL AS viewer_bookmarked,
                issue_subscription.is_active AS viewer_subscription
         FROM json_each($1) AS wanted
         JOIN issue ON issue.id = wanted.value
         JOIN project ON project.id = issue.project_id
         LEFT JOIN assignment ON assignment.issue_id = issue.id
         LEFT JOIN resolution ON resolution.issue_id = issue.id
         LEFT JOIN release ON release.id = resolution.release_id
         LEFT JOIN vcs_commit ON vcs_commit.id = resolution.commit_id
         LEFT JOIN repo ON repo.id = vcs_commit.repo_id
         LEFT JOIN snooze ON snooze.issue_id = issue.id
         LEFT JOIN issue_seen_by ON issue_seen_by.issue_id = issue.id AND issue_seen_by.member_id = $2
         LEFT JOIN issue_bookmark ON issue_bookmark.issue_id = issue.id AND issue_bookmark.member_id = $2
         LEFT JOIN issue_subscription
                ON issue_subscription.issue_id = issue.id AND issue_subscription.member_id = $2
         ORDER BY wanted.key",
    )
    .bind(id_list(ids))
    .bind(viewer)
    .fetch_all(pool)
    .await
}

/// The issue with this id, following merges.
///
/// # Errors
/// When the database refuses.
pub async fn by_id(pool: &SqlitePool, id: i64) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM issue WHERE id = $1 UNION ALL SELECT target_id FROM issue_redirect WHERE issue_id = $1 LIMIT 1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await
}

/// The issue with this short id, following merges. `project` is a lower-case slug.
///
/// # Errors
/// When the database refuses.
pub async fn by_short_id(pool: &SqlitePool, project: &str, counter: i64) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT issue.id FROM issue JOIN project ON project.id = issue.project_id
         WHERE lower(project.slug) = $1 AND issue.short_id = $2
         UNION ALL
         SELECT issue_redirect.target_id FROM issue_redirect JOIN project ON project.id = issue_redirect.project_id
         WHERE lower(project.slug) = $1 AND issue_redirect.short_id = $2
         LIMIT 1",
    )
    .bind(project)
    .bind(counter)
    .fetch_optional(pool)
    .await
}

/// The ids of the issues for which `condition` holds, in the given order (`ORDER BY` without the words).
///
/// # Errors
/// When the database refuses.
pub async fn search(
    pool: &SqlitePool,
    condition: &Fragment,
    order: &Fragment,
    limit: i64,
    offset: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    let statement = Fragment::new("SELECT issue.id FROM issue WHERE ")
        .then(condition.clone())
        .sql(" ORDER BY ")
        .then(order.clone())
        .sql(" LIMIT ")
        .int(limit)
        .sql(" OFFSET ")
        .int(offset);
    let arguments = arguments(&statement)?;
    sqlx::query_scalar_with(AssertSqlSafe(statement.as_sql().to_owned()), arguments).fetch_all(pool).await
}

/// For how many issues `condition` holds, counting no further than `most`.
///
/// # Errors
/// When the database refuses.
pub async fn count(pool: &SqlitePool, condition: &Fragment, most: i64) -> Result<u64, sqlx::Error> {
    let statement = Fragment::new("SELECT COUNT(*) FROM (SELECT 1 FROM issue WHERE ")
        .then(condition.clone())
        .sql(" LIMIT ")
        .int(most)
        .sql(")");
    let arguments = arguments(&statement)?;
    let found: i64 = sqlx::query_scalar_with(AssertSqlSafe(statement.as_sql().to_owned()), arguments)
        .fetch_one(pool)
        .await?;
    Ok(u64::try_from(found).unwrap_or(0))
}

pub(super) fn arguments(statement: &Fragment) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for bind in statement.binds() {
        match bind {
            Bind::Int(value) => arguments.add(*value),
            Bind::Text(value) => arguments.add(value.clone()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The issues whose newest event came with an attachment, out of these.
///
/// # Errors
/// When the database refuses.
pub async fn with_attachments(pool: &SqlitePool, ids: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT wanted.value FROM json_each($1) AS wanted
         WHERE (SELECT event.has_attachment FROM event WHERE event.issue_id = wanted.value
                ORDER BY event.occurred_at DESC, event.id DESC LIMIT 1) = 1",
    )
    .bind(id_list(ids))
    .fetch_all(pool)
    .await
}

/// Grouping hashes of an issue with the newest event of each.
///
/// # Errors
/// When the database refuses.
pub async fn hashes(pool: &SqlitePool, issue: i64) -> Result<Vec<(String, Option<String>)>, sqlx::Error> {
    sqlx::query_as("SELECT hash, last_event_id FROM issue_hash WHERE issue_id = $1 ORDER BY hash")
        .bind(issue)
        .fetch_all(pool)
        .await
}

/// The row ids of the newest releases, one for each of the projects (of all when there are none given).
///
/// # Errors
/// When the database refuses.
pub async fn latest_releases(pool: &SqlitePool, projects: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT (SELECT release.id FROM release JOIN release_project ON release_project.release_id = release.id
                 WHERE release_project.project_id = project.id AND release.status = 'open'
                 ORDER BY COALESCE(release.released_at, release.created_at) DESC, release.id DESC LIMIT 1) AS newest
         FROM project
         WHERE newest IS NOT NULL
           AND (json_array_length($1) = 0 OR project.id IN (SELECT value FROM json_each($1)))",
    )
    .bind(id_list(projects))
    .fetch_all(pool)
    .await
}

/// The releases with these ids.
///
/// # Errors
/// When the database refuses.
pub async fn releases(pool: &SqlitePool, ids: &[i64]) -> Result<HashMap<i64, Release>, sqlx::Error> {
    let releases: Vec<Release> =
        sqlx::query_as("SELECT release.* FROM release WHERE id IN (SELECT value FROM json_each($1))")
            .bind(id_list(ids))
            .fetch_all(pool)
            .await?;
    Ok(releases.into_iter().map(|release| (release.id, release)).collect())
}
