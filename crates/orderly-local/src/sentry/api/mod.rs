//! The web API under `/api/0`, as Sentry's official clients use it.
//!
//! Reading order: [`AppState`] and [`router`] here; what every endpoint shares in [`auth`] (tokens, scopes),
//! [`error`] (`{"detail"}`), [`params`] (query strings), [`body`] (JSON bodies), [`page`] (cursors, `Link`),
//! [`rate_limit`] and [`host`]; then one file per subject.

mod absent;
pub mod alerts;
mod asked;
mod audit;
pub mod auth;
pub mod body;
mod code_mappings;
mod committers;
mod deploys;
mod environments;
pub mod error;
pub mod explore;
mod flags;
pub mod host;
mod installations;
pub mod issues;
mod keys;
pub mod lookup;
pub mod members;
mod monitors;
mod organizations;
mod ownership;
pub mod page;
pub mod params;
mod projects;
pub mod rate_limit;
pub mod release_commits;
pub mod release_shape;
mod releases;
mod repos;
mod root;
mod sentry_apps;
mod state;
mod teams;
#[cfg(test)]
mod tests;

pub use state::AppState;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use self::error::ApiError;

/// Everything under `/api/0`.
pub fn router(state: AppState) -> Router {
    let endpoints = Router::new()
        .merge(root::router())
        .merge(organizations::router())
        .merge(projects::router())
        .merge(teams::router())
        .merge(members::router())
        .merge(keys::router())
        .merge(environments::router())
        .merge(ownership::router())
        .merge(releases::router())
        .merge(release_commits::router())
        .merge(deploys::router())
        .merge(repos::router())
        .merge(code_mappings::router())
        .merge(flags::router())
        .merge(installations::router())
        .merge(sentry_apps::router())
        .merge(committers::router())
        .merge(issues::router())
        .merge(explore::router())
        .merge(alerts::router())
        .merge(monitors::router())
        .merge(audit::router())
        .merge(absent::router())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), audit::log))
        .layer(from_fn_with_state(state.clone(), rate_limit::apply));
    let root = Router::new()
        .route("/api/0/", get(root::root))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), rate_limit::apply));
    Router::new()
        .merge(root)
        .nest("/api/0", endpoints)
        .layer(axum::middleware::from_fn(host::own_pages_only))
        .layer(axum::middleware::from_fn(host::loopback_only))
        .with_state(state)
}

async fn unknown_path(request: Request) -> ApiError {
    let path = request.uri().path();
    if path.ends_with('/') {
        ApiError::not_found("The requested resource does not exist")
    } else {
        ApiError::not_found("The requested resource does not exist: paths of this API end with a slash")
    }
}

async fn wrong_method(request: Request) -> ApiError {
    ApiError::MethodNotAllowed(request.method().clone())
}
