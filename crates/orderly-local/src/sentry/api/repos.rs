//! Repositories.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::store::commits::{self, Repository};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/repos/", get(list).post(register))
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadRepositories).await?;
    let wanted = params.first("query").unwrap_or_default().to_lowercase();
    let mut repositories = commits::repositories(asked.state.pool()).await?;
    repositories.retain(|repository| repository.name.to_lowercase().contains(&wanted));
    Ok(Paged::from_whole(repositories.iter().map(render).collect(), &page))
}

#[derive(Debug, Deserialize)]
struct RepositoryBody {
    name: Option<String>,
    provider: Option<String>,
    url: Option<String>,
}

async fn register(
    asked: Asked,
    JsonBody(body): JsonBody<RepositoryBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::WriteRepositories).await?;
    let name = body.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::invalid_field("name", "This field is required."))?;
    let registered = commits::register(
        asked.state.pool(),
        name,
        body.provider.as_deref(),
        body.url.as_deref(),
        asked.state.clock().now(),
    )
    .await?;
    let registered = registered
        .ok_or_else(|| ApiError::Conflict("A repository with that name already exists.".to_owned()))?;
    Ok((StatusCode::CREATED, Json(render(&registered))))
}

/// A repository as lists and commits show it.
pub fn render(repository: &Repository) -> Value {
    json!({
        "id": repository.id.to_string(),
        "name": repository.name,
        "url": repository.url,
        "provider": {"id": repository.provider_id, "name": repository.provider_name},
        "status": repository.status,
        "dateCreated": repository.created_at,
        "integrationId": null,
        "externalId": null,
        "externalSlug": null,
    })
}
