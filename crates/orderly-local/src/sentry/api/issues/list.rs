//! The list of issues, of the organization and of one project.

use std::collections::{BTreeSet, HashMap};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::model::parse_short_id;
use crate::sentry::search::key::USUAL_TAGS;
use crate::sentry::search::{Fragment, Query, Scope, SearchError, compile, parse};
use crate::sentry::store::{events_read, issue_people, issues_read, owners, tags};

use super::order::Sort;
use super::page::{Ask, Page, Series};
use super::selection::Selection;
use super::{change, lookup, render};

/// `X-Hits` counts no further.
const MOST_HITS: i64 = 1000;

/// What a list shows when the client does not say what it wants.
const DEFAULT_QUERY: &str = "is:unresolved";

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/organizations/{org}/issues/",
            get(of_organization).put(change::of_organization).delete(change::delete_of_organization),
        )
        .route(
            "/projects/{org}/{project}/issues/",
            get(of_project).put(change::of_project).delete(change::delete_of_project),
        )
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> ApiError {
        ApiError::bad_request(error.to_string())
    }
}

async fn of_organization(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Response> {
    let organization = asked.organization(Access::ReadEvents).await?;
    let sort = Sort::read(params.first("sort"))?;
    let selection = Selection::read(&asked.state, &params, sort.default_period()).await?;
    answer(&asked.state, &asked.caller, &organization.slug, Request { params, page, selection, sort }).await
}

async fn of_project(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, project)): Path<(String, String)>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Response> {
    let organization = state.organization(&org).await?;
    let project = state.project(&org, &project).await?;
    caller.require(Access::ReadEvents)?;
    let sort = Sort::read(params.first("sort"))?;
    let mut selection = Selection::read(&state, &params, sort.default_period()).await?;
    selection.projects = vec![project.id];
    answer(&state, &caller, &organization.slug, Request { params, page, selection, sort }).await
}

struct Request {
    params: Params,
    page: PageRequest,
    selection: Selection,
    sort: Sort,
}

async fn answer(state: &AppState, caller: &Caller, org: &str, request: Request) -> ApiResult<Response> {
    let Request { params, page, selection, sort } = request;
    let series = Series::read(&params, &selection)?.into_iter().collect();
    let ask = Ask { params: &params, selection: &selection, series };
    let text = params.first("query").unwrap_or(DEFAULT_QUERY);
    if let Some(hit) = direct_hit(state, &params, text).await? {
        return shown_hit(state, caller, org, hit, &ask).await;
    }
    let query = parse(text)?;
    if sort == Sort::Inbox && !query.is_review_queue() {
        return Err(ApiError::bad_request("Sort inbox needs a query of is:unresolved is:for_review only."));
    }
    let condition = condition(state, caller, &query, &selection, sort).await?;
    let ids =
        issues_read::search(state.pool(), &condition, &sort.order(&selection), page.fetch(), page.offset())
            .await?;
    let hits = issues_read::count(state.pool(), &condition, MOST_HITS).await?;
    let paged = Paged::from_overfetched(ids, &page).with_total(hits);
    let loaded = Page::load(state, caller.member, paged.items(), &ask).await?;
    let shown =
        loaded.issues.iter().map(|issue| (issue.id, render::listed(state, org, &loaded, issue, &ask)));
    let mut shown: HashMap<i64, _> = shown.collect();
    // An issue that was deleted between the two looks is left out.
    let page = paged.filter_map(|id| shown.remove(&id));
    Ok(page.into_response())
}

/// A reader who is nobody in particular: `me` matches nothing.
pub(in crate::sentry) fn anybody() -> Caller {
    Caller { token: 0, member: None, installation: None, scopes: BTreeSet::new() }
}

/// The condition that a query and a selection make together.
pub(in crate::sentry) async fn condition(
    state: &AppState,
    caller: &Caller,
    query: &Query,
    selection: &Selection,
    sort: Sort,
) -> ApiResult<Fragment> {
    check_tags(state, query).await?;
    let pool = state.pool();
    let teams = match caller.member {
        Some(member) => issue_people::teams_of(pool, member).await?,
        None => Vec::new(),
    };
    let latest_releases = if query.names_latest_release() {
        issues_read::latest_releases(pool, &selection.projects).await?
    } else {
        Vec::new()
    };
    let owner_rules = if query.names_suggested_owners() {
        owners::search_rules(pool, &selection.projects).await?
    } else {
        Vec::new()
    };
    let scope = Scope {
        now: selection.period.now,
        member: caller.member,
        teams: &teams,
        latest_releases: &latest_releases,
        environments: selection.environments.as_deref(),
        owner_rules: &owner_rules,
    };
    Ok(Fragment::all([compile(query, &scope), selection.condition(sort)]))
}

/// Refuses keys that are neither search keys nor tags.
pub(super) async fn check_tags(state: &AppState, query: &Query) -> ApiResult<()> {
    for key in query.tag_keys() {
        if !USUAL_TAGS.contains(&key) && !tags::exists(state.pool(), key).await? {
            let known = tags::all_keys(state.pool()).await?;
            return Err(SearchError::unknown_key(key, known.iter().map(String::as_str)).into());
        }
    }
    Ok(())
}

/// An issue that the query names outright.
struct Hit {
    issue: i64,
    /// The event that was named, and its environment.
    event: Option<(String, String)>,
}

async fn direct_hit(state: &AppState, params: &Params, text: &str) -> ApiResult<Option<Hit>> {
    if let Some(event) = lookup::event_id(text) {
        let found = events_read::issue_of(state.pool(), &event).await?;
        return Ok(found.map(|(issue, environment)| Hit { issue, event: Some((event, environment)) }));
    }
    let asked = params.first("shortIdLookup").is_some_and(|flag| matches!(flag, "1" | "true"));
    match parse_short_id(text.trim()).filter(|_| asked) {
        Some((project, counter)) => {
            let found = issues_read::by_short_id(state.pool(), &project, counter).await?;
            Ok(found.map(|issue| Hit { issue, event: None }))
        }
        None => Ok(None),
    }
}

async fn shown_hit(
    state: &AppState,
    caller: &Caller,
    org: &str,
    hit: Hit,
    ask: &Ask<'_>,
) -> ApiResult<Response> {
    let page = Page::load(state, caller.member, &[hit.issue], ask).await?;
    let mut found: Vec<Value> = Vec::new();
    for issue in &page.issues {
        let mut shown = render::listed(state, org, &page, issue, ask);
        if let Some((event, environment)) = &hit.event {
            shown.insert("matchingEventId".to_owned(), event.as_str().into());
            shown.insert("matchingEventEnvironment".to_owned(), environment.as_str().into());
        }
        found.push(shown.into());
    }
    let mut response = axum::Json(found).into_response();
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-sentry-direct-hit"), HeaderValue::from_static("1"));
    Ok(response)
}
