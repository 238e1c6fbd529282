//! Incidents of metric alerts: when a metric was past its threshold.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::metric_shape::incident as render;
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::store::detectors::{self, Incident, Watches};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/incidents/", get(list))
        .route("/organizations/{org}/incidents/{incident}/", get(detail))
        .route("/organizations/{org}/open-periods/", get(open_periods))
}

/// The incidents that the parameters ask for, newest first, each rendered.
async fn found(
    state: &AppState,
    org: &str,
    wanted: impl Fn(&Incident) -> bool,
    projects: &[i64],
) -> ApiResult<Vec<Value>> {
    let org = state.organization(org).await?;
    let detectors = detectors::list(state.pool(), state.clock().now()).await?;
    let incidents = detectors::incidents(state.pool(), None).await?;
    let shown = incidents.iter().filter(|incident| wanted(incident)).filter_map(|incident| {
        let detector = detectors.iter().find(|detector| detector.id == incident.detector)?;
        let Watches::Metric(rule) = &detector.watches else { return None };
        let here = projects.is_empty() || projects.contains(&detector.project.0);
        here.then(|| render(&org, detector, rule, incident))
    });
    Ok(shown.collect())
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let projects = asked.state.projects_in(&params).await?;
    let rule = params.first_non_empty("alertRule").map(str::to_owned);
    let status = params.first_non_empty("status").map(str::to_owned);
    let wanted = |incident: &Incident| {
        let right_state = match status.as_deref() {
            Some("open") => incident.closed_at.is_none(),
            Some("closed") => incident.closed_at.is_some(),
            _ => true,
        };
        right_state && rule.as_ref().is_none_or(|rule| *rule == incident.detector.to_string())
    };
    Ok(Paged::from_whole(found(&asked.state, &asked.org, wanted, &projects).await?, &page))
}

async fn detail(asked: Asked, Path((_, incident)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let all = found(&asked.state, &asked.org, |known| known.id.to_string() == incident, &[]).await?;
    all.into_iter().next().map(Json).ok_or_else(missing)
}

/// When what a detector watches was bad.
async fn open_periods(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let detector = params.first_non_empty("detectorId").and_then(|id| id.parse().ok());
    let now = asked.state.clock().now();
    let incidents = detectors::incidents(asked.state.pool(), detector).await?;
    let shown = incidents.iter().map(|incident| {
        json!({
            "id": incident.id.to_string(),
            "detectorId": incident.detector.to_string(),
            "start": incident.started_at,
            "end": incident.closed_at,
            "duration": incident.closed_at.map(|end| end.duration_since(incident.started_at).as_secs()),
            "isOpen": incident.closed_at.is_none(),
            "lastChecked": incident.closed_at.unwrap_or(now),
            "activities": [],
        })
    });
    Ok(Paged::from_whole(shown.collect(), &page))
}
