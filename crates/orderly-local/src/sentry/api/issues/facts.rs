//! Smaller facts about issues: grouping hashes, user reports, how many a query finds.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::search::parse;
use crate::sentry::store::events_read::{self, End};
use crate::sentry::store::issues_read;

use super::event;
use super::list::condition;
use super::lookup::{issue_named, with_event_id};
use super::order::Sort;
use super::selection::Selection;

/// A count goes no further than this.
const MOST: i64 = 10_000;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/issues/{issue}/hashes/", get(hashes))
        .route("/organizations/{org}/issues/{issue}/user-reports/", get(user_reports))
        .route("/organizations/{org}/issues-count/", get(count))
}

async fn hashes(
    asked: Asked,
    Path((_, issue)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let mut shown = Vec::new();
    for (hash, event_id) in issues_read::hashes(asked.state.pool(), issue).await? {
        let latest = match event_id {
            Some(id) => events_read::at_end(asked.state.pool(), &with_event_id(&id), End::Newest).await?,
            None => None,
        };
        shown.push(json!({
            "id": hash,
            "latestEvent": latest.as_ref().map(event::summary),
            "mergedBySeer": false,
            "seerMatchDistance": null,
        }));
    }
    Ok(Paged::from_whole(shown, &page))
}

async fn user_reports(
    asked: Asked,
    Path((_, issue)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let reports = events_read::user_reports(asked.state.pool(), issue, page.fetch(), page.offset()).await?;
    Ok(Paged::from_overfetched(reports, &page).map(|report| event::render_report(&report)))
}

/// How many issues each query finds: `{"<query>": n}`.
async fn count(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let selection = Selection::read(&asked.state, &params, Sort::Date.default_period()).await?;
    let mut counts = Map::new();
    for text in params.all("query") {
        let condition = condition(&asked.state, &asked.caller, &parse(text)?, &selection, Sort::Date).await?;
        let found = issues_read::count(asked.state.pool(), &condition, MOST).await?;
        counts.insert(text.to_owned(), found.into());
    }
    Ok(Json(counts.into()))
}
