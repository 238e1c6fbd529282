//! Environments, which come into being with the first event or deploy that names them.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

/// An environment as one project sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Row id.
    pub id: i64,
    /// Name; empty for events that name none.
    pub name: String,
    /// Whether people chose not to see it.
    pub is_hidden: bool,
}

/// Which environments a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Those that are not hidden.
    Visible,
    /// Only the hidden ones.
    Hidden,
    /// All.
    All,
}

/// The environments of the organization (`project` is `None`) or of a project, by name.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    pool: &SqlitePool,
    project: Option<i64>,
    visibility: Visibility,
) -> Result<Vec<Environment>, sqlx::Error> {
    let rows: Vec<(i64, String, bool)> = sqlx::query_as(
        "SELECT environment.id, environment.name, MIN(environment_project.is_hidden) AS hidden
         FROM environment JOIN environment_project ON environment_project.environment_id = environment.id
         WHERE $1 IS NULL OR environment_project.project_id = $1
         GROUP BY environment.id, environment.name
         ORDER BY environment.name",
    )
    .bind(project)
    .fetch_all(pool)
    .await?;
    let shown = |is_hidden: bool| match visibility {
        Visibility::Visible => !is_hidden,
        Visibility::Hidden => is_hidden,
        Visibility::All => true,
    };
    Ok(rows
        .into_iter()
        .filter(|(_, _, is_hidden)| shown(*is_hidden))
        .map(|(id, name, is_hidden)| Environment { id, name, is_hidden })
        .collect())
}

/// The row id of an environment, made if it does not exist, known to these projects from now on.
///
/// # Errors
/// When the database refuses.
pub async fn ensure(
    connection: &mut SqliteConnection,
    name: &str,
    projects: &[i64],
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO environment (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(now.as_microsecond())
        .execute(&mut *connection)
        .await?;
    let id: i64 = sqlx::query_scalar("SELECT id FROM environment WHERE name = $1")
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
    for project in projects {
        sqlx::query(
            "INSERT INTO environment_project (environment_id, project_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(project)
        .execute(&mut *connection)
        .await?;
    }
    Ok(id)
}
