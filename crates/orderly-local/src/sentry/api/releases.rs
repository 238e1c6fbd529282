//! Releases of the organization and, in the older addresses, of a project.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::{missing, read_optional_time};
use super::page::{PageRequest, Paged};
use super::params::Params;
use super::release_commits::{CommitBody, RefBody, set_commits};
use super::release_shape::{Health, render};
use crate::sentry::store::releases::{self, Existed, Release, ReleaseChange, ReleaseFilter};

/// Longest version that is taken.
const MAX_VERSION: usize = 200;

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/releases/", get(list).post(create))
        .route("/organizations/{org}/releases/{version}/", get(detail).put(change).delete(delete))
        .route("/projects/{org}/{project}/releases/", get(list_of_project).post(create_for_project))
        .route(
            "/projects/{org}/{project}/releases/{version}/",
            get(detail_for_project).put(change_for_project).delete(delete_for_project),
        )
}

/// The release that an address names.
///
/// # Errors
/// 404 when the organization or the release does not exist.
pub async fn release_of(state: &AppState, organization: &str, version: &str) -> ApiResult<Release> {
    state.organization(organization).await?;
    releases::find(state.pool(), version).await?.ok_or_else(missing)
}

async fn release_of_project(
    state: &AppState,
    organization: &str,
    project: &str,
    version: &str,
) -> ApiResult<Release> {
    let project = state.project(organization, project).await?;
    let release = release_of(state, organization, version).await?;
    let projects = releases::projects_of(state.pool(), release.id).await?;
    projects.iter().any(|found| found.project_id == project.id).then_some(release).ok_or_else(missing)
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadReleases).await?;
    let projects = asked.state.projects_in(&params).await?;
    list_in(&asked.state, &projects, &page, &params).await
}

async fn list_of_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    let project = asked.project(&project, Access::ReadReleases).await?;
    list_in(&asked.state, &[project.id], &page, &params).await
}

async fn list_in(
    state: &AppState,
    projects: &[i64],
    page: &PageRequest,
    params: &Params,
) -> ApiResult<Paged<Value>> {
    let environments: Vec<&str> = params.all("environment").filter(|name| !name.is_empty()).collect();
    let filter = ReleaseFilter {
        projects,
        environments: &environments,
        text: params.first("query").unwrap_or_default(),
        status: params.first("status").unwrap_or_default(),
    };
    let found = releases::list(state.pool(), filter, page.offset(), page.fetch()).await?;
    let health = Health::asked_by(params);
    let mut rendered = Vec::with_capacity(found.len());
    for release in &found {
        rendered.push(render(state, release, health).await?);
    }
    Ok(Paged::from_overfetched(rendered, page))
}

async fn detail(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadReleases)?;
    let release = release_of(&state, &org, &version).await?;
    Ok(Json(render(&state, &release, Health::asked_by(&params)).await?))
}

async fn detail_for_project(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project, version)): Path<(String, String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadReleases)?;
    let release = release_of_project(&state, &org, &project, &version).await?;
    Ok(Json(render(&state, &release, Health::asked_by(&params)).await?))
}

/// What a client says about a release. `commits` wins over `refs`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReleaseBody {
    version: Option<String>,
    projects: Option<Vec<String>>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    url: Option<String>,
    status: Option<String>,
    date_started: Option<String>,
    date_released: Option<String>,
    commits: Option<Vec<CommitBody>>,
    refs: Option<Vec<RefBody>>,
}

async fn create(asked: Asked, JsonBody(body): JsonBody<ReleaseBody>) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::WriteReleases).await?;
    let names = body.projects.as_deref().unwrap_or_default();
    let projects = asked.state.projects_named("projects", names).await?;
    create_in(&asked.state, &projects, &body).await
}

async fn create_for_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    JsonBody(body): JsonBody<ReleaseBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = asked.project(&project, Access::WriteReleases).await?;
    create_in(&asked.state, &[project.id], &body).await
}

/// A new release needs a project; archiving an existing one may name none, as `sentry-cli releases archive` does.
async fn create_in(
    state: &AppState,
    projects: &[i64],
    body: &ReleaseBody,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let version = body.version.as_deref().map(str::trim).unwrap_or_default();
    check_version(version)?;
    if projects.is_empty() && releases::find(state.pool(), version).await?.is_none() {
        return Err(ApiError::invalid_field("projects", "This field is required."));
    }
    let (release, existed) = apply(state, version, projects, body).await?;
    let status = match existed {
        Existed::Created => StatusCode::CREATED,
        Existed::Already => StatusCode::ALREADY_REPORTED,
    };
    Ok((status, Json(render(state, &release, Health::Unasked).await?)))
}

fn check_version(version: &str) -> ApiResult<()> {
    let forbidden = matches!(version, "." | ".." | "latest")
        || version.contains(|character: char| character.is_control() || "\\".contains(character));
    if version.is_empty() {
        Err(ApiError::invalid_field("version", "This field is required."))
    } else if forbidden || version.len() > MAX_VERSION {
        Err(ApiError::invalid_field("version", format!("Release with name {version:?} is not allowed")))
    } else {
        Ok(())
    }
}

async fn apply(
    state: &AppState,
    version: &str,
    projects: &[i64],
    body: &ReleaseBody,
) -> ApiResult<(Release, Existed)> {
    let status = match body.status.as_deref() {
        None | Some("") => None,
        Some(status @ ("open" | "archived")) => Some(status),
        Some(_) => return Err(ApiError::invalid_field("status", "Invalid status: use open or archived.")),
    };
    let released_at: Option<Timestamp> = read_optional_time("dateReleased", body.date_released.as_deref())?;
    let change = ReleaseChange {
        reference: body.reference.as_deref(),
        url: body.url.as_deref(),
        status,
        started_at: read_optional_time("dateStarted", body.date_started.as_deref())?,
        released_at,
    };
    let now = state.clock().now();
    let commits =
        super::release_commits::read(state, body.commits.as_deref(), body.refs.as_deref(), now).await?;
    let (release, existed) = releases::upsert(state.pool(), version, projects, change, now).await?;
    if let Some(commits) = commits {
        set_commits(state, &release, &commits, now).await?;
    }
    Ok((release, existed))
}

async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
    JsonBody(body): JsonBody<ReleaseBody>,
) -> ApiResult<Json<Value>> {
    caller.require(Access::WriteReleases)?;
    let release = release_of(&state, &org, &version).await?;
    change_release(&state, &release, &body).await
}

async fn change_for_project(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project, version)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<ReleaseBody>,
) -> ApiResult<Json<Value>> {
    caller.require(Access::WriteReleases)?;
    let release = release_of_project(&state, &org, &project, &version).await?;
    change_release(&state, &release, &body).await
}

async fn change_release(state: &AppState, release: &Release, body: &ReleaseBody) -> ApiResult<Json<Value>> {
    let names = body.projects.as_deref().unwrap_or_default();
    let projects = state.projects_named("projects", names).await?;
    let (changed, _) = apply(state, &release.version, &projects, body).await?;
    Ok(Json(render(state, &changed, Health::Unasked).await?))
}

async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    caller.require(Access::WriteReleases)?;
    let release = release_of(&state, &org, &version).await?;
    delete_release(&state, &release).await
}

async fn delete_for_project(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project, version)): Path<(String, String, String)>,
) -> ApiResult<StatusCode> {
    caller.require(Access::WriteReleases)?;
    let release = release_of_project(&state, &org, &project, &version).await?;
    delete_release(&state, &release).await
}

async fn delete_release(state: &AppState, release: &Release) -> ApiResult<StatusCode> {
    if releases::has_events(state.pool(), release.id).await? {
        return Err(ApiError::bad_request(
            "This release is referenced by active issues and cannot be removed.",
        ));
    }
    releases::delete(state.pool(), release.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
