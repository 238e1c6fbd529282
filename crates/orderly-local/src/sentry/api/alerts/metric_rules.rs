//! Metric alert rules of the older API: the same detectors in other words.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::metric_shape::rule as render;
use super::workflow_shape::rule as render_issue_rule;
use super::{detectors as api, minutes, name, unmeasurable};
use crate::sentry::alerts::evaluate::check;
use crate::sentry::alerts::metric::{Compared, Direction, MetricRule};
use crate::sentry::api::AppState;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::store::detectors::{self, Detector, NewDetector, Watches};
use crate::sentry::store::organization::Organization;
use crate::sentry::store::{projects, workflows};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/alert-rules/", get(list).post(create))
        .route("/organizations/{org}/alert-rules/{rule}/", get(detail).put(update).delete(api::remove))
        .route("/organizations/{org}/combined-rules/", get(combined))
}

async fn shown(state: &AppState, org: &Organization, detector: &Detector) -> ApiResult<Option<Value>> {
    let Watches::Metric(rule) = &detector.watches else { return Ok(None) };
    let incidents = detectors::incidents(state.pool(), Some(detector.id)).await?;
    Ok(Some(render(org, detector, rule, incidents.first())))
}

async fn metrics(state: &AppState, org: &Organization, params: &Params) -> ApiResult<Vec<Value>> {
    let projects = state.projects_in(params).await?;
    let wanted = params.first_non_empty("name").map(str::to_lowercase);
    let mut rendered = Vec::new();
    for detector in detectors::list(state.pool(), state.clock().now()).await? {
        let named = wanted.as_ref().is_none_or(|name| detector.name.to_lowercase().contains(name));
        if named && (projects.is_empty() || projects.contains(&detector.project.0)) {
            rendered.extend(shown(state, org, &detector).await?);
        }
    }
    Ok(rendered)
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    let org = state.organization(&org).await?;
    caller.require(Access::ReadAlerts)?;
    Ok(Paged::from_whole(metrics(&state, &org, &params).await?, &page))
}

/// Metric alerts and issue alerts together; `alertType` picks one kind.
async fn combined(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    let org = state.organization(&org).await?;
    caller.require(Access::ReadAlerts)?;
    let wanted = |kind: &str| params.first_non_empty("alertType").is_none() || params.has("alertType", kind);
    let mut rendered = Vec::new();
    if wanted("alert_rule") {
        rendered = metrics(&state, &org, &params).await?;
    }
    if wanted("rule") {
        let name = params.first_non_empty("name").map(str::to_lowercase);
        for workflow in workflows::list(state.pool()).await? {
            let first = match workflow.rule.projects.first() {
                Some(project) => projects::find(state.pool(), &project.to_string()).await?,
                None => None,
            };
            if name.as_ref().is_none_or(|name| workflow.name.to_lowercase().contains(name)) {
                rendered
                    .push(render_issue_rule(&workflow, first.as_ref().map_or("", |project| &project.slug)));
            }
        }
    }
    Ok(Paged::from_whole(rendered, &page))
}

async fn detail(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, rule)): Path<(String, String)>,
) -> ApiResult<Json<Value>> {
    let org = state.organization(&org).await?;
    caller.require(Access::ReadAlerts)?;
    let detector = api::named(&state, &rule).await?;
    shown(&state, &org, &detector).await?.map(Json).ok_or_else(missing)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleBody {
    name: Option<String>,
    aggregate: String,
    dataset: Option<String>,
    #[serde(default)]
    query: String,
    /// Minutes.
    time_window: i64,
    /// Minutes.
    comparison_delta: Option<i64>,
    /// 0: above, 1: below.
    #[serde(default)]
    threshold_type: i64,
    resolve_threshold: Option<f64>,
    environment: Option<String>,
    #[serde(default)]
    projects: Vec<String>,
    #[serde(default)]
    triggers: Vec<TriggerBody>,
    /// 0: it watches.
    status: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TriggerBody {
    label: String,
    alert_threshold: f64,
}

impl RuleBody {
    fn rule(&self) -> ApiResult<MetricRule> {
        let threshold = |label: &str| {
            self.triggers.iter().find(|trigger| trigger.label == label).map(|trigger| trigger.alert_threshold)
        };
        let (critical, warning) = (threshold("critical"), threshold("warning"));
        if critical.is_none() {
            let why = "Must include a trigger with the label critical.";
            return Err(ApiError::invalid_field("triggers", why));
        }
        let earlier = self.comparison_delta.map(|earlier| minutes("comparisonDelta", earlier)).transpose()?;
        Ok(MetricRule {
            dataset: self.dataset.clone().unwrap_or_else(|| "events".to_owned()),
            aggregate: self.aggregate.clone(),
            query: self.query.clone(),
            environment: self.environment.clone().filter(|name| !name.is_empty()),
            minutes: minutes("timeWindow", self.time_window)?,
            compared: earlier.map_or(Compared::Value, |earlier| Compared::Percent { earlier }),
            direction: match self.threshold_type {
                0 => Direction::Above,
                1 => Direction::Below,
                _ => return Err(ApiError::invalid_field("thresholdType", "Use 0 (above) or 1 (below).")),
            },
            critical,
            warning,
            resolve: self.resolve_threshold,
        })
    }
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    JsonBody(body): JsonBody<RuleBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let org = state.organization(&org).await?;
    caller.require(Access::WriteAlerts)?;
    let called = name(body.name.as_deref())?;
    let rule = body.rule()?;
    let projects = state.projects_named("projects", &body.projects).await?;
    let [project] = projects[..] else {
        return Err(ApiError::invalid_field("projects", "A metric alert watches one project."));
    };
    let now = state.clock().now();
    check(&rule, now).map_err(unmeasurable)?;
    let enabled = body.status.unwrap_or(0) == 0;
    let new = NewDetector { project, name: called, rule: &rule, enabled, by: caller.member };
    let id = detectors::create(state.pool(), &new, now).await?;
    let made = api::named(&state, &id.to_string()).await?;
    Ok((StatusCode::CREATED, Json(json!(shown(&state, &org, &made).await?))))
}

async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, rule)): Path<(String, String)>,
    JsonBody(body): JsonBody<RuleBody>,
) -> ApiResult<Json<Value>> {
    let org = state.organization(&org).await?;
    caller.require(Access::WriteAlerts)?;
    let known = api::named(&state, &rule).await?;
    if known.watches == Watches::Errors {
        return Err(missing());
    }
    let rule = body.rule()?;
    let now = state.clock().now();
    check(&rule, now).map_err(unmeasurable)?;
    let projects = state.projects_named("projects", &body.projects).await?;
    let new = NewDetector {
        project: projects.first().copied().unwrap_or(known.project.0),
        name: name(Some(body.name.as_deref().unwrap_or(&known.name)))?,
        rule: &rule,
        enabled: body.status.map_or(known.enabled, |status| status == 0),
        by: None,
    };
    detectors::update(state.pool(), known.id, &new, now).await?;
    let changed = api::named(&state, &known.id.to_string()).await?;
    shown(&state, &org, &changed).await?.map(Json).ok_or_else(missing)
}
