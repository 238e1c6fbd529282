//! What is watched, and the incidents that were found.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};

use super::events::as_json;
use crate::sentry::alerts::metric::{Alarm, MetricRule};
use crate::sentry::model::from_micros;
use crate::sentry::model::watch::AlarmWord;

/// Something that is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    /// Row id.
    pub id: i64,
    /// Row id and slug of its project.
    pub project: (i64, String),
    /// Name for people.
    pub name: String,
    /// What it watches.
    pub watches: Watches,
    /// Whether it does.
    pub enabled: bool,
    /// Who made it.
    pub created_by: Option<i64>,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Up to when it has been evaluated.
    pub evaluated_at: Timestamp,
}

/// What a detector watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Watches {
    /// The errors of the project: issue alerts hang off it.
    Errors,
    /// A metric.
    Metric(MetricRule),
}

impl FromRow<'_, SqliteRow> for Detector {
    fn from_row(row: &SqliteRow) -> Result<Detector, sqlx::Error> {
        let time = |name: &str| row.try_get(name).map(from_micros);
        let rule: &str = row.try_get("rule_json")?;
        let watches = match row.try_get::<&str, _>("kind")? {
            "error" => Watches::Errors,
            _ => Watches::Metric(
                serde_json::from_str(rule).map_err(|error| sqlx::Error::Decode(error.into()))?,
            ),
        };
        Ok(Detector {
            id: row.try_get("id")?,
            project: (row.try_get("project_id")?, row.try_get("project_slug")?),
            name: row.try_get("name")?,
            watches,
            enabled: row.try_get("enabled")?,
            created_by: row.try_get("created_by")?,
            created_at: time("created_at")?,
            updated_at: time("updated_at")?,
            evaluated_at: time("evaluated_at")?,
        })
    }
}

/// Every detector, oldest first. Each project has one for its errors.
///
/// # Errors
/// When the database refuses or holds a rule that does not read.
pub async fn list(pool: &SqlitePool, now: Timestamp) -> Result<Vec<Detector>, sqlx::Error> {
    const ALL: &str = "SELECT detector.*, project.slug AS project_slug
         FROM detector JOIN project ON project.id = detector.project_id ORDER BY detector.id";
    let without: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM project WHERE id NOT IN (SELECT project_id FROM detector WHERE kind = 'error'))",
    )
    .fetch_one(pool)
    .await?;
    if without {
        sqlx::query(
            "INSERT INTO detector (project_id, kind, name, rule_json, enabled, created_at, updated_at, evaluated_at)
             SELECT id, 'error', 'Error Monitor', '{}', 1, $1, $1, $1 FROM project
             WHERE id NOT IN (SELECT project_id FROM detector WHERE kind = 'error')",
        )
        .bind(now.as_microsecond())
        .execute(pool)
        .await?;
    }
    sqlx::query_as(ALL).fetch_all(pool).await
}

/// Every metric detector that is enabled.
///
/// # Errors
/// When the database refuses or holds a rule that does not read.
pub async fn enabled_metrics(pool: &SqlitePool) -> Result<Vec<(Detector, MetricRule)>, sqlx::Error> {
    let found: Vec<Detector> = sqlx::query_as(
        "SELECT detector.*, project.slug AS project_slug
         FROM detector JOIN project ON project.id = detector.project_id
         WHERE detector.enabled = 1 AND detector.kind = 'metric_issue' ORDER BY detector.id",
    )
    .fetch_all(pool)
    .await?;
    let metric = |detector: Detector| match detector.watches.clone() {
        Watches::Metric(rule) => Some((detector, rule)),
        Watches::Errors => None,
    };
    Ok(found.into_iter().filter_map(metric).collect())
}

/// A metric detector to create or change.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDetector<'a> {
    /// Row id of its project.
    pub project: i64,
    /// Name for people.
    pub name: &'a str,
    /// What it watches.
    pub rule: &'a MetricRule,
    /// Whether it does.
    pub enabled: bool,
    /// Who makes it.
    pub by: Option<i64>,
}

/// Creates a metric detector and returns its row id. It watches from now on.
///
/// # Errors
/// When the database refuses.
pub async fn create(pool: &SqlitePool, new: &NewDetector<'_>, now: Timestamp) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO detector (project_id, kind, name, rule_json, enabled, created_by, created_at, updated_at, evaluated_at)
         VALUES ($1, 'metric_issue', $2, $3, $4, $5, $6, $6, $6) RETURNING id",
    )
    .bind(new.project)
    .bind(new.name)
    .bind(as_json(new.rule))
    .bind(new.enabled)
    .bind(new.by)
    .bind(now.as_microsecond())
    .fetch_one(pool)
    .await
}

/// Changes a metric detector. What it missed while it was switched off is not made up for.
///
/// # Errors
/// When the database refuses.
pub async fn update(
    pool: &SqlitePool,
    id: i64,
    new: &NewDetector<'_>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE detector SET project_id = $2, name = $3, rule_json = $4, updated_at = $6,
                evaluated_at = CASE WHEN enabled = 0 AND $5 THEN $6 ELSE evaluated_at END, enabled = $5 WHERE id = $1",
    )
    .bind(id)
    .bind(new.project)
    .bind(new.name)
    .bind(as_json(new.rule))
    .bind(new.enabled)
    .bind(now.as_microsecond())
    .execute(pool)
    .await
    .map(drop)
}

/// Deletes a metric detector with its incidents. Whether there was one.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, id: i64) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("DELETE FROM detector WHERE id = $1 AND kind = 'metric_issue'").bind(id).execute(pool);
    Ok(done.await?.rows_affected() > 0)
}

/// Remembers up to when a detector has been evaluated.
///
/// # Errors
/// When the database refuses.
pub async fn evaluated(
    connection: &mut SqliteConnection,
    id: i64,
    until: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE detector SET evaluated_at = $2 WHERE id = $1")
        .bind(id)
        .bind(until.as_microsecond())
        .execute(connection)
        .await
        .map(drop)
}

/// A time in which a metric was past its threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Row id, and the number people name it by.
    pub id: i64,
    /// Row id of its detector.
    pub detector: i64,
    /// The worst it was.
    pub worst: AlarmWord,
    /// What it is, or was when it closed.
    pub alarm: AlarmWord,
    /// The last measured value.
    pub value: f64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

impl FromRow<'_, SqliteRow> for Incident {
    fn from_row(row: &SqliteRow) -> Result<Incident, sqlx::Error> {
        Ok(Incident {
            id: row.try_get("id")?,
            detector: row.try_get("detector_id")?,
            worst: row.try_get("alarm")?,
            alarm: row.try_get("now_alarm")?,
            value: row.try_get("value")?,
            started_at: from_micros(row.try_get("started_at")?),
            closed_at: row.try_get::<Option<i64>, _>("closed_at")?.map(from_micros),
        })
    }
}

/// Incidents, newest first; of one detector if it is named.
///
/// # Errors
/// When the database refuses.
pub async fn incidents(pool: &SqlitePool, detector: Option<i64>) -> Result<Vec<Incident>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM incident WHERE $1 IS NULL OR detector_id = $1 ORDER BY id DESC")
        .bind(detector)
        .fetch_all(pool)
        .await
}

/// The open incident of a detector.
///
/// # Errors
/// When the database refuses.
pub async fn open_incident(
    connection: &mut SqliteConnection,
    detector: i64,
) -> Result<Option<Incident>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM incident WHERE detector_id = $1 AND closed_at IS NULL ORDER BY id DESC LIMIT 1",
    )
    .bind(detector)
    .fetch_optional(connection)
    .await
}

/// Opens, changes or closes the incident of a detector, and gives it as it is now.
///
/// # Errors
/// When the database refuses.
pub async fn set_alarm(
    connection: &mut SqliteConnection,
    detector: i64,
    open: Option<&Incident>,
    (alarm, value): (Alarm, f64),
    at: Timestamp,
) -> Result<Option<Incident>, sqlx::Error> {
    let word = AlarmWord::of(alarm);
    match (open, word) {
        (None, None) => Ok(None),
        (None, Some(word)) => sqlx::query_as(
            "INSERT INTO incident (detector_id, alarm, now_alarm, value, started_at) VALUES ($1, $2, $2, $3, $4) RETURNING *",
        )
        .bind(detector)
        .bind(word)
        .bind(value)
        .bind(at.as_microsecond())
        .fetch_one(connection)
        .await
        .map(Some),
        (Some(incident), word) => {
            let worst = word.map_or(incident.worst, |word| word.max(incident.worst));
            sqlx::query_as(
                "UPDATE incident SET alarm = $2, now_alarm = $3, value = $4, closed_at = $5 WHERE id = $1 RETURNING *",
            )
            .bind(incident.id)
            .bind(worst)
            .bind(word.unwrap_or(incident.alarm))
            .bind(value)
            .bind(word.is_none().then(|| at.as_microsecond()))
            .fetch_one(connection)
            .await
            .map(Some)
        }
    }
}
