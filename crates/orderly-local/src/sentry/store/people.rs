//! Members and teams. A user and its membership of the organization are one row.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use super::projects::Project;
use crate::sentry::model::from_micros;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Row id: user id and member id at once.
    pub id: i64,
    /// Address, unique.
    pub email: String,
    /// Login name.
    pub username: String,
    /// Name for people.
    pub name: String,
    /// `billing`, `member`, `admin`, `manager` or `owner`.
    pub role: String,
    /// When the person joined.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Member {
    fn from_row(row: &SqliteRow) -> Result<Member, sqlx::Error> {
        Ok(Member {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            username: row.try_get("username")?,
            name: row.try_get("name")?,
            role: row.try_get("role")?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Row id.
    pub id: i64,
    /// Slug.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many people are in it.
    pub member_count: i64,
}

impl FromRow<'_, SqliteRow> for Team {
    fn from_row(row: &SqliteRow) -> Result<Team, sqlx::Error> {
        Ok(Team {
            id: row.try_get("id")?,
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            created_at: from_micros(row.try_get("created_at")?),
            member_count: row.try_get("member_count")?,
        })
    }
}

/// Everyone, in order of joining.
///
/// # Errors
/// When the database refuses.
pub async fn members(pool: &SqlitePool) -> Result<Vec<Member>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM member ORDER BY id").fetch_all(pool).await
}

/// The person with this id.
///
/// # Errors
/// When the database refuses.
pub async fn member(pool: &SqlitePool, id: i64) -> Result<Option<Member>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM member WHERE id = $1").bind(id).fetch_optional(pool).await
}

/// The people of a team.
///
/// # Errors
/// When the database refuses.
pub async fn members_of_team(pool: &SqlitePool, team: i64) -> Result<Vec<Member>, sqlx::Error> {
    sqlx::query_as(
        "SELECT member.* FROM member JOIN team_member ON team_member.member_id = member.id
         WHERE team_member.team_id = $1 ORDER BY member.id",
    )
    .bind(team)
    .fetch_all(pool)
    .await
}

/// The people of the teams that own a project.
///
/// # Errors
/// When the database refuses.
pub async fn members_of_project(pool: &SqlitePool, project: i64) -> Result<Vec<Member>, sqlx::Error> {
    sqlx::query_as(
        "SELECT DISTINCT member.* FROM member
         JOIN team_member ON team_member.member_id = member.id
         JOIN team_project ON team_project.team_id = team_member.team_id
         WHERE team_project.project_id = $1 ORDER BY member.id",
    )
    .bind(project)
    .fetch_all(pool)
    .await
}

/// A person to add.
#[derive(Clone, Copy, Debug)]
pub struct NewMember<'a> {
    /// Address, not yet taken.
    pub email: &'a str,
    /// `billing`, `member`, `admin`, `manager` or `owner`.
    pub role: &'a str,
    /// Row ids of the teams to join.
    pub teams: &'a [i64],
}

/// Adds a person. `None` when there is one with this address.
///
/// # Errors
/// When the database refuses, for example a team that does not exist.
pub async fn add_member(
    pool: &SqlitePool,
    person: NewMember<'_>,
    now: Timestamp,
) -> Result<Option<Member>, sqlx::Error> {
    let name = person.email.split('@').next().unwrap_or(person.email);
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let member: Option<Member> = sqlx::query_as(
        "INSERT INTO member (email, username, name, role, created_at) VALUES ($1, $1, $2, $3, $4)
         ON CONFLICT (email) DO NOTHING RETURNING *",
    )
    .bind(person.email)
    .bind(name)
    .bind(person.role)
    .bind(now.as_microsecond())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(member) = member else { return Ok(None) };
    for team in person.teams {
        sqlx::query("INSERT INTO team_member (team_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(team)
            .bind(member.id)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(Some(member))
}

/// Every team, by slug.
///
/// # Errors
/// When the database refuses.
pub async fn teams(pool: &SqlitePool) -> Result<Vec<Team>, sqlx::Error> {
    sqlx::query_as(
        "SELECT team.*, (SELECT COUNT(*) FROM team_member WHERE team_id = team.id) AS member_count
         FROM team ORDER BY slug",
    )
    .fetch_all(pool)
    .await
}

/// The team with this slug or id.
///
/// # Errors
/// When the database refuses.
pub async fn team(pool: &SqlitePool, slug_or_id: &str) -> Result<Option<Team>, sqlx::Error> {
    let teams = teams(pool).await?;
    Ok(teams.into_iter().find(|team| team.slug == slug_or_id || team.id.to_string() == slug_or_id))
}

/// Which team owns which project, as pairs of row ids (team, project).
///
/// # Errors
/// When the database refuses.
pub async fn team_projects(pool: &SqlitePool) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT team_id, project_id FROM team_project ORDER BY team_id, project_id")
        .fetch_all(pool)
        .await
}

/// Which member is in which team, as pairs of row ids (team, member).
///
/// # Errors
/// When the database refuses.
pub async fn team_members(pool: &SqlitePool) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT team_id, member_id FROM team_member ORDER BY team_id, member_id")
        .fetch_all(pool)
        .await
}

/// The projects of a team, by slug.
///
/// # Errors
/// When the database refuses.
pub async fn projects_of_team(pool: &SqlitePool, team: i64) -> Result<Vec<Project>, sqlx::Error> {
    sqlx::query_as(
        "SELECT project.* FROM project JOIN team_project ON team_project.project_id = project.id
         WHERE team_project.team_id = $1 ORDER BY project.slug",
    )
    .bind(team)
    .fetch_all(pool)
    .await
}

/// Creates a team with its first member. `None` when the slug is taken.
///
/// # Errors
/// When the database refuses.
pub async fn create_team(
    pool: &SqlitePool,
    slug: &str,
    name: &str,
    first_member: Option<i64>,
    now: Timestamp,
) -> Result<Option<Team>, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let created: Option<Team> = sqlx::query_as(
        "INSERT INTO team (slug, name, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING *, 0 AS member_count",
    )
    .bind(slug)
    .bind(name)
    .bind(now.as_microsecond())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(mut team) = created else { return Ok(None) };
    if let Some(member) = first_member {
        sqlx::query("INSERT INTO team_member (team_id, member_id) VALUES ($1, $2)")
            .bind(team.id)
            .bind(member)
            .execute(&mut *tx)
            .await?;
        team.member_count = 1;
    }
    tx.commit().await?;
    Ok(Some(team))
}

/// Gives a project to a team.
///
/// # Errors
/// When the database refuses.
pub async fn give_project(pool: &SqlitePool, team: i64, project: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO team_project (team_id, project_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(team)
        .bind(project)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes a project from a team.
///
/// # Errors
/// When the database refuses.
pub async fn take_project(pool: &SqlitePool, team: i64, project: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM team_project WHERE team_id = $1 AND project_id = $2")
        .bind(team)
        .bind(project)
        .execute(pool)
        .await?;
    Ok(())
}
