//! What became of everything that was sent: usage statistics.

use std::collections::BTreeMap;

use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::steps::Steps;
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::issues::selection::Selection;
use crate::sentry::api::params::Params;
use crate::sentry::model::from_micros;
use crate::sentry::store::health::{self, OutcomeHour};

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/stats_v2/", get(stats))
}

/// How far back it looks when the client does not say.
const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(14 * 24);

const GROUPS: [&str; 4] = ["outcome", "category", "reason", "project"];

async fn stats(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    let fields: Vec<&str> = params.all("field").collect();
    if let Some(odd) = fields.iter().find(|name| !matches!(**name, "sum(quantity)" | "sum(times_seen)")) {
        return Err(ApiError::bad_request(format!("Invalid field: \"{odd}\"")));
    }
    if fields.is_empty() {
        return Err(ApiError::bad_request("At least one \"field\" is required."));
    }
    let group_by: Vec<&str> = params.all("groupBy").collect();
    if group_by.is_empty() {
        return Err(ApiError::bad_request("At least one groupBy is required."));
    }
    if let Some(odd) = group_by.iter().find(|name| !GROUPS.contains(name)) {
        return Err(ApiError::bad_request(format!("Invalid groupBy: \"{odd}\"")));
    }
    let selection = Selection::read(&asked.state, &params, DEFAULT_PERIOD).await?;
    let hourly = Params::parse("interval=1h");
    let stepped = if params.first_non_empty("interval").is_some() { &params } else { &hourly };
    let steps = Steps::read(stepped, &selection.period, SignedDuration::from_hours(1))?;
    let allowed = |key: &str, value: &str| {
        let mut wanted = params.all(key).filter(|wanted| !wanted.is_empty()).peekable();
        wanted.peek().is_none() || wanted.any(|wanted| wanted == value)
    };
    let hours = health::outcomes(asked.state.pool(), steps.from / 1_000_000, steps.until / 1_000_000).await?;
    let mut groups: BTreeMap<Vec<String>, BTreeMap<i64, i64>> = BTreeMap::new();
    for hour in &hours {
        let kept = allowed("category", &hour.category)
            && allowed("outcome", &hour.outcome)
            && allowed("reason", &hour.reason)
            && (selection.projects.is_empty() || selection.projects.contains(&hour.project));
        if kept {
            let micros = hour.hour * 1_000_000;
            let start = micros - (micros - steps.from).rem_euclid(steps.length);
            let key = group_by.iter().map(|name| value(hour, name)).collect();
            *groups.entry(key).or_default().entry(start).or_default() += hour.quantity;
        }
    }
    let starts: Vec<i64> = steps.starts().collect();
    let shown: Vec<Value> = groups
        .iter()
        .map(|(key, series)| {
            let by: Map<String, Value> = group_by
                .iter()
                .zip(key)
                .map(|(name, value)| {
                    let number = (*name == "project").then(|| value.parse::<i64>().ok()).flatten();
                    ((*name).to_owned(), number.map_or_else(|| json!(value), |id| json!(id)))
                })
                .collect();
            let line: Vec<i64> = starts.iter().map(|start| series.get(start).copied().unwrap_or(0)).collect();
            let total: i64 = series.values().sum();
            let each = |value: Value| -> Map<String, Value> {
                fields.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
            };
            json!({"by": by, "totals": each(json!(total)), "series": each(json!(line))})
        })
        .collect();
    Ok(Json(json!({
        "start": from_micros(steps.from),
        "end": from_micros(steps.until),
        "intervals": starts.iter().map(|start| from_micros(*start)).collect::<Vec<_>>(),
        "groups": shown,
    })))
}

fn value(hour: &OutcomeHour, name: &str) -> String {
    match name {
        "outcome" => hour.outcome.clone(),
        "category" => hour.category.clone(),
        "reason" => hour.reason.clone(),
        _ => hour.project.to_string(),
    }
}
