//! Deploys of a release.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::auth::{Access, Caller};
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::read_optional_time;
use super::page::{PageRequest, Paged};
use super::releases::release_of;
use crate::sentry::store::deploys::{self, Deploy, NewDeploy};
use crate::sentry::store::releases;

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/releases/{version}/deploys/", get(list).post(create))
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadReleases)?;
    let release = release_of(&state, &org, &version).await?;
    let deploys = deploys::of_release(state.pool(), release.id).await?;
    Ok(Paged::from_whole(deploys.iter().map(render).collect(), &page))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeployBody {
    environment: Option<String>,
    name: Option<String>,
    url: Option<String>,
    date_started: Option<String>,
    date_finished: Option<String>,
    projects: Option<Vec<String>>,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
    JsonBody(body): JsonBody<DeployBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    caller.require(Access::WriteReleases)?;
    let release = release_of(&state, &org, &version).await?;
    let environment = body.environment.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let environment =
        environment.ok_or_else(|| ApiError::invalid_field("environment", "This field is required."))?;
    if environment.len() > 64 || environment.contains('/') {
        return Err(ApiError::invalid_field(
            "environment",
            "Environment names have up to 64 characters and no slash.",
        ));
    }
    let projects = match &body.projects {
        Some(names) if !names.is_empty() => state.projects_named("projects", names).await?,
        _ => {
            let all = releases::projects_of(state.pool(), release.id).await?;
            all.into_iter().map(|project| project.project_id).collect()
        }
    };
    let now = state.clock().now();
    let finished = read_optional_time("dateFinished", body.date_finished.as_deref())?;
    let deploy = NewDeploy {
        environment,
        name: body.name.as_deref(),
        url: body.url.as_deref(),
        started_at: read_optional_time("dateStarted", body.date_started.as_deref())?,
        finished_at: finished.unwrap_or(now),
        projects: &projects,
    };
    let created = deploys::create(state.pool(), release.id, deploy, now).await?;
    Ok((StatusCode::CREATED, Json(render(&created))))
}

/// A deploy as its release shows it.
pub fn render(deploy: &Deploy) -> Value {
    json!({
        "id": deploy.id.to_string(),
        "environment": deploy.environment,
        "name": deploy.name,
        "url": deploy.url,
        "dateStarted": deploy.started_at,
        "dateFinished": deploy.finished_at,
    })
}
