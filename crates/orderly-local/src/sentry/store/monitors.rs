//! Monitors, where they run, and the runs they told of.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::events::as_json;
use crate::sentry::model::from_micros;
use crate::sentry::model::watch::{CheckInStatus, JobStatus};
use crate::sentry::monitors::schedule::Config;

/// A monitor.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// Row id.
    pub id: i64,
    /// Its id in the web API.
    pub guid: String,
    /// Row id of its project.
    pub project: i64,
    /// What jobs call it.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Whether it watches.
    pub is_active: bool,
    /// Its settings.
    pub config: Config,
    /// Since when it exists.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Monitor {
    fn from_row(row: &SqliteRow) -> Result<Monitor, sqlx::Error> {
        let config: &str = row.try_get("config_json")?;
        Ok(Monitor {
            id: row.try_get("id")?,
            guid: row.try_get("guid")?,
            project: row.try_get("project_id")?,
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            is_active: row.try_get("is_active")?,
            config: serde_json::from_str(config).map_err(|error| sqlx::Error::Decode(error.into()))?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// A monitor in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Row id.
    pub id: i64,
    /// Row id of the monitor.
    pub monitor: i64,
    /// The environment.
    pub name: String,
    /// How the job is doing.
    pub status: JobStatus,
    /// The last run that it told of.
    pub last_check_in: Option<Timestamp>,
    /// When the next one is expected.
    pub next_check_in: Option<Timestamp>,
    /// When it counts as missed.
    pub next_latest: Option<Timestamp>,
    /// Failures in a row.
    pub failures: i64,
    /// Successes in a row.
    pub successes: i64,
    /// Since when it is failing.
    pub incident_at: Option<Timestamp>,
    /// The last event that told of it.
    pub incident_event: Option<String>,
    /// Since when it is known.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Place {
    fn from_row(row: &SqliteRow) -> Result<Place, sqlx::Error> {
        let time = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(from_micros));
        Ok(Place {
            id: row.try_get("id")?,
            monitor: row.try_get("monitor_id")?,
            name: row.try_get("name")?,
            status: row.try_get("status")?,
            last_check_in: time("last_check_in")?,
            next_check_in: time("next_check_in")?,
            next_latest: time("next_latest")?,
            failures: row.try_get("failures")?,
            successes: row.try_get("successes")?,
            incident_at: time("incident_at")?,
            incident_event: row.try_get("incident_event")?,
            created_at: time("created_at")?.unwrap_or_default(),
        })
    }
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Row id.
    pub id: i64,
    /// Its id, 32 hex.
    pub guid: String,
    /// Row id of the place.
    pub place: i64,
    /// How it went.
    pub status: CheckInStatus,
    /// Milliseconds.
    pub duration: Option<i64>,
    /// When it was expected.
    pub expected_at: Option<Timestamp>,
    /// When it was first told of.
    pub added_at: Timestamp,
    /// When it was last told of.
    pub updated_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Run {
    fn from_row(row: &SqliteRow) -> Result<Run, sqlx::Error> {
        Ok(Run {
            id: row.try_get("id")?,
            guid: row.try_get("guid")?,
            place: row.try_get("environment_id")?,
            status: row.try_get("status")?,
            duration: row.try_get("duration")?,
            expected_at: row.try_get::<Option<i64>, _>("expected_at")?.map(from_micros),
            added_at: from_micros(row.try_get("added_at")?),
            updated_at: from_micros(row.try_get("updated_at")?),
        })
    }
}

/// Every monitor, oldest first.
///
/// # Errors
/// When the database refuses or holds settings that do not read.
pub async fn list(pool: &SqlitePool) -> Result<Vec<Monitor>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM monitor ORDER BY id").fetch_all(pool).await
}

/// The monitor with this slug.
///
/// # Errors
/// When the database refuses or holds settings that do not read.
pub async fn by_slug(connection: &mut SqliteConnection, slug: &str) -> Result<Option<Monitor>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM monitor WHERE slug = $1").bind(slug).fetch_optional(connection).await
}

/// Creates a monitor, or gives the one that has the slug other settings. One of another project stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    connection: &mut SqliteConnection,
    project: i64,
    (slug, name): (&str, &str),
    config: &Config,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO monitor (guid, project_id, slug, name, config_json, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (slug) DO UPDATE SET config_json = excluded.config_json, name = excluded.name
         WHERE project_id = excluded.project_id",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(project)
    .bind(slug)
    .bind(name)
    .bind(as_json(config))
    .bind(now.as_microsecond())
    .execute(connection)
    .await
    .map(drop)
}

/// Switches a monitor on or off.
///
/// # Errors
/// When the database refuses.
pub async fn set_active(pool: &SqlitePool, id: i64, active: bool) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE monitor SET is_active = $2 WHERE id = $1")
        .bind(id)
        .bind(active)
        .execute(pool)
        .await
        .map(drop)
}

/// Deletes a monitor with its runs.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM monitor WHERE id = $1").bind(id).execute(pool).await.map(drop)
}

/// Where a monitor runs, by name.
///
/// # Errors
/// When the database refuses.
pub async fn places(pool: &SqlitePool, monitor: i64) -> Result<Vec<Place>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM monitor_environment WHERE monitor_id = $1 ORDER BY name")
        .bind(monitor)
        .fetch_all(pool)
        .await
}

/// The place of a monitor with this name, made if need be.
///
/// # Errors
/// When the database refuses.
pub async fn place(
    connection: &mut SqliteConnection,
    monitor: i64,
    name: &str,
    now: Timestamp,
) -> Result<Place, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO monitor_environment (monitor_id, name, status, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO UPDATE SET name = name RETURNING *",
    )
    .bind(monitor)
    .bind(name)
    .bind(JobStatus::Active)
    .bind(now.as_microsecond())
    .fetch_one(connection)
    .await
}

/// Writes a place back.
///
/// # Errors
/// When the database refuses.
pub async fn save_place(connection: &mut SqliteConnection, place: &Place) -> Result<(), sqlx::Error> {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    sqlx::query(
        "UPDATE monitor_environment SET status = $2, last_check_in = $3, next_check_in = $4, next_latest = $5,
                failures = $6, successes = $7, incident_at = $8, incident_event = $9 WHERE id = $1",
    )
    .bind(place.id)
    .bind(place.status)
    .bind(micros(place.last_check_in))
    .bind(micros(place.next_check_in))
    .bind(micros(place.next_latest))
    .bind(place.failures)
    .bind(place.successes)
    .bind(micros(place.incident_at))
    .bind(place.incident_event.as_deref())
    .execute(connection)
    .await
    .map(drop)
}

/// The places whose run is overdue, of monitors that watch.
///
/// # Errors
/// When the database refuses.
pub async fn overdue(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<Place>, sqlx::Error> {
    sqlx::query_as(
        "SELECT monitor_environment.* FROM monitor_environment JOIN monitor ON monitor.id = monitor_id
         WHERE next_latest <= $1 AND monitor.is_active = 1 ORDER BY monitor_environment.id",
    )
    .bind(now.as_microsecond())
    .fetch_all(connection)
    .await
}

/// The runs that should have ended, of monitors that watch.
///
/// # Errors
/// When the database refuses.
pub async fn timed_out(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<Run>, sqlx::Error> {
    sqlx::query_as(
        "SELECT check_in.* FROM check_in JOIN monitor_environment ON monitor_environment.id = check_in.environment_id
         JOIN monitor ON monitor.id = monitor_environment.monitor_id
         WHERE check_in.status = 'in_progress' AND timeout_at <= $1 AND monitor.is_active = 1 ORDER BY check_in.id",
    )
    .bind(now.as_microsecond())
    .fetch_all(connection)
    .await
}

/// Whether something is overdue or should have ended.
///
/// # Errors
/// When the database refuses.
pub async fn has_work(pool: &SqlitePool, now: Timestamp) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM monitor_environment WHERE next_latest <= $1)
             OR EXISTS (SELECT 1 FROM check_in WHERE status = 'in_progress' AND timeout_at <= $1)",
    )
    .bind(now.as_microsecond())
    .fetch_one(pool)
    .await
}

/// The monitor of a place, and the place.
///
/// # Errors
/// When the database refuses.
pub async fn of_place(
    connection: &mut SqliteConnection,
    place: i64,
) -> Result<(Monitor, Place), sqlx::Error> {
    let place: Place = sqlx::query_as("SELECT * FROM monitor_environment WHERE id = $1")
        .bind(place)
        .fetch_one(&mut *connection)
        .await?;
    let monitor = sqlx::query_as("SELECT * FROM monitor WHERE id = $1")
        .bind(place.monitor)
        .fetch_one(connection)
        .await?;
    Ok((monitor, place))
}

/// A run to write down.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun<'a> {
    /// Row id of the place.
    pub place: i64,
    /// Its id; `None`: the run that is going on, or else a new one.
    pub guid: Option<&'a str>,
    /// How it went.
    pub status: CheckInStatus,
    /// Milliseconds.
    pub duration: Option<i64>,
    /// When it was expected.
    pub expected_at: Option<Timestamp>,
    /// When it should have ended.
    pub timeout_at: Option<Timestamp>,
}

/// Writes a run down, or how one that is going on went. A run that has ended stays as it is: then `false`.
///
/// # Errors
/// When the database refuses.
pub async fn tell(
    connection: &mut SqliteConnection,
    run: &NewRun<'_>,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let going_on: Option<String> = match run.guid {
        Some(guid) => Some(guid.to_owned()),
        None => {
            sqlx::query_scalar(
                "SELECT guid FROM check_in WHERE environment_id = $1 AND status = 'in_progress' ORDER BY id DESC LIMIT 1",
            )
            .bind(run.place)
            .fetch_optional(&mut *connection)
            .await?
        }
    };
    let fresh = || Uuid::new_v4().simple().to_string();
    let done = sqlx::query(
        "INSERT INTO check_in (guid, environment_id, status, duration, expected_at, added_at, updated_at, timeout_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
         ON CONFLICT (environment_id, guid) DO UPDATE SET status = excluded.status, updated_at = excluded.updated_at,
             duration = COALESCE(excluded.duration, (excluded.updated_at - added_at) / 1000),
             timeout_at = excluded.timeout_at
         WHERE status = 'in_progress'",
    )
    .bind(going_on.filter(|_| run.status != CheckInStatus::Missed).unwrap_or_else(fresh))
    .bind(run.place)
    .bind(run.status)
    .bind(run.duration)
    .bind(run.expected_at.map(Timestamp::as_microsecond))
    .bind(now.as_microsecond())
    .bind(run.timeout_at.map(Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The runs of a monitor, newest first, with the name of their environment.
///
/// # Errors
/// When the database refuses.
pub async fn runs(
    pool: &SqlitePool,
    monitor: i64,
    limit: i64,
    offset: i64,
) -> Result<Vec<(Run, String)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT check_in.*, monitor_environment.name FROM check_in
         JOIN monitor_environment ON monitor_environment.id = check_in.environment_id
         WHERE monitor_id = $1 ORDER BY check_in.id DESC LIMIT $2 OFFSET $3",
    )
    .bind(monitor)
    .bind(limit)
    .bind(offset)
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok((Run::from_row(row)?, row.try_get("name")?))).collect()
}
