//! Ownership rules of a project, as the text that people wrote.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use crate::sentry::model::from_micros;

/// A project's ownership settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The rules, one per line.
    pub raw: String,
    /// Whether everyone owns what no rule matches.
    pub fallthrough: bool,
    /// Whether the rules apply.
    pub is_active: bool,
    /// The text of the settings page, such as `Auto Assign to Issue Owner`.
    pub auto_assignment: String,
    /// Whether a CODEOWNERS file is kept in step.
    pub codeowners_auto_sync: bool,
    /// When rules were first written; `None` as long as there are none.
    pub created_at: Option<Timestamp>,
    /// When they were last written.
    pub updated_at: Option<Timestamp>,
}

impl Ownership {
    /// What a project has that never wrote rules.
    pub fn unwritten() -> Ownership {
        Ownership {
            raw: String::new(),
            fallthrough: true,
            is_active: true,
            auto_assignment: "Auto Assign to Issue Owner".to_owned(),
            codeowners_auto_sync: true,
            created_at: None,
            updated_at: None,
        }
    }
}

impl FromRow<'_, SqliteRow> for Ownership {
    fn from_row(row: &SqliteRow) -> Result<Ownership, sqlx::Error> {
        Ok(Ownership {
            raw: row.try_get("raw")?,
            fallthrough: row.try_get("fallthrough")?,
            is_active: row.try_get("is_active")?,
            auto_assignment: row.try_get("auto_assignment")?,
            codeowners_auto_sync: row.try_get("codeowners_auto_sync")?,
            created_at: Some(from_micros(row.try_get("created_at")?)),
            updated_at: Some(from_micros(row.try_get("updated_at")?)),
        })
    }
}

/// The settings of a project.
///
/// # Errors
/// When the database refuses.
pub async fn of_project(pool: &SqlitePool, project: i64) -> Result<Ownership, sqlx::Error> {
    let row = sqlx::query_as("SELECT * FROM ownership WHERE project_id = $1")
        .bind(project)
        .fetch_optional(pool)
        .await?;
    Ok(row.unwrap_or_else(Ownership::unwritten))
}

/// Replaces the settings of a project.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    pool: &SqlitePool,
    project: i64,
    ownership: &Ownership,
    now: Timestamp,
) -> Result<Ownership, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO ownership (project_id, raw, fallthrough, is_active, auto_assignment,
                                codeowners_auto_sync, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT (project_id) DO UPDATE SET raw = excluded.raw, fallthrough = excluded.fallthrough,
             is_active = excluded.is_active, auto_assignment = excluded.auto_assignment,
             codeowners_auto_sync = excluded.codeowners_auto_sync, updated_at = excluded.updated_at
         RETURNING *",
    )
    .bind(project)
    .bind(&ownership.raw)
    .bind(ownership.fallthrough)
    .bind(ownership.is_active)
    .bind(&ownership.auto_assignment)
    .bind(ownership.codeowners_auto_sync)
    .bind(now.as_microsecond())
    .fetch_one(pool)
    .await
}
