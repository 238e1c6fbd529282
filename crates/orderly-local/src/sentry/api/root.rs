//! Who am I, and what is here: `/`, `/auth/`, `/users/me/`, `/users/me/regions/`.

use axum::extract::{Path, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::routing::get;
use axum::{Json, RequestExt, Router};
use serde_json::{Value, json};

use super::AppState;
use super::auth::Caller;
use super::error::{ApiError, ApiResult};
use super::lookup::missing;
use super::members::render_self;
use crate::sentry::store::people::{self, Member};

/// The answer of the API's own root, which stands outside of [`router`] because `/api/0/` has no further path.
pub async fn root(State(state): State<AppState>, mut request: Request) -> ApiResult<Json<Value>> {
    if !request.headers().contains_key(AUTHORIZATION) {
        return Ok(Json(json!({"version": "0", "auth": null, "user": null})));
    }
    let caller: Caller = request.extract_parts_with_state(&state).await?;
    let scopes: Vec<&str> = caller.scopes.iter().map(|scope| scope.as_str()).collect();
    let user = member_of(&state, &caller).await?.map(|member| render_self(&state, &member));
    Ok(Json(json!({"version": "0", "auth": {"scopes": scopes}, "user": user})))
}

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/auth/", get(whoami))
        .route("/users/{user}/", get(user))
        .route("/users/me/regions/", get(regions))
}

async fn member_of(state: &AppState, caller: &Caller) -> ApiResult<Option<Member>> {
    let Some(id) = caller.member else { return Ok(None) };
    Ok(people::member(state.pool(), id).await?)
}

async fn whoami(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Value>> {
    let member = member_of(&state, &caller).await?;
    let member = member.ok_or_else(|| ApiError::Refused("This token belongs to no user.".to_owned()))?;
    Ok(Json(render_self(&state, &member)))
}

/// `me`, or the caller's own id.
async fn user(
    State(state): State<AppState>,
    caller: Caller,
    Path(user): Path<String>,
) -> ApiResult<Json<Value>> {
    let own_id = caller.member.map(|id| id.to_string());
    if user != "me" && own_id.as_deref() != Some(user.as_str()) {
        return Err(missing());
    }
    whoami(State(state), caller).await
}

async fn regions(State(state): State<AppState>, _caller: Caller) -> Json<Value> {
    Json(json!({"regions": [{"name": "local", "url": state.base_url()}]}))
}
