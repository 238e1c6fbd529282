//! Check-ins of scheduled jobs as plain HTTP requests: `/api/{project}/cron/{slug}/{key}/?status=ok`.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Keys;
use super::batch::Work;
use super::budget::Budget;
use super::refusal::Refusal;
use super::writer::Writer;
use crate::clock::Clock;
use crate::sentry::monitors::check_in::CheckIn;

#[derive(Debug, Clone)]
struct Cron {
    keys: Keys,
    writer: Writer,
    budget: Budget,
    clock: Clock,
}

/// The routes of this file.
pub(super) fn router(keys: Keys, writer: Writer, budget: Budget, clock: Clock) -> Router {
    let path = "/api/{project}/cron/{slug}/{key}/";
    let handler = get(check_in).post(check_in);
    Router::new().route(path, handler.clone()).route(path.trim_end_matches('/'), handler).with_state(Cron {
        keys,
        writer,
        budget,
        clock,
    })
}

#[derive(Debug, Deserialize)]
struct Asked {
    status: Option<String>,
    check_in_id: Option<String>,
    duration: Option<f64>,
    environment: Option<String>,
}

async fn check_in(
    State(cron): State<Cron>,
    Path((project, slug, key)): Path<(i64, String, String)>,
    Query(asked): Query<Asked>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let key = cron.keys.authorize(&key, project).await?;
    let mut held = cron.budget.hold();
    held.grow_to(body.len()).await;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let status = asked.status.or_else(|| text("status")).unwrap_or_default();
    let guid = asked.check_in_id.or_else(|| text("check_in_id"));
    let duration = asked.duration.or_else(|| body.get("duration").and_then(Value::as_f64));
    let environment = asked.environment.or_else(|| text("environment"));
    let said = CheckIn::new(
        &slug,
        &status,
        guid.as_deref(),
        duration,
        environment.as_deref(),
        body.get("monitor_config"),
    );
    let said = said.ok_or_else(|| Refusal::BadJson {
        what: "the check-in",
        reason: "a monitor has a slug of letters, digits, - and _, and status is in_progress, ok or error"
            .to_owned(),
    })?;
    let guid = said.guid.clone();
    let received = cron.clock.now();
    let work = Work { project: key.project, received, check_ins: vec![said], ..Work::default() };
    cron.writer.write(work, held).await.map_err(|_| Refusal::NotStored)?;
    Ok((StatusCode::ACCEPTED, Json(json!({"id": guid}))))
}
