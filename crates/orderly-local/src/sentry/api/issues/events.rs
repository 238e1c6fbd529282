//! Events of an issue and of a project.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::Value;

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::search::{Fragment, compile_for_events, parse};
use crate::sentry::store::events_read::{self, End};

use super::event;
use super::list::check_tags;
use super::lookup::{event_id, issue_named, with_event_id};
use super::selection::{Selection, read_environments};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/issues/{issue}/events/", get(of_issue))
        .route("/organizations/{org}/issues/{issue}/events/{event}/", get(one_of_issue))
        .route("/issues/{issue}/events/", get(of_issue_unscoped))
        .route("/issues/{issue}/events/{event}/", get(one_of_issue_unscoped))
        .route("/projects/{org}/{project}/events/", get(of_project))
        .route("/projects/{org}/{project}/events/{event}/", get(one_of_project))
}

async fn of_issue(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, issue)): Path<(String, String)>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    state.organization(&org).await?;
    list_of_issue(&state, &caller, &issue, &page, &params).await
}

async fn of_issue_unscoped(
    State(state): State<AppState>,
    caller: Caller,
    Path(issue): Path<String>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    list_of_issue(&state, &caller, &issue, &page, &params).await
}

async fn list_of_issue(
    state: &AppState,
    caller: &Caller,
    issue: &str,
    page: &PageRequest,
    params: &Params,
) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadEvents)?;
    let issue = issue_named(state, issue).await?;
    let within = Fragment::new("event.issue_id = ").int(issue);
    list(state, within, page, params).await
}

async fn of_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    let project = asked.project(&project, Access::ReadProjectEvents).await?;
    let within = Fragment::new("event.project_id = ").int(project.id);
    list(&asked.state, within, &page, &params).await
}

/// Events are kept as long as their issues, so that a list without a period shows all of them.
const EVER: SignedDuration = SignedDuration::from_hours(24 * 366 * 50);

async fn list(
    state: &AppState,
    within: Fragment,
    page: &PageRequest,
    params: &Params,
) -> ApiResult<Paged<Value>> {
    let selection = Selection::read(state, params, EVER).await?;
    let query = parse(params.first("query").unwrap_or_default())?;
    check_tags(state, &query).await?;
    let found = compile_for_events(&query, selection.period.now)?;
    let condition = Fragment::all([within, selection.event_condition(), found]);
    let events = events_read::list(state.pool(), &condition, page.fetch(), page.offset()).await?;
    let full = params.first("full").is_some_and(|flag| matches!(flag, "1" | "true"));
    Ok(Paged::from_overfetched(events, page).map(|found| {
        let shown = if full { event::whole(&found) } else { event::summary(&found) };
        Value::Object(shown)
    }))
}

async fn one_of_issue(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, issue, event)): Path<(String, String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    state.organization(&org).await?;
    of_issue_by_name(&state, &caller, &issue, &event, &params).await
}

async fn one_of_issue_unscoped(
    State(state): State<AppState>,
    caller: Caller,
    Path((issue, event)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    of_issue_by_name(&state, &caller, &issue, &event, &params).await
}

/// `latest`, `oldest`, `recommended` (the newest one) or an event id.
async fn of_issue_by_name(
    state: &AppState,
    caller: &Caller,
    issue: &str,
    name: &str,
    params: &Params,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadEvents)?;
    let issue = issue_named(state, issue).await?;
    let mut conditions = vec![Fragment::new("event.issue_id = ").int(issue)];
    if let Some(environments) = read_environments(state, params).await? {
        conditions.push(Fragment::new("event.environment_id IN ").ints(&environments));
    }
    let end = match name {
        "latest" | "recommended" => End::Newest,
        "oldest" => End::Oldest,
        id => {
            conditions.push(with_event_id(&event_id(id).ok_or_else(missing)?));
            End::Newest
        }
    };
    show(state, &Fragment::all(conditions), end).await
}

async fn one_of_project(
    asked: Asked,
    Path((_, project, event)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadProjectEvents).await?;
    let id = event_id(&event).ok_or_else(missing)?;
    let condition = Fragment::all([Fragment::new("event.project_id = ").int(project.id), with_event_id(&id)]);
    show(&asked.state, &condition, End::Newest).await
}

async fn show(state: &AppState, condition: &Fragment, end: End) -> ApiResult<Json<Value>> {
    let found = events_read::at_end(state.pool(), condition, end).await?.ok_or_else(missing)?;
    event::render(state, &found).await.map(Json)
}
