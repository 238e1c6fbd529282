//! Issue alert rules of the older API: the same workflows in other words, project by project.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::name;
use super::workflow_shape::rule as render;
use super::workflows::{conditions, frequency, named};
use crate::sentry::alerts::rule::{IssueRule, Match};
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::store::projects::Project;
use crate::sentry::store::workflows::{self, NewWorkflow, Workflow};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/projects/{org}/{project}/rules/", get(list).post(create))
        .route("/projects/{org}/{project}/rules/{rule}/", get(detail).put(update).delete(remove))
}

async fn list(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    let project = asked.project(&project, Access::ReadAlerts).await?;
    let mut found = workflows::list(asked.state.pool()).await?;
    found.retain(|workflow| watches(workflow, &project));
    Ok(Paged::from_whole(found.iter().map(|workflow| render(workflow, &project.slug)).collect(), &page))
}

fn watches(workflow: &Workflow, project: &Project) -> bool {
    workflow.rule.projects.is_empty() || workflow.rule.projects.contains(&project.id)
}

async fn known(state: &AppState, project: &Project, rule: &str) -> ApiResult<Workflow> {
    let found = named(state, rule).await?;
    watches(&found, project).then_some(found).ok_or_else(missing)
}

async fn detail(
    asked: Asked,
    Path((_, project, rule)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadAlerts).await?;
    Ok(Json(render(&known(&asked.state, &project, &rule).await?, &project.slug)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleBody {
    name: Option<String>,
    action_match: Match,
    filter_match: Option<Match>,
    #[serde(default)]
    conditions: Vec<Value>,
    #[serde(default)]
    filters: Vec<Value>,
    #[serde(default)]
    actions: Vec<Value>,
    frequency: Option<i64>,
    environment: Option<String>,
    /// `active` or `disabled`.
    status: Option<String>,
}

async fn save(
    state: &AppState,
    id: Option<i64>,
    project: &Project,
    body: &RuleBody,
    by: Option<i64>,
) -> ApiResult<Value> {
    let rule = IssueRule {
        projects: vec![project.id],
        environment: body.environment.clone().filter(|name| !name.is_empty()),
        conditions: conditions("conditions", &body.conditions)?,
        condition_match: body.action_match,
        filters: conditions("filters", &body.filters)?,
        filter_match: body.filter_match.unwrap_or(Match::All),
        frequency: frequency(body.frequency)?,
        actions: body.actions.clone(),
    };
    let enabled = body.status.as_deref() != Some("disabled");
    let new = NewWorkflow { name: name(body.name.as_deref())?, rule: &rule, enabled, by };
    let id = workflows::save(state.pool(), id, &new, state.clock().now()).await?;
    Ok(render(&named(state, &id.to_string()).await?, &project.slug))
}

async fn create(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    JsonBody(body): JsonBody<RuleBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = asked.project(&project, Access::WriteAlerts).await?;
    Ok((StatusCode::CREATED, Json(save(&asked.state, None, &project, &body, asked.caller.member).await?)))
}

async fn update(
    asked: Asked,
    Path((_, project, rule)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<RuleBody>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::WriteAlerts).await?;
    let known = known(&asked.state, &project, &rule).await?;
    save(&asked.state, Some(known.id), &project, &body, None).await.map(Json)
}

async fn remove(
    asked: Asked,
    Path((_, project, rule)): Path<(String, String, String)>,
) -> ApiResult<StatusCode> {
    let project = asked.project(&project, Access::WriteAlerts).await?;
    let known = known(&asked.state, &project, &rule).await?;
    let deleted = workflows::delete(asked.state.pool(), known.id).await?;
    deleted.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}
