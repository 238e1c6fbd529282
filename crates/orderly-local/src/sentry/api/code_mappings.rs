//! Code mappings, and the page of the source line that a stack frame names.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::missing;
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::code_mapping::{Roots, best, page};
use crate::sentry::store::code_mappings::{self, CodeMapping, Saved};
use crate::sentry::store::commits::{self, Repository};

/// Most mappings of one request, and longest root.
const MOST: usize = 300;
const LONGEST: usize = 500;

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/code-mappings/", get(list).post(create))
        .route("/organizations/{org}/code-mappings/bulk/", post(set_many))
        .route("/organizations/{org}/code-mappings/{mapping}/", delete(remove))
        .route("/projects/{org}/{project}/stacktrace-link/", get(link))
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadRepositories).await?;
    let projects = asked.state.projects_in(&params).await?;
    let mut mappings = code_mappings::list(asked.state.pool()).await?;
    mappings.retain(|mapping| projects.is_empty() || projects.contains(&mapping.project.0));
    Ok(Paged::from_whole(mappings.iter().map(render).collect(), &page))
}

fn render(mapping: &CodeMapping) -> Value {
    let (id, name, _) = &mapping.repository;
    let (provider, provider_name) = &mapping.provider;
    json!({
        "id": mapping.id.to_string(),
        "projectId": mapping.project.0.to_string(),
        "projectSlug": mapping.project.1,
        "repoId": id.to_string(),
        "repoName": name,
        "integrationId": null,
        "provider": {"key": provider.trim_start_matches("integrations:"), "slug": provider, "name": provider_name},
        "stackRoot": mapping.roots.stack_root,
        "sourceRoot": mapping.roots.source_root,
        "defaultBranch": mapping.default_branch,
        "automaticallyGenerated": false,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RootsBody {
    stack_root: String,
    source_root: String,
}

impl RootsBody {
    fn read(self) -> Result<Roots, &'static str> {
        let short = |root: &str| root.len() <= LONGEST && !root.chars().any(|c| c.is_control() || c == '\\');
        if !short(&self.stack_root) || !short(&self.source_root) {
            return Err("A root has at most 500 characters, none of them a backslash or control character.");
        }
        if self.source_root.split('/').any(|part| part == "..") {
            return Err("A source root stays inside the repository.");
        }
        Ok(Roots { stack_root: self.stack_root, source_root: self.source_root })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MappingBody {
    project_id: Value,
    repository_id: Value,
    default_branch: Option<String>,
    #[serde(flatten)]
    roots: RootsBody,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    JsonBody(body): JsonBody<MappingBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    caller.require(Access::WriteRepositories)?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let project = state.project(&org, &text(&body.project_id)).await?;
    let wanted = text(&body.repository_id);
    let repository = commits::repositories(state.pool()).await?;
    let repository = repository.into_iter().find(|known| known.id.to_string() == wanted);
    let repository = repository.ok_or_else(|| {
        ApiError::invalid_field("repositoryId", "Repository does not exist in organization")
    })?;
    let branch = branch(body.default_branch.as_deref())?;
    let roots = body.roots.read().map_err(|why| ApiError::invalid_field("sourceRoot", why))?;
    let now = state.clock().now();
    let saved = code_mappings::save(state.pool(), project.id, repository.id, &roots, branch, now).await?;
    let all = code_mappings::list(state.pool()).await?;
    let made =
        all.iter().find(|one| one.project.0 == project.id && one.roots == roots).ok_or_else(missing)?;
    let status = if saved == Saved::Created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(render(made))))
}

fn branch(given: Option<&str>) -> ApiResult<&str> {
    let branch = given.unwrap_or("main");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let good = (1..=255).contains(&branch.len()) && branch.chars().all(plain) && !branch.contains("..");
    good.then_some(branch)
        .ok_or_else(|| ApiError::invalid_field("defaultBranch", "This is not a branch name."))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManyBody {
    project: String,
    repository: String,
    default_branch: Option<String>,
    mappings: Vec<RootsBody>,
}

/// What `sentry-cli code-mappings upload` sends. A repository that is not known yet is registered.
async fn set_many(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    JsonBody(body): JsonBody<ManyBody>,
) -> ApiResult<Json<Value>> {
    let project = state.project(&org, &body.project).await?;
    caller.require(Access::WriteRepositories)?;
    if body.mappings.is_empty() || body.mappings.len() > MOST {
        return Err(ApiError::invalid_field("mappings", format!("1 to {MOST} mappings are taken at once.")));
    }
    let branch = branch(body.default_branch.as_deref())?;
    let repository = repository(&state, &body.repository).await?;
    let (mut created, mut updated, mut errors, mut shown) = (0, 0, 0, Vec::new());
    for mapping in body.mappings {
        let named = json!({"stackRoot": mapping.stack_root, "sourceRoot": mapping.source_root});
        let result = match mapping.read() {
            Ok(roots) => {
                let now = state.clock().now();
                Ok(code_mappings::save(state.pool(), project.id, repository.id, &roots, branch, now).await?)
            }
            Err(why) => Err(why),
        };
        let (count, status, detail) = match result {
            Ok(Saved::Created) => (&mut created, "created", None),
            Ok(Saved::Updated) => (&mut updated, "updated", None),
            Err(why) => (&mut errors, "error", Some(why)),
        };
        *count += 1;
        let mut one = named;
        one["status"] = json!(status);
        if let Some(detail) = detail {
            one["detail"] = json!(detail);
        }
        shown.push(one);
    }
    Ok(Json(json!({"created": created, "updated": updated, "errors": errors, "mappings": shown})))
}

async fn repository(state: &AppState, name: &str) -> ApiResult<Repository> {
    let name = name.trim();
    if name.is_empty() || name.len() > 200 {
        return Err(ApiError::invalid_field("repository", "A repository name has 1 to 200 characters."));
    }
    let registered = commits::register(state.pool(), name, None, None, state.clock().now()).await?;
    match registered {
        Some(registered) => Ok(registered),
        None => {
            let known = commits::repositories(state.pool()).await?;
            known.into_iter().find(|known| known.name == name).ok_or_else(missing)
        }
    }
}

async fn remove(asked: Asked, Path((_, mapping)): Path<(String, String)>) -> ApiResult<StatusCode> {
    asked.organization(Access::WriteRepositories).await?;
    let id = mapping.parse().map_err(|_| missing())?;
    let deleted = code_mappings::delete(asked.state.pool(), id).await?;
    deleted.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}

/// The page of a frame's line: at `commitId` if the client knows it, else on the default branch.
async fn link(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    let file = params.first_non_empty("file").ok_or_else(|| ApiError::bad_request("Filepath is required"))?;
    let mut mappings = code_mappings::list(asked.state.pool()).await?;
    mappings.retain(|mapping| mapping.project.0 == project.id);
    let nothing =
        |error: &str| json!({"config": null, "sourceUrl": null, "error": error, "integrations": []});
    if mappings.is_empty() {
        return Ok(Json(nothing("no_code_mappings_for_project")));
    }
    let found = [Some(file), params.first_non_empty("absPath")]
        .into_iter()
        .flatten()
        .find_map(|file| best(&mappings, |mapping| &mapping.roots, file));
    let Some((mapping, path)) = found else { return Ok(Json(nothing("stack_root_mismatch"))) };
    let sha = params.first_non_empty("commitId");
    let sha =
        sha.filter(|sha| sha.len() >= 7 && sha.len() <= 64 && sha.bytes().all(|b| b.is_ascii_hexdigit()));
    let line = params.first("lineNo").and_then(|line| line.parse().ok());
    let revision = sha.unwrap_or(&mapping.default_branch);
    let url = mapping.repository.2.as_deref().and_then(|repository| page(repository, revision, &path, line));
    let error = url.is_none().then_some("integration_link_forbidden");
    let mut answer = json!({
        "config": render(mapping),
        "sourceUrl": url,
        "sourcePath": path,
        "integrations": [],
    });
    if let Some(error) = error {
        answer["error"] = json!(error);
    }
    Ok(Json(answer))
}
