//! Webhooks on their way out, and the log of those that went.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};
use uuid::Uuid;

use crate::sentry::model::from_micros;
use crate::sentry::model::watch::{DeliveryState, HookResource};
use crate::sentry::webhooks::attempt::{AppKind, MOST_TIMEOUTS, Next, Outcome, RETRY_AFTER, TIMEOUTS_WITHIN};

/// Finished deliveries of an app that are kept.
const KEPT: i64 = 10_000;

/// A webhook to send.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// Row id of the app that is told.
    pub app: i64,
    /// About what.
    pub resource: HookResource,
    /// What happened to it.
    pub action: &'static str,
    /// The whole body.
    pub body: Value,
}

/// A webhook in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Row id.
    pub id: i64,
    /// Row id of the app.
    pub app: i64,
    /// `Request-ID`.
    pub request_id: String,
    /// About what.
    pub resource: HookResource,
    /// What happened to it.
    pub action: String,
    /// The body, byte for byte.
    pub body: String,
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: i64,
    /// The status of the last answer.
    pub response_code: Option<i64>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Delivery {
    fn from_row(row: &SqliteRow) -> Result<Delivery, sqlx::Error> {
        Ok(Delivery {
            id: row.try_get("id")?,
            app: row.try_get("app_id")?,
            request_id: row.try_get("request_id")?,
            resource: row.try_get("resource")?,
            action: row.try_get("action")?,
            body: row.try_get("body")?,
            state: row.try_get("state")?,
            attempts: row.try_get("attempts")?,
            response_code: row.try_get("response_code")?,
            error: row.try_get("error")?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// Puts a webhook on its way.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    connection: &mut SqliteConnection,
    delivery: &NewDelivery,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO webhook_delivery (app_id, request_id, resource, action, body, state, created_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(delivery.app)
    .bind(Uuid::new_v4().simple().to_string())
    .bind(delivery.resource)
    .bind(delivery.action)
    .bind(delivery.body.to_string())
    .bind(DeliveryState::Pending)
    .bind(now.as_microsecond())
    .execute(connection)
    .await
    .map(drop)
}

/// What is to be sent by now, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn due(pool: &SqlitePool, now: Timestamp, most: i64) -> Result<Vec<Delivery>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM webhook_delivery WHERE state = 'pending' AND due_at <= $1 ORDER BY due_at, id LIMIT $2",
    )
    .bind(now.as_microsecond())
    .bind(most)
    .fetch_all(pool)
    .await
}

/// Writes down how an attempt ended, and switches off a webhook that times out too often.
///
/// # Errors
/// When the database refuses.
pub async fn attempted(
    pool: &SqlitePool,
    delivery: &Delivery,
    outcome: &Outcome,
    app: AppKind,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let attempts = delivery.attempts + 1;
    let (state, due) = match crate::sentry::webhooks::attempt::next(outcome, attempts, app) {
        Next::Delivered => (DeliveryState::Delivered, now),
        Next::Failed => (DeliveryState::Failed, now),
        Next::Again => (DeliveryState::Pending, now.saturating_add(RETRY_AFTER).unwrap_or(now)),
    };
    let (code, error) = match outcome {
        Outcome::Answered(status) => (Some(i64::from(*status)), None),
        Outcome::TimedOut => (None, Some("no answer within 1 s")),
        Outcome::Unreachable(why) => (None, Some(why.as_str())),
    };
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(
        "UPDATE webhook_delivery SET state = $2, attempts = $3, timeouts = timeouts + $4, response_code = $5,
                error = $6, due_at = $7 WHERE id = $1",
    )
    .bind(delivery.id)
    .bind(state)
    .bind(attempts)
    .bind(i64::from(*outcome == Outcome::TimedOut))
    .bind(code)
    .bind(error)
    .bind(due.as_microsecond())
    .execute(&mut *tx)
    .await?;
    if *outcome == Outcome::TimedOut {
        let since = now.checked_sub(TIMEOUTS_WITHIN).unwrap_or(Timestamp::MIN);
        sqlx::query(
            "UPDATE webhook SET disabled_at = $2 WHERE app_id = $1 AND disabled_at IS NULL AND
                 (SELECT SUM(timeouts) FROM webhook_delivery WHERE app_id = $1 AND created_at >= $3) >= $4",
        )
        .bind(delivery.app)
        .bind(now.as_microsecond())
        .bind(since.as_microsecond())
        .bind(MOST_TIMEOUTS)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query("DELETE FROM webhook_delivery WHERE app_id = $1 AND state <> 'pending' AND id <= $2")
        .bind(delivery.app)
        .bind(delivery.id - KEPT)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// The log of an app, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn log(pool: &SqlitePool, app: i64, limit: i64, offset: i64) -> Result<Vec<Delivery>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM webhook_delivery WHERE app_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3")
        .bind(app)
        .bind(limit)
        .bind(offset)
        .fetch_all(pool)
        .await
}
