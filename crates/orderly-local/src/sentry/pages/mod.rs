//! The Sentry side for people: issues, one issue, releases, the backlog of each team. Read-only HTML that needs no
//! script.
//!
//! Reading order: [`door`] (who may look), [`layout`] (what every page has), then one file per page; [`stack`] and
//! [`trend`] are parts of the page of an issue, [`words`] is how text of events is shown.

mod backlog;
mod door;
mod issue;
mod issues;
mod layout;
mod releases;
mod stack;
#[cfg(test)]
mod tests;
mod trend;
mod words;

use axum::Router;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;

use super::api::AppState;
use super::api::host::{loopback_only, own_pages_only};
pub(crate) use door::Door;

/// All pages, and the door in front of them.
pub(crate) fn router(state: AppState, door: Door) -> Router {
    let pages = Router::new()
        .route("/", get(async || Redirect::to("/issues/")))
        .route("/issues/", get(issues::page))
        .route("/organizations/{org}/issues/{issue}/", get(issue::page))
        .route("/releases/", get(releases::page))
        .route("/backlog/", get(backlog::page))
        .layer(from_fn_with_state((state.clone(), door.clone()), door::guard))
        .with_state(state.clone());
    Router::new()
        .merge(pages)
        .merge(door::router(state, door))
        .route("/style.css", get(style))
        .layer(from_fn(own_pages_only))
        .layer(from_fn(loopback_only))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}
