//! Metric alert rules of the older API: the same detectors in other words.

use axum::extract::Path;
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
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
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

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    let org = asked.organization(Access::ReadAlerts).await?;
    Ok(Paged::from_whole(metrics(&asked.state, &org, &params).await?, &page))
}

/// Metric alerts and issue alerts together; `alertType` picks one kind.
async fn combined(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    let org = asked.organization(Access::ReadAlerts).await?;
    let wanted = |kind: &str| params.first_non_empty("alertType").is_none() || params.has("alertType", kind);
    let mut rendered = Vec::new();
    if wanted("alert_rule") {
        rendered = metrics(&asked.state, &org, &params).await?;
    }
    if wanted("rule") {
        let name = params.first_non_empty("name").map(str::to_lowercase);
        for workflow in workflows::list(asked.state.pool()).await? {
            let first = match workflow.rule.projects.first() {
                Some(project) => projects::find(asked.state.pool(), &project.to_string()).await?,
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

async fn detail(asked: Asked, Path((_, rule)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    let org = asked.organization(Access::ReadAlerts).await?;
    let detector = api::named(&asked.state, &rule).await?;
    shown(&asked.state, &org, &detector).await?.map(Json).ok_or_else(missing)
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

async fn create(asked: Asked, JsonBody(body): JsonBody<RuleBody>) -> ApiResult<(StatusCode, Json<Value>)> {
    let org = asked.organization(Access::WriteAlerts).await?;
    let called = name(body.name.as_deref())?;
    let rule = body.rule()?;
    let projects = asked.state.projects_named("projects", &body.projects).await?;
    let [project] = projects[..] else {
        return Err(ApiError::invalid_field("projects", "A metric alert watches one project."));
    };
    let now = asked.state.clock().now();
    check(&rule, now).map_err(unmeasurable)?;
    let enabled = body.status.unwrap_or(0) == 0;
    let new = NewDetector { project, name: called, rule: &rule, enabled, by: asked.caller.member };
    let id = detectors::create(asked.state.pool(), &new, now).await?;
    let made = api::named(&asked.state, &id.to_string()).await?;
    Ok((StatusCode::CREATED, Json(json!(shown(&asked.state, &org, &made).await?))))
}

async fn update(
    asked: Asked,
    Path((_, rule)): Path<(String, String)>,
    JsonBody(body): JsonBody<RuleBody>,
) -> ApiResult<Json<Value>> {
    let org = asked.organization(Access::WriteAlerts).await?;
    let known = api::named(&asked.state, &rule).await?;
    if known.watches == Watches::Errors {
        return Err(missing());
    }
    let rule = body.rule()?;
    let now = asked.state.clock().now();
    check(&rule, now).map_err(unmeasurable)?;
    let projects = asked.state.projects_named("projects", &body.projects).await?;
    let new = NewDetector {
        project: projects.first().copied().unwrap_or(known.project.0),
        name: name(Some(body.name.as_deref().unwrap_or(&known.name)))?,
        rule: &rule,
        enabled: body.status.map_or(known.enabled, |status| status == 0),
        by: None,
    };
    detectors::update(asked.state.pool(), known.id, &new, now).await?;
    let changed = api::named(&asked.state, &known.id.to_string()).await?;
    shown(&asked.state, &org, &changed).await?.map(Json).ok_or_else(missing)
}
