//! Changing issues: one, many, all that a query finds; merging, discarding, deleting.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::params::Params;
use crate::sentry::states::update::{InvalidUpdate, Update, UpdateRequest};
use crate::sentry::store::activity::Actor;
use crate::sentry::store::issue_change::{self, ChangeError};
use crate::sentry::store::issue_merge::{self, MergeError};
use crate::sentry::store::{installations, issue_update};

use super::detail::{full, only_organization};
use super::lookup::issue_named;
use super::page::{Ask, Page};
use super::render;
use super::selection::{DEFAULT_PERIOD, Selection};
use super::targets::{self, FoundBy, Targets};

type Body = JsonBody<Map<String, Value>>;

impl From<InvalidUpdate> for ApiError {
    fn from(invalid: InvalidUpdate) -> ApiError {
        ApiError::invalid_field(invalid.field, invalid.message)
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> ApiError {
        match error {
            ChangeError::Invalid(invalid) => invalid.into(),
            ChangeError::Database(cause) => cause.into(),
        }
    }
}

impl From<MergeError> for ApiError {
    fn from(error: MergeError) -> ApiError {
        match error {
            MergeError::Database(cause) => cause.into(),
            refused => ApiError::bad_request(refused.to_string()),
        }
    }
}

/// Who acts when this caller changes something.
pub(super) async fn actor(state: &AppState, caller: &Caller) -> ApiResult<Actor> {
    let app = match caller.installation {
        Some(installation) => {
            let all = installations::list(state.pool()).await?;
            all.into_iter().find(|found| found.id == installation).map(|found| found.app_id)
        }
        None => None,
    };
    Ok(Actor { member: caller.member, app })
}

pub(super) async fn one(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, issue)): Path<(String, String)>,
    params: Params,
    JsonBody(body): Body,
) -> ApiResult<Response> {
    let organization = state.organization(&org).await?;
    change_one(&state, &caller, &organization.slug, &issue, &params, &body).await
}

pub(super) async fn one_unscoped(
    State(state): State<AppState>,
    caller: Caller,
    Path(issue): Path<String>,
    params: Params,
    JsonBody(body): Body,
) -> ApiResult<Response> {
    let org = only_organization(&state).await?;
    change_one(&state, &caller, &org, &issue, &params, &body).await
}

async fn change_one(
    state: &AppState,
    caller: &Caller,
    org: &str,
    issue: &str,
    params: &Params,
    body: &Map<String, Value>,
) -> ApiResult<Response> {
    caller.require(Access::WriteEvents)?;
    let id = issue_named(state, issue).await?;
    match UpdateRequest::read(body)? {
        UpdateRequest::Discard => discard(state, caller, &[id]).await,
        UpdateRequest::Merge => Err(ApiError::invalid_field("merge", "A merge needs at least two issues.")),
        UpdateRequest::Change(update) => {
            let actor = actor(state, caller).await?;
            issue_change::change(state.pool(), &[id], &update, actor, state.clock().now()).await?;
            full(state, caller, org, id, params).await.map(IntoResponse::into_response)
        }
    }
}

pub(super) async fn of_organization(
    asked: Asked,
    params: Params,
    JsonBody(body): Body,
) -> ApiResult<Response> {
    let organization = asked.organization(Access::WriteEvents).await?;
    let targets = targets::read(&asked.state, &asked.caller, &params, None).await?;
    change_many(&asked.state, &asked.caller, &organization.slug, targets, &body).await
}

pub(super) async fn of_project(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project)): Path<(String, String)>,
    params: Params,
    JsonBody(body): Body,
) -> ApiResult<Response> {
    let organization = state.organization(&org).await?;
    let project = state.project(&org, &project).await?;
    caller.require(Access::WriteEvents)?;
    let targets = targets::read(&state, &caller, &params, Some(project.id)).await?;
    change_many(&state, &caller, &organization.slug, targets, &body).await
}

async fn change_many(
    state: &AppState,
    caller: &Caller,
    org: &str,
    targets: Targets,
    body: &Map<String, Value>,
) -> ApiResult<Response> {
    let request = UpdateRequest::read(body)?;
    let Targets { issues, found_by } = targets;
    if issues.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    match request {
        UpdateRequest::Discard | UpdateRequest::Merge if found_by == FoundBy::Query => {
            Err(ApiError::bad_request("Name the issues to merge or discard with id=; a query is not enough."))
        }
        UpdateRequest::Discard => discard(state, caller, &issues).await,
        UpdateRequest::Merge => {
            let actor = actor(state, caller).await?;
            let merged = issue_merge::merge(state.pool(), &issues, actor, state.clock().now()).await?;
            let children: Vec<String> = merged.children.iter().map(i64::to_string).collect();
            let answer = json!({"merge": {"parent": merged.parent.to_string(), "children": children}});
            Ok(Json(answer).into_response())
        }
        UpdateRequest::Change(update) => {
            let actor = actor(state, caller).await?;
            issue_change::change(state.pool(), &issues, &update, actor, state.clock().now()).await?;
            let changed = changed(state, caller, org, issues.first().copied(), &update).await?;
            Ok(Json(changed).into_response())
        }
    }
}

/// What a bulk update says it changed, as the first of the issues has it now.
async fn changed(
    state: &AppState,
    caller: &Caller,
    org: &str,
    first: Option<i64>,
    update: &Update,
) -> ApiResult<Value> {
    let params = Params::default();
    let selection = Selection::read(state, &params, DEFAULT_PERIOD).await?;
    let ask = Ask { params: &params, selection: &selection, series: Vec::new() };
    let ids: Vec<i64> = first.into_iter().collect();
    let page = Page::load(state, caller.member, &ids, &ask).await?;
    let Some(issue) = page.issues.first() else { return Ok(json!({})) };
    let shown = render::base(state, org, &page, issue);
    let mut names = Vec::new();
    if update.status.is_some() {
        names.extend(["status", "statusDetails", "substatus", "inbox"]);
    }
    let rest = [
        (update.priority.is_some(), "priority"),
        (update.assignee.is_some(), "assignedTo"),
        (update.inbox.is_some(), "inbox"),
        (update.seen.is_some(), "hasSeen"),
        (update.bookmarked.is_some(), "isBookmarked"),
        (update.subscribed.is_some(), "isSubscribed"),
        (update.public.is_some(), "isPublic"),
    ];
    names.extend(rest.into_iter().filter(|(asked, _)| *asked).map(|(_, name)| name));
    let fields = names.into_iter().filter_map(|name| Some((name.to_owned(), shown.get(name)?.clone())));
    Ok(Value::Object(fields.collect()))
}

async fn discard(state: &AppState, caller: &Caller, issues: &[i64]) -> ApiResult<Response> {
    caller.require(Access::AdminEvents)?;
    issue_update::discard(state.pool(), issues).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn delete_one(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, issue)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    state.organization(&org).await?;
    remove_one(&state, &caller, &issue).await
}

pub(super) async fn delete_one_unscoped(
    State(state): State<AppState>,
    caller: Caller,
    Path(issue): Path<String>,
) -> ApiResult<StatusCode> {
    remove_one(&state, &caller, &issue).await
}

async fn remove_one(state: &AppState, caller: &Caller, issue: &str) -> ApiResult<StatusCode> {
    caller.require(Access::AdminEvents)?;
    let id = issue_named(state, issue).await?;
    issue_update::delete(state.pool(), &[id]).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn delete_of_organization(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    params: Params,
) -> ApiResult<StatusCode> {
    state.organization(&org).await?;
    remove_many(&state, &caller, &params, None).await
}

pub(super) async fn delete_of_project(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project)): Path<(String, String)>,
    params: Params,
) -> ApiResult<StatusCode> {
    let project = state.project(&org, &project).await?;
    remove_many(&state, &caller, &params, Some(project.id)).await
}

async fn remove_many(
    state: &AppState,
    caller: &Caller,
    params: &Params,
    project: Option<i64>,
) -> ApiResult<StatusCode> {
    caller.require(Access::AdminEvents)?;
    let targets = targets::read(state, caller, params, project).await?;
    issue_update::delete(state.pool(), &targets.issues).await?;
    Ok(StatusCode::NO_CONTENT)
}
