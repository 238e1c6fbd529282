//! The people and teams that a page of issues names, and those who follow one issue.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{FromRow, Row, SqlitePool};

use super::issues_read::id_list;
use super::people::Member;
use crate::sentry::model::from_micros;

/// The members with these ids.
///
/// # Errors
/// When the database refuses.
pub async fn members(pool: &SqlitePool, ids: &[i64]) -> Result<HashMap<i64, Member>, sqlx::Error> {
    let members: Vec<Member> =
        sqlx::query_as("SELECT member.* FROM member WHERE id IN (SELECT value FROM json_each($1))")
            .bind(id_list(ids))
            .fetch_all(pool)
            .await?;
    Ok(members.into_iter().map(|member| (member.id, member)).collect())
}

/// Slug and name of the teams with these ids.
///
/// # Errors
/// When the database refuses.
pub async fn team_names(
    pool: &SqlitePool,
    ids: &[i64],
) -> Result<HashMap<i64, (String, String)>, sqlx::Error> {
    let teams: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT id, slug, name FROM team WHERE id IN (SELECT value FROM json_each($1))")
            .bind(id_list(ids))
            .fetch_all(pool)
            .await?;
    Ok(teams.into_iter().map(|(id, slug, name)| (id, (slug, name))).collect())
}

/// Row ids of a member's teams.
///
/// # Errors
/// When the database refuses.
pub async fn teams_of(pool: &SqlitePool, member: i64) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT team_id FROM team_member WHERE member_id = $1")
        .bind(member)
        .fetch_all(pool)
        .await
}

/// Everyone who looked at an issue, newest first, with the time.
///
/// # Errors
/// When the database refuses.
pub async fn seen_by(pool: &SqlitePool, issue: i64) -> Result<Vec<(Member, Timestamp)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT member.*, issue_seen_by.seen_at FROM issue_seen_by JOIN member ON member.id = issue_seen_by.member_id
         WHERE issue_seen_by.issue_id = $1 ORDER BY issue_seen_by.seen_at DESC",
    )
    .bind(issue)
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok((Member::from_row(row)?, from_micros(row.try_get("seen_at")?)))).collect()
}

/// Everyone subscribed to an issue.
///
/// # Errors
/// When the database refuses.
pub async fn participants(pool: &SqlitePool, issue: i64) -> Result<Vec<Member>, sqlx::Error> {
    sqlx::query_as(
        "SELECT member.* FROM issue_subscription JOIN member ON member.id = issue_subscription.member_id
         WHERE issue_subscription.issue_id = $1 AND issue_subscription.is_active = 1 ORDER BY member.id",
    )
    .bind(issue)
    .fetch_all(pool)
    .await
}
