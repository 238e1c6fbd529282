//! Which repository the files of a project are in.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};

use crate::sentry::code_mapping::Roots;

/// A code mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeMapping {
    /// Row id.
    pub id: i64,
    /// Row id and slug of the project.
    pub project: (i64, String),
    /// Row id, name and address of the repository.
    pub repository: (i64, String, Option<String>),
    /// `integrations:github`, or `unknown`.
    pub provider: (String, String),
    /// What is replaced by what.
    pub roots: Roots,
    /// The branch that pages are shown of.
    pub default_branch: String,
}

impl FromRow<'_, SqliteRow> for CodeMapping {
    fn from_row(row: &SqliteRow) -> Result<CodeMapping, sqlx::Error> {
        Ok(CodeMapping {
            id: row.try_get("id")?,
            project: (row.try_get("project_id")?, row.try_get("project_slug")?),
            repository: (row.try_get("repo_id")?, row.try_get("repo_name")?, row.try_get("repo_url")?),
            provider: (row.try_get("provider_id")?, row.try_get("provider_name")?),
            roots: Roots { stack_root: row.try_get("stack_root")?, source_root: row.try_get("source_root")? },
            default_branch: row.try_get("default_branch")?,
        })
    }
}

/// What became of a mapping that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is new.
    Created,
    /// It was there; its repository and branch are those now.
    Updated,
}

/// All mappings, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &SqlitePool) -> Result<Vec<CodeMapping>, sqlx::Error> {
    sqlx::query_as(
        "SELECT code_mapping.id, code_mapping.project_id, project.slug AS project_slug, code_mapping.repo_id,
                repo.name AS repo_name, repo.url AS repo_url, repo.provider_id, repo.provider_name,
                code_mapping.stack_root, code_mapping.source_root, code_mapping.default_branch
         FROM code_mapping JOIN project ON project.id = code_mapping.project_id
         JOIN repo ON repo.id = code_mapping.repo_id ORDER BY code_mapping.id",
    )
    .fetch_all(pool)
    .await
}

/// Sets the mapping of a project with these roots.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    pool: &SqlitePool,
    project: i64,
    repository: i64,
    roots: &Roots,
    default_branch: &str,
    now: Timestamp,
) -> Result<Saved, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let updated = sqlx::query(
        "UPDATE code_mapping SET repo_id = $4, default_branch = $5
         WHERE project_id = $1 AND stack_root = $2 AND source_root = $3",
    )
    .bind(project)
    .bind(&roots.stack_root)
    .bind(&roots.source_root)
    .bind(repository)
    .bind(default_branch)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if updated == 0 {
        sqlx::query(
            "INSERT INTO code_mapping (project_id, stack_root, source_root, repo_id, default_branch, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(project)
        .bind(&roots.stack_root)
        .bind(&roots.source_root)
        .bind(repository)
        .bind(default_branch)
        .bind(now.as_microsecond())
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(if updated == 0 { Saved::Created } else { Saved::Updated })
}

/// Deletes the mapping with this row id; `false` if there was none.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, id: i64) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM code_mapping WHERE id = $1").bind(id).execute(pool).await?;
    Ok(deleted.rows_affected() > 0)
}
