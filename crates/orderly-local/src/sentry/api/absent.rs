//! What the official clients ask for and this server does not do: each gets the answer of an organization that has
//! none of it, so that a client goes on.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::auth::{Access, Caller};
use super::error::{ApiError, ApiResult};
use super::page::{PageRequest, Paged};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/monitors/", get(no_alerting))
        .route("/organizations/{org}/workflows/", get(no_alerting))
        .route("/organizations/{org}/detectors/", get(no_alerting))
        .route("/organizations/{org}/alert-rules/", get(no_alerting))
        .route("/organizations/{org}/combined-rules/", get(no_alerting))
        .route("/projects/{org}/{project}/rules/", get(no_project_rules))
        .route("/organizations/{org}/replay-count/", get(no_replays))
        .route("/organizations/{org}/issues/{issue}/autofix/", get(no_autofix).post(refuse_autofix))
}

async fn no_alerting(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    state.organization(&org).await?;
    caller.require(Access::ReadAlerts)?;
    Ok(Paged::from_whole(Vec::new(), &page))
}

async fn no_project_rules(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    state.project(&org, &project).await?;
    caller.require(Access::ReadAlerts)?;
    Ok(Paged::from_whole(Vec::new(), &page))
}

async fn no_replays(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
) -> ApiResult<Json<Value>> {
    state.organization(&org).await?;
    caller.require(Access::ReadOrganization)?;
    Ok(Json(json!({})))
}

async fn no_autofix(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, _issue)): Path<(String, String)>,
) -> ApiResult<Json<Value>> {
    state.organization(&org).await?;
    caller.require(Access::ReadEvents)?;
    Ok(Json(json!({"autofix": null})))
}

async fn refuse_autofix(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, _issue)): Path<(String, String)>,
) -> ApiResult<Json<Value>> {
    state.organization(&org).await?;
    caller.require(Access::WriteEvents)?;
    Err(ApiError::Refused("AI features are not available on this server.".to_owned()))
}
