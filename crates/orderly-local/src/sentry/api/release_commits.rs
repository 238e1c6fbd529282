//! The commits of a release: what a client reports, and what it reads back.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::error::{ApiError, ApiResult};
use super::lookup::{missing, read_time};
use super::members::render_user;
use super::page::{PageRequest, Paged};
use super::release_shape::{Health, render as render_release};
use super::releases::release_of;
use super::repos::render as render_repository;
use crate::sentry::store::commits::{self, Commit, FileChange, NewCommit};
use crate::sentry::store::people::{self, Member};
use crate::sentry::store::releases::{self, Release, ReleaseFilter};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/releases/{version}/commits/", get(list))
        .route("/projects/{org}/{project}/releases/{version}/commits/", get(list_for_project))
        .route("/organizations/{org}/releases/{version}/commitfiles/", get(changed_files))
        .route("/organizations/{org}/releases/{version}/files/", get(artifacts))
        .route("/organizations/{org}/releases/{version}/previous-with-commits/", get(previous))
}

/// A commit as a client reports it.
#[derive(Clone, Debug, Deserialize)]
pub struct CommitBody {
    id: String,
    repository: Option<String>,
    message: Option<String>,
    author_name: Option<String>,
    author_email: Option<String>,
    timestamp: Option<String>,
    patch_set: Option<Vec<PatchBody>>,
}

#[derive(Clone, Debug, Deserialize)]
struct PatchBody {
    path: String,
    #[serde(rename = "type")]
    change: String,
}

/// A repository and the commit at its head.
#[derive(Clone, Debug, Deserialize)]
pub struct RefBody {
    repository: String,
    commit: String,
}

/// Reads `commits`, or `refs` when there are none. `None` when a client mentions neither, which leaves what is stored.
///
/// # Errors
/// 400 for a time or kind of change that does not read, and for refs of a repository that does not exist.
pub async fn read(
    state: &AppState,
    commits: Option<&[CommitBody]>,
    refs: Option<&[RefBody]>,
    now: Timestamp,
) -> ApiResult<Option<Vec<NewCommit>>> {
    match (commits, refs) {
        (Some(commits), _) => {
            commits.iter().map(|commit| read_commit(commit, now)).collect::<ApiResult<_>>().map(Some)
        }
        (None, Some(refs)) => read_refs(state, refs, now).await.map(Some),
        (None, None) => Ok(None),
    }
}

fn read_commit(commit: &CommitBody, now: Timestamp) -> ApiResult<NewCommit> {
    if commit.id.trim().is_empty() || commit.id.len() > 64 {
        return Err(ApiError::invalid_field("commits", "A commit's id has 1 to 64 characters."));
    }
    let files = commit.patch_set.iter().flatten().map(|patch| {
        let change = FileChange::from_letter(&patch.change).ok_or_else(|| {
            ApiError::invalid_field(
                "commits",
                format!("Commit patch_set type {} is not supported.", patch.change),
            )
        })?;
        Ok((patch.path.clone(), change))
    });
    Ok(NewCommit {
        sha: commit.id.clone(),
        repository: commit.repository.clone().unwrap_or_else(|| "organization".to_owned()),
        message: commit.message.clone(),
        author_name: commit.author_name.clone(),
        author_email: commit.author_email.clone(),
        committed_at: commit.timestamp.as_deref().map_or(Ok(now), |text| read_time("commits", text))?,
        files: files.collect::<ApiResult<_>>()?,
    })
}

async fn read_refs(state: &AppState, refs: &[RefBody], now: Timestamp) -> ApiResult<Vec<NewCommit>> {
    let known = commits::repositories(state.pool()).await?;
    refs.iter()
        .map(|reference| {
            if !known.iter().any(|repository| repository.name == reference.repository) {
                let message = format!("Invalid repository names: {}", reference.repository);
                return Err(ApiError::invalid_field("refs", message));
            }
            Ok(NewCommit {
                sha: reference.commit.clone(),
                repository: reference.repository.clone(),
                message: None,
                author_name: None,
                author_email: None,
                committed_at: now,
                files: Vec::new(),
            })
        })
        .collect()
}

/// Replaces the commits of a release.
///
/// # Errors
/// When the store refuses.
pub async fn set_commits(
    state: &AppState,
    release: &Release,
    commits: &[NewCommit],
    now: Timestamp,
) -> ApiResult<()> {
    Ok(commits::set_for_release(state.pool(), release.id, commits, now).await?)
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadReleases)?;
    let release = release_of(&state, &org, &version).await?;
    let commits = commits::of_release(state.pool(), release.id).await?;
    Ok(Paged::from_whole(render_all(&state, &commits).await?, &page))
}

async fn list_for_project(
    state: State<AppState>,
    caller: Caller,
    Path((org, project, version)): Path<(String, String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    state.project(&org, &project).await?;
    list(state, caller, Path((org, version)), page).await
}

async fn changed_files(
    asked: Asked,
    Path((_, version)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    let organization = asked.organization(Access::ReadReleases).await?;
    let release = release_of(&asked.state, &asked.org, &version).await?;
    let commits = commits::of_release(asked.state.pool(), release.id).await?;
    let members = people::members(asked.state.pool()).await?;
    let repositories = commits::repositories(asked.state.pool()).await?;
    let files = commits::files_of_release(asked.state.pool(), release.id).await?;
    let rendered = files.iter().enumerate().filter_map(|(index, file)| {
        let commit = commits.iter().find(|commit| commit.id == file.commit_id)?;
        let repository = repositories.iter().find(|repository| repository.id == commit.repository_id);
        Some(json!({
            "id": (index + 1).to_string(),
            "orgId": organization.id,
            "filename": file.path,
            "type": file.change,
            "author": author(commit, &members),
            "commitMessage": commit.message,
            "repoName": repository.map(|repository| &repository.name),
        }))
    });
    Ok(Paged::from_whole(rendered.collect(), &page))
}

/// Source maps and other artifacts are not kept, so there are none.
async fn artifacts(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadReleases)?;
    release_of(&state, &org, &version).await?;
    Ok(Paged::from_whole(Vec::new(), &page))
}

/// The newest older release of the same projects that has commits; `{}` when there is none.
async fn previous(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, version)): Path<(String, String)>,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadReleases)?;
    let release = release_of(&state, &org, &version).await?;
    let projects = releases::projects_of(state.pool(), release.id).await?;
    let projects: Vec<i64> = projects.iter().map(|project| project.project_id).collect();
    let filter = ReleaseFilter { projects: &projects, ..ReleaseFilter::default() };
    let all = releases::list(state.pool(), filter, 0, i64::MAX).await?;
    let position = all.iter().position(|found| found.id == release.id).ok_or_else(missing)?;
    for older in all.iter().skip(position + 1) {
        if !commits::of_release(state.pool(), older.id).await?.is_empty() {
            return Ok(Json(render_release(&state, older, Health::Unasked).await?));
        }
    }
    Ok(Json(json!({})))
}

/// Commits as lists show them.
///
/// # Errors
/// When the store refuses.
pub async fn render_all(state: &AppState, commits: &[Commit]) -> ApiResult<Vec<Value>> {
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let members = people::members(state.pool()).await?;
    let repositories = commits::repositories(state.pool()).await?;
    let mut rendered = Vec::with_capacity(commits.len());
    for commit in commits {
        let repository = repositories.iter().find(|repository| repository.id == commit.repository_id);
        let versions = commits::releases_with(state.pool(), commit.id).await?;
        let releases: Vec<Value> =
            versions.iter().map(|version| json!({"version": version, "shortVersion": version})).collect();
        rendered.push(json!({
            "id": commit.sha,
            "message": commit.message,
            "dateCreated": commit.committed_at,
            "pullRequest": null,
            "suspectCommitType": "",
            "author": author(commit, &members),
            "repository": repository.map(render_repository),
            "releases": releases,
        }));
    }
    Ok(rendered)
}

/// Everyone who wrote one of the commits, once each.
///
/// # Errors
/// When the store refuses.
pub async fn authors(state: &AppState, commits: &[Commit]) -> ApiResult<Vec<Value>> {
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let members = people::members(state.pool()).await?;
    let mut distinct = Vec::new();
    for value in commits.iter().map(|commit| author(commit, &members)).filter(|value| *value != json!({})) {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    Ok(distinct)
}

/// The member with the author's address; else the name and address as the commit has them; an empty object, which the
/// official MCP server insists on, when it has neither.
pub fn author(commit: &Commit, members: &[Member]) -> Value {
    let known = commit
        .author_email
        .as_ref()
        .and_then(|email| members.iter().find(|member| member.email.eq_ignore_ascii_case(email)));
    match known {
        Some(member) => render_user(member),
        None if commit.author_name.is_none() && commit.author_email.is_none() => json!({}),
        None => json!({"name": commit.author_name, "email": commit.author_email}),
    }
}
