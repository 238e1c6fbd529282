//! Detectors: what is watched.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::metric_shape::detector as render;
use super::{minutes, name, unmeasurable};
use crate::sentry::alerts::evaluate::check;
use crate::sentry::alerts::metric::{Compared, Direction, MetricRule};
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::store::detectors::{self, Detector, NewDetector, Watches};
use crate::sentry::store::organization::Organization;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/detectors/", get(list))
        .route("/organizations/{org}/detectors/{detector}/", get(detail).put(update).delete(remove))
        .route("/organizations/{org}/projects/{project}/detectors/", post(create))
}

/// A detector by its number.
pub(super) async fn named(state: &AppState, id: &str) -> ApiResult<Detector> {
    let all = detectors::list(state.pool(), state.clock().now()).await?;
    all.into_iter().find(|detector| detector.id.to_string() == id).ok_or_else(missing)
}

async fn shown(state: &AppState, org: &Organization, detector: &Detector) -> ApiResult<Value> {
    let incidents = detectors::incidents(state.pool(), Some(detector.id)).await?;
    let open = incidents.first().is_some_and(|incident| incident.closed_at.is_none());
    Ok(render(org, detector, open))
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    let org = asked.organization(Access::ReadAlerts).await?;
    let projects = asked.state.projects_in(&params).await?;
    let query = params.first("query").unwrap_or_default().to_owned();
    let kind = query.split_whitespace().find_map(|term| term.strip_prefix("type:"));
    let mut found = detectors::list(asked.state.pool(), asked.state.clock().now()).await?;
    found.retain(|detector| {
        let is = if detector.watches == Watches::Errors { "error" } else { "metric_issue" };
        kind.is_none_or(|kind| kind == is) && (projects.is_empty() || projects.contains(&detector.project.0))
    });
    if params.first("sortBy") == Some("-id") {
        found.reverse();
    }
    let mut rendered = Vec::with_capacity(found.len());
    for detector in &found {
        rendered.push(shown(&asked.state, &org, detector).await?);
    }
    Ok(Paged::from_whole(rendered, &page))
}

async fn detail(asked: Asked, Path((_, detector)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    let org = asked.organization(Access::ReadAlerts).await?;
    let detector = named(&asked.state, &detector).await?;
    Ok(Json(shown(&asked.state, &org, &detector).await?))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DetectorBody {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    data_sources: Vec<SourceBody>,
    data_source: Option<SourceBody>,
    condition_group: Option<GroupBody>,
    #[serde(default)]
    config: ConfigBody,
    enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SourceBody {
    aggregate: String,
    dataset: String,
    #[serde(default)]
    query: String,
    /// Seconds.
    time_window: i64,
    environment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct GroupBody {
    conditions: Vec<ConditionBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConditionBody {
    #[serde(rename = "type")]
    kind: Option<String>,
    comparison: Option<f64>,
    /// 75, 50 or 0.
    condition_result: Option<i64>,
    /// `sentry alert metrics create` hands on a trigger of the older API: its threshold and label.
    alert_threshold: Option<f64>,
    label: Option<String>,
}

impl ConditionBody {
    /// What it is, the threshold, and what being past it means.
    fn read(&self) -> ApiResult<(&str, f64, i64)> {
        let threshold = self.comparison.or(self.alert_threshold);
        let threshold = threshold
            .ok_or_else(|| ApiError::invalid_field("conditionGroup", "A condition needs a comparison."))?;
        let labelled = if self.label.as_deref() == Some("warning") { 50 } else { 75 };
        Ok((self.kind.as_deref().unwrap_or("gt"), threshold, self.condition_result.unwrap_or(labelled)))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ConfigBody {
    detection_type: Option<String>,
    /// Seconds.
    comparison_delta: Option<i64>,
}

impl DetectorBody {
    /// The rule that this body describes; what it leaves out stays as it is in `known`.
    fn rule(self, known: Option<&MetricRule>) -> ApiResult<MetricRule> {
        let source = self.data_source.or_else(|| self.data_sources.into_iter().next());
        let mut rule = match (source, known) {
            (Some(source), _) => MetricRule {
                dataset: source.dataset,
                aggregate: source.aggregate,
                query: source.query,
                environment: source.environment.filter(|name| !name.is_empty()),
                minutes: minutes("dataSources", source.time_window / 60)?,
                compared: known.map_or(Compared::Value, |known| known.compared),
                direction: known.map_or(Direction::Above, |known| known.direction),
                critical: known.and_then(|known| known.critical),
                warning: known.and_then(|known| known.warning),
                resolve: known.and_then(|known| known.resolve),
            },
            (None, Some(known)) => known.clone(),
            (None, None) => return Err(ApiError::invalid_field("dataSources", "This field is required.")),
        };
        match (self.config.detection_type.as_deref(), self.config.comparison_delta) {
            (None | Some("static"), None) => rule.compared = Compared::Value,
            (Some("percent"), Some(seconds)) => {
                rule.compared = Compared::Percent { earlier: minutes("config", seconds / 60)? };
            }
            _ => {
                let why = "This server knows static, and percent with a comparisonDelta in seconds.";
                return Err(ApiError::invalid_field("config", why));
            }
        }
        if let Some(group) = self.condition_group {
            thresholds(&mut rule, &group.conditions)?;
        }
        if rule.critical.is_none() && rule.warning.is_none() {
            return Err(ApiError::invalid_field(
                "conditionGroup",
                "A condition with the result 75 (high) or 50 (medium) is needed.",
            ));
        }
        Ok(rule)
    }
}

fn thresholds(rule: &mut MetricRule, conditions: &[ConditionBody]) -> ApiResult<()> {
    (rule.critical, rule.warning, rule.resolve) = (None, None, None);
    let mut directions = Vec::new();
    for condition in conditions {
        let (kind, threshold, result) = condition.read()?;
        let direction = match (kind, result) {
            ("gt" | "gte", 50 | 75) | ("lt" | "lte", 0) => Direction::Above,
            ("lt" | "lte", 50 | 75) | ("gt" | "gte", 0) => Direction::Below,
            (kind, result) => {
                let why = format!("This server does not evaluate {kind:?} with the result {result}.");
                return Err(ApiError::invalid_field("conditionGroup", why));
            }
        };
        directions.push(direction);
        match result {
            75 => rule.critical = Some(threshold),
            50 => rule.warning = Some(threshold),
            _ => rule.resolve = Some(threshold),
        }
    }
    rule.direction = directions.first().copied().unwrap_or(rule.direction);
    if directions.iter().any(|direction| *direction != rule.direction) {
        return Err(ApiError::invalid_field("conditionGroup", "All thresholds lie on one side."));
    }
    Ok(())
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project)): Path<(String, String)>,
    JsonBody(body): JsonBody<DetectorBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let owner = state.organization(&org).await?;
    let project = state.project(&org, &project).await?;
    caller.require(Access::WriteAlerts)?;
    if body.kind.as_deref().is_some_and(|kind| kind != "metric_issue") {
        return Err(ApiError::invalid_field("type", "This server creates detectors of type metric_issue."));
    }
    let called = name(body.name.as_deref())?.to_owned();
    let enabled = body.enabled.unwrap_or(true);
    let rule = body.rule(None)?;
    let now = state.clock().now();
    check(&rule, now).map_err(unmeasurable)?;
    let new = NewDetector { project: project.id, name: &called, rule: &rule, enabled, by: caller.member };
    let id = detectors::create(state.pool(), &new, now).await?;
    let made = named(&state, &id.to_string()).await?;
    Ok((StatusCode::CREATED, Json(shown(&state, &owner, &made).await?)))
}

async fn update(
    asked: Asked,
    Path((_, detector)): Path<(String, String)>,
    JsonBody(body): JsonBody<DetectorBody>,
) -> ApiResult<Json<Value>> {
    let owner = asked.organization(Access::WriteAlerts).await?;
    let known = named(&asked.state, &detector).await?;
    let Watches::Metric(before) = &known.watches else {
        return Err(ApiError::bad_request("The error monitor of a project cannot be changed."));
    };
    let called = name(Some(body.name.as_deref().unwrap_or(&known.name)))?.to_owned();
    let enabled = body.enabled.unwrap_or(known.enabled);
    let rule = body.rule(Some(before))?;
    let now = asked.state.clock().now();
    check(&rule, now).map_err(unmeasurable)?;
    let new = NewDetector { project: known.project.0, name: &called, rule: &rule, enabled, by: None };
    detectors::update(asked.state.pool(), known.id, &new, now).await?;
    let changed = named(&asked.state, &detector).await?;
    Ok(Json(shown(&asked.state, &owner, &changed).await?))
}

/// Deletes a metric alert, whichever API it is named by.
pub(super) async fn remove(
    asked: Asked,
    Path((_, detector)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    asked.organization(Access::WriteAlerts).await?;
    let known = named(&asked.state, &detector).await?;
    let deleted = detectors::delete(asked.state.pool(), known.id).await?;
    deleted.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}
