//! Environments of the organization and of a project.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::error::{ApiError, ApiResult};
use super::params::Params;
use crate::sentry::store::environments::{self, Environment, Visibility};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/environments/", get(of_organization))
        .route("/projects/{org}/{project}/environments/", get(of_project))
}

async fn of_organization(asked: Asked, params: Params) -> ApiResult<Json<Vec<Value>>> {
    asked.organization(Access::ReadOrganization).await?;
    let all = environments::list(asked.state.pool(), None, visibility(&params)?).await?;
    let render =
        |environment: &Environment| json!({"id": environment.id.to_string(), "name": environment.name});
    Ok(Json(all.iter().map(render).collect()))
}

async fn of_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Vec<Value>>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    let all = environments::list(asked.state.pool(), Some(project.id), visibility(&params)?).await?;
    let render = |environment: &Environment| {
        json!({
            "id": environment.id.to_string(),
            "name": environment.name,
            "isHidden": environment.is_hidden,
        })
    };
    Ok(Json(all.iter().map(render).collect()))
}

fn visibility(params: &Params) -> ApiResult<Visibility> {
    match params.first_non_empty("visibility").unwrap_or("visible") {
        "visible" => Ok(Visibility::Visible),
        "hidden" => Ok(Visibility::Hidden),
        "all" => Ok(Visibility::All),
        _ => Err(ApiError::bad_request(
            "Invalid value for 'visibility', valid values are: all, hidden, visible",
        )),
    }
}
