//! Workflows: which issues people want to hear of.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::name;
use super::workflow_shape::workflow as render;
use crate::sentry::alerts::condition::{Condition, Unread, read};
use crate::sentry::alerts::rule::{IssueRule, Match};
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::store::detectors::{self, Watches};
use crate::sentry::store::organization::Organization;
use crate::sentry::store::workflows::{self, NewWorkflow, Workflow};

/// Minutes between two firings for the same issue, when nothing is said.
pub(super) const DEFAULT_FREQUENCY: i64 = 1_440;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/workflows/", get(list).post(create))
        .route("/organizations/{org}/workflows/{workflow}/", get(detail).put(update).delete(remove))
        .route("/organizations/{org}/workflows/{workflow}/group-history/", get(history))
}

/// A workflow by its number.
pub(super) async fn named(state: &AppState, id: &str) -> ApiResult<Workflow> {
    let all = workflows::list(state.pool()).await?;
    all.into_iter().find(|workflow| workflow.id.to_string() == id).ok_or_else(missing)
}

async fn shown(state: &AppState, org: &Organization, found: &[Workflow]) -> ApiResult<Vec<Value>> {
    let detectors = detectors::list(state.pool(), state.clock().now()).await?;
    let shown = found.iter().map(|workflow| {
        let projects = &workflow.rule.projects;
        let watched = detectors.iter().filter(|detector| {
            detector.watches == Watches::Errors
                && (projects.is_empty() || projects.contains(&detector.project.0))
        });
        render(org, workflow, &watched.map(|detector| detector.id).collect::<Vec<_>>())
    });
    Ok(shown.collect())
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    let owner = asked.organization(Access::ReadAlerts).await?;
    let mut projects = asked.state.projects_in(&params).await?;
    for slug in params.all("projectSlug") {
        projects.push(asked.state.project(&asked.org, slug).await?.id);
    }
    let ids: Vec<&str> = params.all("id").collect();
    let wanted = params.first_non_empty("query").map(searched_name);
    let mut found = workflows::list(asked.state.pool()).await?;
    found.retain(|workflow| {
        let watched = &workflow.rule.projects;
        let here =
            projects.is_empty() || watched.is_empty() || watched.iter().any(|id| projects.contains(id));
        let named = wanted.as_ref().is_none_or(|name| workflow.name.to_lowercase().contains(name));
        here && named && (ids.is_empty() || ids.contains(&workflow.id.to_string().as_str()))
    });
    if params.first("sortBy") == Some("-id") {
        found.reverse();
    }
    Ok(Paged::from_whole(shown(&asked.state, &owner, &found).await?, &page))
}

/// `name:"*checkout*"` or the plain text.
fn searched_name(query: &str) -> String {
    let text = query.trim();
    let text = text.strip_prefix("name:").unwrap_or(text);
    text.trim_matches(['"', '*']).to_lowercase()
}

async fn detail(asked: Asked, Path((_, workflow)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    let owner = asked.organization(Access::ReadAlerts).await?;
    let found = named(&asked.state, &workflow).await?;
    shown(&asked.state, &owner, &[found]).await?.pop().map(Json).ok_or_else(missing)
}

#[derive(Debug, Deserialize)]
struct WorkflowBody {
    name: Option<String>,
    enabled: Option<bool>,
    #[serde(default, alias = "detectorIds")]
    detector_ids: Vec<Value>,
    #[serde(default)]
    config: ConfigBody,
    environment: Option<String>,
    triggers: Option<GroupBody>,
    #[serde(default, alias = "actionFilters")]
    action_filters: Vec<GroupBody>,
}

#[derive(Debug, Default, Deserialize)]
struct ConfigBody {
    frequency: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct GroupBody {
    #[serde(alias = "logicType")]
    logic_type: Match,
    #[serde(default)]
    conditions: Vec<Value>,
    #[serde(default)]
    actions: Vec<Value>,
}

/// Reads a list of conditions.
pub(super) fn conditions(field: &'static str, given: &[Value]) -> ApiResult<Vec<Condition>> {
    let read: Result<Vec<Condition>, Unread> = given.iter().map(read).collect();
    read.map_err(|unread| ApiError::invalid_field(field, unread.to_string()))
}

/// Reads how often an issue may set an alert off, minutes.
pub(super) fn frequency(given: Option<i64>) -> ApiResult<i64> {
    let frequency = given.unwrap_or(DEFAULT_FREQUENCY);
    if (0..=43_200).contains(&frequency) {
        Ok(frequency)
    } else {
        Err(ApiError::invalid_field("frequency", "0 to 43200 minutes."))
    }
}

async fn rule(state: &AppState, body: &WorkflowBody) -> ApiResult<IssueRule> {
    let detectors = detectors::list(state.pool(), state.clock().now()).await?;
    let mut projects = Vec::new();
    for id in &body.detector_ids {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let known = detectors.iter().find(|detector| detector.id.to_string() == id);
        let known =
            known.ok_or_else(|| ApiError::invalid_field("detectorIds", "There is no such detector."))?;
        projects.push(known.project.0);
    }
    let [filters] = body.action_filters.as_slice() else {
        if body.action_filters.is_empty() {
            return from_groups(projects, body, None);
        }
        return Err(ApiError::invalid_field("actionFilters", "This server takes one group of filters."));
    };
    from_groups(projects, body, Some(filters))
}

fn from_groups(projects: Vec<i64>, body: &WorkflowBody, filters: Option<&GroupBody>) -> ApiResult<IssueRule> {
    let triggers = body.triggers.as_ref();
    Ok(IssueRule {
        projects,
        environment: body.environment.clone().filter(|name| !name.is_empty()),
        conditions: conditions("triggers", triggers.map_or(&[], |group| &group.conditions))?,
        condition_match: triggers.map_or(Match::Any, |group| group.logic_type),
        filters: conditions("actionFilters", filters.map_or(&[], |group| &group.conditions))?,
        filter_match: filters.map_or(Match::All, |group| group.logic_type),
        frequency: frequency(body.config.frequency)?,
        actions: filters.map_or_else(Vec::new, |group| group.actions.clone()),
    })
}

async fn save(
    state: &AppState,
    id: Option<i64>,
    body: &WorkflowBody,
    by: Option<i64>,
) -> ApiResult<Workflow> {
    let new = NewWorkflow {
        name: name(body.name.as_deref())?,
        rule: &rule(state, body).await?,
        enabled: body.enabled.unwrap_or(true),
        by,
    };
    let id = workflows::save(state.pool(), id, &new, state.clock().now()).await?;
    named(state, &id.to_string()).await
}

async fn create(
    asked: Asked,
    JsonBody(body): JsonBody<WorkflowBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let owner = asked.organization(Access::WriteAlerts).await?;
    let made = save(&asked.state, None, &body, asked.caller.member).await?;
    Ok((StatusCode::CREATED, Json(json!(shown(&asked.state, &owner, &[made]).await?.pop()))))
}

async fn update(
    asked: Asked,
    Path((_, workflow)): Path<(String, String)>,
    JsonBody(body): JsonBody<WorkflowBody>,
) -> ApiResult<Json<Value>> {
    let owner = asked.organization(Access::WriteAlerts).await?;
    let known = named(&asked.state, &workflow).await?;
    let changed = save(&asked.state, Some(known.id), &body, None).await?;
    shown(&asked.state, &owner, &[changed]).await?.pop().map(Json).ok_or_else(missing)
}

async fn remove(asked: Asked, Path((_, workflow)): Path<(String, String)>) -> ApiResult<StatusCode> {
    asked.organization(Access::WriteAlerts).await?;
    let known = named(&asked.state, &workflow).await?;
    let deleted = workflows::delete(asked.state.pool(), known.id).await?;
    deleted.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}

/// For which issues it fired.
async fn history(
    asked: Asked,
    Path((_, workflow)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let known = named(&asked.state, &workflow).await?;
    let fired = workflows::history(asked.state.pool(), known.id).await?;
    let shown = fired.into_iter().map(|(issue, event, count, last)| {
        json!({"group": {"id": issue.to_string()}, "eventId": event, "count": count, "lastTriggered": last})
    });
    Ok(Paged::from_whole(shown.collect(), &page))
}
