//! Links from issues to items in other systems: at most one per issue and app.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::SqlitePool;

use super::issues_read::id_list;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIssue {
    /// Row id.
    pub id: i64,
    /// Row id of the issue.
    pub issue: i64,
    /// `project#identifier`, HTML-escaped.
    pub display_name: String,
    /// Where the item is.
    pub web_url: String,
    /// Slug of the app that made it: `serviceType`.
    pub app_slug: String,
    /// Name of the app.
    pub app_name: String,
    /// UUID of the app.
    pub app_uuid: String,
}

type Columns = (i64, i64, String, String, String, String, String);

fn from_columns((id, issue, display_name, web_url, app_slug, app_name, app_uuid): Columns) -> ExternalIssue {
    ExternalIssue { id, issue, display_name, web_url, app_slug, app_name, app_uuid }
}

/// The links of these issues, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_issues(
    pool: &SqlitePool,
    issues: &[i64],
) -> Result<HashMap<i64, Vec<ExternalIssue>>, sqlx::Error> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT external_issue.id, external_issue.issue_id, display_name, web_url,
                sentry_app.slug, sentry_app.name, sentry_app.uuid
         FROM json_each($1) AS wanted
         JOIN external_issue ON external_issue.issue_id = wanted.value
         JOIN sentry_app ON sentry_app.id = external_issue.app_id
         ORDER BY external_issue.id",
    )
    .bind(id_list(issues))
    .fetch_all(pool)
    .await?;
    let mut by_issue: HashMap<i64, Vec<ExternalIssue>> = HashMap::new();
    for link in rows.into_iter().map(from_columns) {
        by_issue.entry(link.issue).or_default().push(link);
    }
    Ok(by_issue)
}

/// What to link an issue to.
#[derive(Debug, Clone, Copy)]
pub struct NewLink<'a> {
    /// Row id of the issue.
    pub issue: i64,
    /// Row id of the app.
    pub app: i64,
    /// `project#identifier`, HTML-escaped.
    pub display_name: &'a str,
    /// Where the item is.
    pub web_url: &'a str,
}

/// Links an issue; the app's earlier link on the same issue is replaced and keeps its id.
///
/// # Errors
/// When the database refuses, for example an issue that does not exist.
pub async fn upsert(pool: &SqlitePool, link: NewLink<'_>, now: Timestamp) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO external_issue (issue_id, app_id, display_name, web_url, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (issue_id, app_id) DO UPDATE
             SET display_name = excluded.display_name, web_url = excluded.web_url
         RETURNING id",
    )
    .bind(link.issue)
    .bind(link.app)
    .bind(link.display_name)
    .bind(link.web_url)
    .bind(now.as_microsecond())
    .fetch_one(pool)
    .await
}

/// Whether a link of this app was there and is gone now.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, app: i64, link: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM external_issue WHERE id = $1 AND app_id = $2")
        .bind(link)
        .bind(app)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() > 0)
}
