//! What the official clients ask for and this server does not do: each gets the answer of an organization that has
//! none of it, so that a client goes on.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::error::{ApiError, ApiResult};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/replay-count/", get(no_replays))
        .route("/organizations/{org}/issues/{issue}/autofix/", get(no_autofix).post(refuse_autofix))
}

async fn no_replays(asked: Asked) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    Ok(Json(json!({})))
}

async fn no_autofix(asked: Asked) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadEvents).await?;
    Ok(Json(json!({"autofix": null})))
}

async fn refuse_autofix(asked: Asked) -> ApiResult<Json<Value>> {
    asked.organization(Access::WriteEvents).await?;
    Err(ApiError::Refused("AI features are not available on this server.".to_owned()))
}
