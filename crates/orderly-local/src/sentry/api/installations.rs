//! Installed apps. Links from issues to a tracker are made through one of them.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::error::ApiResult;
use super::lookup::missing;
use super::page::{PageRequest, Paged};
use crate::sentry::store::installations::{self, Installation};
use crate::sentry::store::organization;

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/sentry-app-installations/", get(list))
        .route("/sentry-app-installations/{uuid}/", get(detail))
}

async fn list(asked: Asked, page: PageRequest) -> ApiResult<Paged<Value>> {
    let org = asked.organization(Access::ReadInstallations).await?;
    let all = installations::list(asked.state.pool()).await?;
    Ok(Paged::from_whole(all.iter().map(|installation| render(installation, &org.slug)).collect(), &page))
}

async fn detail(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadInstallations)?;
    let installation = installations::find(state.pool(), &uuid).await?.ok_or_else(missing)?;
    let org = organization::list(state.pool()).await?.into_iter().next().ok_or_else(missing)?;
    Ok(Json(render(&installation, &org.slug)))
}

fn render(installation: &Installation, organization: &str) -> Value {
    json!({
        "uuid": installation.uuid,
        "status": installation.status,
        "app": {
            "uuid": installation.app_uuid,
            "slug": installation.app_slug,
            "sentryAppId": installation.app_id,
        },
        "organization": {"slug": organization},
    })
}
