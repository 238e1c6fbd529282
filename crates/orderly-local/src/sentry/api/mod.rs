//! The web API under `/api/0`, as Sentry's official clients use it.
//!
//! Reading order: [`AppState`] and [`router`] here; what every endpoint shares in [`auth`] (tokens, scopes),
//! [`error`] (`{"detail"}`), [`params`] (query strings), [`body`] (JSON bodies), [`page`] (cursors, `Link`),
//! [`rate_limit`] and [`host`]; then one file per subject.

pub mod auth;
pub mod body;
pub mod error;
pub mod host;
pub mod page;
pub mod params;
pub mod rate_limit;
mod state;

pub use state::AppState;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;

use self::error::ApiError;

/// Everything under `/api/0`, ready to be merged with the ingest routes. The caller adds failure knobs outside of it.
pub fn router(state: AppState) -> Router {
    let endpoints = Router::new()
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), rate_limit::apply));
    Router::new()
        .nest("/api/0", endpoints)
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
