//! Issues and their events.
//!
//! - [`selection`]: which projects, environments and times a request is about
//! - [`page`]: everything about a page of issues, in a fixed number of queries; [`render`]: an issue as JSON
//! - [`list`], [`order`]: the issue list; [`detail`]: one issue
//! - [`change`], [`targets`]: changing, merging, discarding, deleting
//! - [`events`], [`event`], [`entries`]: events
//! - [`tags`], [`activities`], [`notes`], [`links`], [`facts`]: what hangs off an issue
//! - [`lookup`]: finding an issue by id, short id or event id

mod activities;
mod change;
mod detail;
mod entries;
mod event;
mod events;
mod facts;
mod links;
mod list;
mod lookup;
mod notes;
pub mod order;
mod page;
mod render;
pub mod selection;
mod tags;
mod targets;

#[cfg(test)]
mod tests;

pub(in crate::sentry) use list::{anybody, condition};
pub(in crate::sentry) use lookup::issue_named;
pub(in crate::sentry) use page::Series;

use axum::Router;

use super::AppState;
pub use detail::{hooked_issue, only_organization};

/// The endpoints of issues, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .merge(list::router())
        .merge(detail::router())
        .merge(events::router())
        .merge(tags::router())
        .merge(activities::router())
        .merge(notes::router())
        .merge(links::router())
        .merge(facts::router())
        .merge(lookup::router())
}
