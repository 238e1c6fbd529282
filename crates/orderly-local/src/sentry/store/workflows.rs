//! Issue alerts and when they fired.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};

use super::events::as_json;
use super::log_positions::{self, Reader};
use crate::sentry::alerts::condition::{Counted, Moment, Stretch};
use crate::sentry::alerts::rule::IssueRule;
use crate::sentry::model::{ActivityKind, Level, Priority, from_micros};

/// An issue alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// Row id.
    pub id: i64,
    /// Name for people.
    pub name: String,
    /// When it fires, and what then.
    pub rule: IssueRule,
    /// Whether it does.
    pub enabled: bool,
    /// Who made it.
    pub created_by: Option<i64>,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it last fired.
    pub last_triggered: Option<Timestamp>,
}

impl FromRow<'_, SqliteRow> for Workflow {
    fn from_row(row: &SqliteRow) -> Result<Workflow, sqlx::Error> {
        let rule: &str = row.try_get("rule_json")?;
        Ok(Workflow {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            rule: serde_json::from_str(rule).map_err(|error| sqlx::Error::Decode(error.into()))?,
            enabled: row.try_get("enabled")?,
            created_by: row.try_get("created_by")?,
            created_at: from_micros(row.try_get("created_at")?),
            updated_at: from_micros(row.try_get("updated_at")?),
            last_triggered: row.try_get::<Option<i64>, _>("last_triggered")?.map(from_micros),
        })
    }
}

/// Every issue alert, oldest first.
///
/// # Errors
/// When the database refuses or holds a rule that does not read.
pub async fn list(pool: &SqlitePool) -> Result<Vec<Workflow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT workflow.*, (SELECT MAX(fired_at) FROM workflow_firing WHERE workflow_id = workflow.id) AS last_triggered
         FROM workflow ORDER BY id",
    )
    .fetch_all(pool)
    .await
}

/// An issue alert to create or change.
#[derive(Debug, Clone, PartialEq)]
pub struct NewWorkflow<'a> {
    /// Name for people.
    pub name: &'a str,
    /// When it fires, and what then.
    pub rule: &'a IssueRule,
    /// Whether it does.
    pub enabled: bool,
    /// Who makes it.
    pub by: Option<i64>,
}

/// Creates an issue alert, or changes the one with this row id. Gives its row id.
///
/// # Errors
/// When the database refuses.
pub async fn save(
    pool: &SqlitePool,
    id: Option<i64>,
    new: &NewWorkflow<'_>,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let any: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM workflow WHERE enabled = 1)")
        .fetch_one(&mut *tx)
        .await?;
    if !any {
        // Nobody has been reading: it looks at what happens from now on.
        let end = log_positions::end(&mut tx).await?;
        log_positions::set(&mut tx, Reader::Workflows, end).await?;
    }
    let saved = sqlx::query_scalar(
        "INSERT INTO workflow (id, name, rule_json, enabled, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, rule_json = excluded.rule_json,
             enabled = excluded.enabled, updated_at = excluded.updated_at
         RETURNING id",
    )
    .bind(id)
    .bind(new.name)
    .bind(as_json(new.rule))
    .bind(new.enabled)
    .bind(new.by)
    .bind(now.as_microsecond())
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(saved)
}

/// Deletes an issue alert. Whether there was one.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, id: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM workflow WHERE id = $1").bind(id).execute(pool).await?;
    Ok(done.rows_affected() > 0)
}

/// An issue that got events, in one environment: the newest of them stands for all.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// Row id of the issue.
    pub issue: i64,
    /// Row id of its project.
    pub project: i64,
    /// Events of the issue in all.
    pub times_seen: i64,
    /// How much the issue matters.
    pub priority: Option<Priority>,
    /// Name of the environment; empty for none.
    pub environment: (i64, String),
    /// Row id and id of the event.
    pub event: (i64, String),
    /// The later of when it happened and when it arrived.
    pub at: Timestamp,
    /// Its level.
    pub level: Level,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl FromRow<'_, SqliteRow> for Touched {
    fn from_row(row: &SqliteRow) -> Result<Touched, sqlx::Error> {
        let tags: &str = row.try_get("tags_json")?;
        let at: i64 = row.try_get("at")?;
        Ok(Touched {
            issue: row.try_get("issue_id")?,
            project: row.try_get("project_id")?,
            times_seen: row.try_get("times_seen")?,
            priority: row.try_get("priority")?,
            environment: (row.try_get("environment_id")?, row.try_get("environment")?),
            event: (row.try_get("id")?, row.try_get("event_id")?),
            at: from_micros(at),
            level: row.try_get("level")?,
            tags: serde_json::from_str(tags).map_err(|error| sqlx::Error::Decode(error.into()))?,
        })
    }
}

/// The issues that got events with row ids in this range, and the newest event of each environment.
///
/// # Errors
/// When the database refuses.
pub async fn touched(pool: &SqlitePool, after: i64, until: i64) -> Result<Vec<Touched>, sqlx::Error> {
    sqlx::query_as(
        "SELECT event.id, event.event_id, event.issue_id, event.project_id, event.environment_id, event.level,
                event.tags_json, MAX(event.received_at, event.occurred_at) AS at, issue.times_seen, issue.priority,
                environment.name AS environment
         FROM (SELECT MAX(id) AS newest FROM event WHERE id > $1 AND id <= $2 GROUP BY issue_id, environment_id) AS n
         JOIN event ON event.id = n.newest
         JOIN issue ON issue.id = event.issue_id
         JOIN environment ON environment.id = event.environment_id ORDER BY event.id",
    )
    .bind(after)
    .bind(until)
    .fetch_all(pool)
    .await
}

/// What happened to issues in these activities.
///
/// # Errors
/// When the database refuses.
pub async fn moments(
    pool: &SqlitePool,
    after: i64,
    until: i64,
) -> Result<HashMap<i64, Vec<Moment>>, sqlx::Error> {
    // An escalation out of the archive names the forecast that was passed.
    let rows: Vec<(i64, ActivityKind)> = sqlx::query_as(
        "SELECT issue_id, kind FROM activity WHERE id > $1 AND id <= $2
           AND (kind = $3 OR (kind = $4 AND member_id IS NULL AND app_id IS NULL)
                OR (kind = $5 AND data_json ->> 'forecast' IS NOT NULL))",
    )
    .bind(after)
    .bind(until)
    .bind(ActivityKind::SetRegression)
    .bind(ActivityKind::SetUnresolved)
    .bind(ActivityKind::SetEscalating)
    .fetch_all(pool)
    .await?;
    let mut moments: HashMap<i64, Vec<Moment>> = HashMap::new();
    for (issue, kind) in rows {
        let moment =
            if kind == ActivityKind::SetRegression { Moment::Regression } else { Moment::Reappeared };
        moments.entry(issue).or_default().push(moment);
    }
    Ok(moments)
}

/// Counts events or users of an issue in a stretch of time before `at`, in one environment if it is named.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    pool: &SqlitePool,
    issue: i64,
    environment: Option<i64>,
    stretch: Stretch,
    at: Timestamp,
) -> Result<i64, sqlx::Error> {
    const MINUTE: i64 = 60_000_000;
    let until = at.as_microsecond() - stretch.earlier * MINUTE;
    let sql = match stretch.of {
        Counted::Events => {
            "SELECT COUNT(*) FROM event WHERE issue_id = $1 AND occurred_at > $2 AND occurred_at <= $3
               AND ($4 IS NULL OR environment_id = $4)"
        }
        Counted::Users => {
            "SELECT COUNT(DISTINCT user_key) FROM event WHERE issue_id = $1 AND occurred_at > $2 AND occurred_at <= $3
               AND ($4 IS NULL OR environment_id = $4)"
        }
    };
    sqlx::query_scalar(sql)
        .bind(issue)
        .bind(until - stretch.minutes * MINUTE)
        .bind(until)
        .bind(environment)
        .fetch_one(pool)
        .await
}

/// Whether an alert fired for an issue at or after this time.
///
/// # Errors
/// When the database refuses.
pub async fn fired_since(
    pool: &SqlitePool,
    workflow: i64,
    issue: i64,
    since: Timestamp,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM workflow_firing WHERE workflow_id = $1 AND issue_id = $2 AND fired_at >= $3)",
    )
    .bind(workflow)
    .bind(issue)
    .bind(since.as_microsecond())
    .fetch_one(pool)
    .await
}

/// Writes down that an alert fired.
///
/// # Errors
/// When the database refuses.
pub async fn fired(
    connection: &mut SqliteConnection,
    workflow: i64,
    issue: i64,
    event: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO workflow_firing (workflow_id, issue_id, event_id, fired_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(workflow)
    .bind(issue)
    .bind(event)
    .bind(at.as_microsecond())
    .execute(connection)
    .await
    .map(drop)
}

/// For which issues an alert fired: issue, last event, how often, last time. The latest first.
///
/// # Errors
/// When the database refuses.
pub async fn history(
    pool: &SqlitePool,
    workflow: i64,
) -> Result<Vec<(i64, String, i64, Timestamp)>, sqlx::Error> {
    let rows: Vec<(i64, String, i64, i64)> = sqlx::query_as(
        "SELECT issue_id, event_id, COUNT(*), MAX(fired_at) AS last FROM workflow_firing WHERE workflow_id = $1
         GROUP BY issue_id ORDER BY last DESC",
    )
    .bind(workflow)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(issue, event, count, last)| (issue, event, count, from_micros(last))).collect())
}
