//! Questions about single events, transactions and spans, and about counts over time.
//!
//! - [`question`]: what every one of these endpoints reads from a query string
//! - [`events`]: rows and groups; [`validate`]: whether a question would be answered
//! - [`series`], [`timeseries`]: the same in steps of time, in the two shapes that clients know
//! - [`facets`]: which tags there are; [`trace`]: the spans of one trace
//! - [`sessions`], [`outcomes`]: release health, and what became of everything that was sent

mod events;
mod facets;
mod outcomes;
mod question;
mod series;
mod sessions;
mod steps;
#[cfg(test)]
mod tests;
mod timeseries;
mod trace;
mod validate;

use axum::Router;

use super::AppState;

/// The endpoints of this folder, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .merge(events::router())
        .merge(validate::router())
        .merge(series::router())
        .merge(timeseries::router())
        .merge(facets::router())
        .merge(trace::router())
        .merge(sessions::router())
        .merge(outcomes::router())
}
