//! Sessions and outcomes, hour by hour, as release health and usage statistics read them.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row, SqlitePool};

use super::issues_read::arguments;
use crate::sentry::search::Fragment;

/// The sessions of one hour, project, release and environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionHour {
    /// First second of the hour, since 1970.
    pub hour: i64,
    /// Row id of the project.
    pub project: i64,
    /// Version of the release.
    pub release: String,
    /// Name of the environment.
    pub environment: String,
    /// Sessions that started.
    pub started: i64,
    /// Sessions with an error that they survived.
    pub errored: i64,
    /// Sessions that crashed.
    pub crashed: i64,
    /// Sessions that were cut off.
    pub abnormal: i64,
}

impl FromRow<'_, SqliteRow> for SessionHour {
    fn from_row(row: &SqliteRow) -> Result<SessionHour, sqlx::Error> {
        Ok(SessionHour {
            hour: row.try_get("hour")?,
            project: row.try_get("project")?,
            release: row.try_get("release")?,
            environment: row.try_get("environment")?,
            started: row.try_get("started")?,
            errored: row.try_get("errored")?,
            crashed: row.try_get("crashed")?,
            abnormal: row.try_get("abnormal")?,
        })
    }
}

/// A user of one hour, project, release and environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUser {
    /// First second of the hour, since 1970.
    pub hour: i64,
    /// Row id of the project.
    pub project: i64,
    /// Version of the release.
    pub release: String,
    /// Name of the environment.
    pub environment: String,
    /// Who.
    pub user: String,
    /// Whether a session had an error that it survived.
    pub errored: bool,
    /// Whether a session crashed.
    pub crashed: bool,
    /// Whether a session was cut off.
    pub abnormal: bool,
}

impl FromRow<'_, SqliteRow> for SessionUser {
    fn from_row(row: &SqliteRow) -> Result<SessionUser, sqlx::Error> {
        Ok(SessionUser {
            hour: row.try_get("hour")?,
            project: row.try_get("project")?,
            release: row.try_get("release")?,
            environment: row.try_get("environment")?,
            user: row.try_get("user")?,
            errored: row.try_get("errored")?,
            crashed: row.try_get("crashed")?,
            abnormal: row.try_get("abnormal")?,
        })
    }
}

/// The session hours for which `condition` holds. The table is called `session`.
///
/// # Errors
/// When the database refuses.
pub async fn sessions(pool: &SqlitePool, condition: &Fragment) -> Result<Vec<SessionHour>, sqlx::Error> {
    let statement = Fragment::new(
        "SELECT session.hour, session.project_id AS project, release.version AS release, environment.name AS environment,
                started, errored, crashed, abnormal
         FROM session_hourly AS session JOIN release ON release.id = session.release_id
         JOIN environment ON environment.id = session.environment_id WHERE ",
    )
    .then(condition.clone());
    let arguments = arguments(&statement)?;
    sqlx::query_as_with(AssertSqlSafe(statement.as_sql().to_owned()), arguments).fetch_all(pool).await
}

/// The users of the session hours for which `condition` holds. The table is called `session`.
///
/// # Errors
/// When the database refuses.
pub async fn users(pool: &SqlitePool, condition: &Fragment) -> Result<Vec<SessionUser>, sqlx::Error> {
    let statement = Fragment::new(
        "SELECT session.hour, session.project_id AS project, release.version AS release, environment.name AS environment,
                session.user_key AS user, errored, crashed, abnormal
         FROM session_user AS session JOIN release ON release.id = session.release_id
         JOIN environment ON environment.id = session.environment_id WHERE ",
    )
    .then(condition.clone());
    let arguments = arguments(&statement)?;
    sqlx::query_as_with(AssertSqlSafe(statement.as_sql().to_owned()), arguments).fetch_all(pool).await
}

/// What became of things of one category in one hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeHour {
    /// First second of the hour, since 1970.
    pub hour: i64,
    /// Row id of the project.
    pub project: i64,
    /// `error`, `transaction`, ...
    pub category: String,
    /// `accepted`, `rate_limited`, ...
    pub outcome: String,
    /// Why; empty for most.
    pub reason: String,
    /// How many.
    pub quantity: i64,
}

impl FromRow<'_, SqliteRow> for OutcomeHour {
    fn from_row(row: &SqliteRow) -> Result<OutcomeHour, sqlx::Error> {
        Ok(OutcomeHour {
            hour: row.try_get("hour")?,
            project: row.try_get("project")?,
            category: row.try_get("category")?,
            outcome: row.try_get("outcome")?,
            reason: row.try_get("reason")?,
            quantity: row.try_get("quantity")?,
        })
    }
}

/// What became of everything that was sent in these hours.
///
/// # Errors
/// When the database refuses.
pub async fn outcomes(pool: &SqlitePool, from: i64, until: i64) -> Result<Vec<OutcomeHour>, sqlx::Error> {
    sqlx::query_as(
        "SELECT hour, project_id AS project, category, outcome, reason, quantity FROM outcome_hourly
         WHERE hour >= $1 AND hour < $2 ORDER BY hour",
    )
    .bind(from)
    .bind(until)
    .fetch_all(pool)
    .await
}

/// Users of a release in a project: all, and those who had a crash.
///
/// # Errors
/// When the database refuses.
pub async fn users_of_release(
    pool: &SqlitePool,
    release: i64,
    project: i64,
) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "SELECT COUNT(DISTINCT user_key), COUNT(DISTINCT CASE WHEN crashed = 1 THEN user_key END)
         FROM session_user WHERE release_id = $1 AND project_id = $2",
    )
    .bind(release)
    .bind(project)
    .fetch_one(pool)
    .await
}

/// Sessions and users since an hour: of a release in a project, and of the project as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// Sessions of the release.
    pub sessions: i64,
    /// Sessions of the project.
    pub all_sessions: i64,
    /// Users of the release.
    pub users: i64,
    /// Users of the project.
    pub all_users: i64,
}

impl FromRow<'_, SqliteRow> for Recent {
    fn from_row(row: &SqliteRow) -> Result<Recent, sqlx::Error> {
        Ok(Recent {
            sessions: row.try_get("sessions")?,
            all_sessions: row.try_get("all_sessions")?,
            users: row.try_get("users")?,
            all_users: row.try_get("all_users")?,
        })
    }
}

/// How much of a project's recent use a release has.
///
/// # Errors
/// When the database refuses.
pub async fn recent(
    pool: &SqlitePool,
    release: i64,
    project: i64,
    since: i64,
) -> Result<Recent, sqlx::Error> {
    sqlx::query_as(
        "SELECT
           (SELECT COALESCE(SUM(started), 0) FROM session_hourly
            WHERE project_id = $2 AND release_id = $1 AND hour >= $3) AS sessions,
           (SELECT COALESCE(SUM(started), 0) FROM session_hourly WHERE project_id = $2 AND hour >= $3) AS all_sessions,
           (SELECT COUNT(DISTINCT user_key) FROM session_user
            WHERE project_id = $2 AND release_id = $1 AND hour >= $3) AS users,
           (SELECT COUNT(DISTINCT user_key) FROM session_user WHERE project_id = $2 AND hour >= $3) AS all_users",
    )
    .bind(release)
    .bind(project)
    .bind(since)
    .fetch_one(pool)
    .await
}
