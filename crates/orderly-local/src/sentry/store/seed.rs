//! What a fresh database starts with: the organization, its projects with keys, three people, one team, the token
//! that the server prints, and the app through which issues are linked to a tracker.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::projects::{self, NewProject};
use super::tokens;
use crate::error::LocalError;

/// What to make sure of.
#[derive(Debug, Clone, Copy)]
pub struct Seed<'a> {
    /// Slug of the organization.
    pub org: &'a str,
    /// Slugs of the projects.
    pub projects: &'a [String],
}

/// What the ready line needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeded {
    /// The token with every scope.
    pub token: String,
    /// All projects of the organization, oldest first.
    pub projects: Vec<SeededProject>,
}

/// A project and its first active key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeededProject {
    /// Row id, the number in the DSN.
    pub id: i64,
    /// Slug.
    pub slug: String,
    /// Public key of the DSN; `None` when every key of the project is disabled.
    pub public_key: Option<String>,
}

/// Creates what is missing and leaves what is there, so that ids, keys and tokens survive a restart.
///
/// # Errors
/// When the database refuses, or holds another organization.
pub async fn ensure(pool: &SqlitePool, seed: Seed<'_>, now: Timestamp) -> Result<Seeded, LocalError> {
    let known: Option<String> = sqlx::query_scalar("SELECT slug FROM org LIMIT 1")
        .fetch_optional(pool)
        .await
        .map_err(LocalError::database("read the organization"))?;
    if known.as_deref().is_some_and(|slug| slug != seed.org) {
        return Err(LocalError::Config {
            what: "organization",
            value: seed.org.to_owned(),
            why: "this data directory belongs to another organization; use its name or another directory",
        });
    }
    fill(pool, seed, now).await.map_err(LocalError::database("write the initial data"))
}

async fn fill(pool: &SqlitePool, seed: Seed<'_>, now: Timestamp) -> Result<Seeded, sqlx::Error> {
    let at = now.as_microsecond();
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO org (slug, name, created_at) VALUES ($1, $1, $2) ON CONFLICT DO NOTHING")
        .bind(seed.org)
        .bind(at)
        .execute(&mut *tx)
        .await?;
    let fresh = sqlx::query(
        "INSERT INTO member (email, username, name, role, created_at)
         SELECT 'owner@localhost', 'owner', 'Owner', 'owner', $1 WHERE NOT EXISTS (SELECT 1 FROM member)",
    )
    .bind(at)
    .execute(&mut *tx)
    .await?;
    if fresh.rows_affected() > 0 {
        first_team_and_app(&mut tx, at).await?;
    }
    let owner: i64 = sqlx::query_scalar("SELECT id FROM member ORDER BY role = 'owner' DESC, id LIMIT 1")
        .fetch_one(&mut *tx)
        .await?;
    let team: Option<i64> =
        sqlx::query_scalar("SELECT id FROM team ORDER BY id LIMIT 1").fetch_optional(&mut *tx).await?;
    tx.commit().await?;
    for slug in seed.projects {
        // A project that is there already stays as it is.
        projects::create(pool, NewProject { slug, name: slug, platform: None, team }, now).await?;
    }
    let projects = all_projects(pool).await?;
    let fresh_secret = format!("sntryu_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let token = tokens::printed(pool, owner, &fresh_secret, now).await?;
    Ok(Seeded { token, projects })
}

async fn first_team_and_app(tx: &mut SqliteConnection, at: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO team (slug, name, created_at) VALUES ('platform', 'Platform', $1)")
        .bind(at)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO member (email, username, name, role, created_at)
         VALUES ('mina@localhost', 'mina', 'Mina Okafor', 'admin', $1),
                ('tom@localhost', 'tom', 'Tom Reyes', 'member', $1)",
    )
    .bind(at)
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT INTO team_member (team_id, member_id) SELECT team.id, member.id FROM team, member")
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO sentry_app (uuid, slug, name, created_at) VALUES ($1, 'orderly', 'Orderly', $2)",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(at)
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT INTO installation (uuid, app_id, created_at) SELECT $1, id, $2 FROM sentry_app")
        .bind(Uuid::new_v4().to_string())
        .bind(at)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

async fn all_projects(pool: &SqlitePool) -> Result<Vec<SeededProject>, sqlx::Error> {
    let rows: Vec<(i64, String, Option<String>)> = sqlx::query_as(
        "SELECT id, slug, (SELECT public_key FROM project_key
                           WHERE project_id = project.id AND is_active = 1 ORDER BY id LIMIT 1)
         FROM project ORDER BY id",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(id, slug, public_key)| SeededProject { id, slug, public_key }).collect())
}
