//! What the official clients ask for and this server does not do: each gets the answer of an organization that has
//! none of it, so that a client goes on.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::auth::{Access, Caller};
use super::error::{ApiError, ApiResult};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/replay-count/", get(no_replays))
        .route("/organizations/{org}/issues/{issue}/autofix/", get(no_autofix).post(refuse_autofix))
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
