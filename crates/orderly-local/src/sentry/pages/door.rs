//! Who may see the pages: whoever holds an API token, or came by the link that the server prints when it starts.
//!
//! The link carries a key that is made at each start and opens nothing but these pages. It is changed for a cookie at
//! once, so that it stays in no address. The cookie is for this host only, out of reach of scripts and of requests
//! from other sites. Cookies know no ports: another server on 127.0.0.1 that is visited with the same browser is sent
//! it too, which is why it is not the API token.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::html;
use subtle::ConstantTimeEq;

use super::layout;
use crate::sentry::api::AppState;
use crate::sentry::api::auth::{Access, TokenHash, bearer};
use crate::sentry::api::error::ApiError;
use crate::sentry::api::params::Params;
use crate::sentry::store::tokens;

const COOKIE_NAME: &str = "orderly_pages";

/// What opens the pages until the server stops. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    key: Arc<str>,
}

impl Door {
    /// A door with a new key.
    pub(crate) fn new() -> Self {
        let random = || uuid::Uuid::new_v4().simple().to_string();
        Self { key: (random() + &random()).into() }
    }

    /// The path of the link that opens the pages.
    pub(crate) fn path(&self) -> String {
        format!("/enter/{}/", self.key)
    }

    fn opens(&self, key: &str) -> bool {
        self.key.as_bytes().ct_eq(key.as_bytes()).into()
    }

    fn cookie(&self) -> Option<HeaderValue> {
        let cookie = format!("{COOKIE_NAME}={}; Path=/; HttpOnly; SameSite=Lax", self.key);
        HeaderValue::from_str(&cookie).ok()
    }

    /// On to the pages, with the cookie.
    fn enter(&self) -> Response {
        let mut response = Redirect::to("/issues/").into_response();
        response.headers_mut().extend(self.cookie().map(|cookie| (SET_COOKIE, cookie)));
        response
    }
}

/// The ways in.
pub(super) fn router(state: AppState, door: Door) -> Router {
    Router::new()
        .route("/enter/{key}/", get(by_link))
        .route("/enter/", post(by_token))
        .with_state((state, door))
}

async fn by_link(State((_, door)): State<(AppState, Door)>, Path(key): Path<String>) -> Response {
    if door.opens(&key) { door.enter() } else { closed("This link is of an earlier start of the server.") }
}

/// Longer forms hold no token.
const LONGEST_FORM: usize = 4 << 10;

async fn by_token(State((state, door)): State<(AppState, Door)>, body: Body) -> Response {
    let form = axum::body::to_bytes(body, LONGEST_FORM).await.unwrap_or_default();
    let form = Params::parse(&String::from_utf8_lossy(&form));
    match may_read(&state, form.first("token").unwrap_or_default().trim()).await {
        Ok(true) => door.enter(),
        Ok(false) => closed("This token does not open the pages."),
        Err(error) => layout::failed(&error),
    }
}

/// Middleware: lets those through who may see the pages.
pub(super) async fn guard(
    State((state, door)): State<(AppState, Door)>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if cookies(headers).any(|key| door.opens(key)) {
        return next.run(request).await;
    }
    let token = headers.get(AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?).map(str::to_owned));
    let Some(token) = token else { return closed("") };
    match may_read(&state, &token).await {
        Ok(true) => next.run(request).await,
        Ok(false) => closed("This token does not open the pages."),
        Err(error) => layout::failed(&error),
    }
}

async fn may_read(state: &AppState, token: &str) -> Result<bool, ApiError> {
    let caller = tokens::find(state.pool(), &TokenHash::of(token), state.clock().now()).await?;
    Ok(caller.is_some_and(|caller| caller.require(Access::ReadEvents).is_ok()))
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

/// The door from outside.
fn closed(why: &str) -> Response {
    let content = html! {
        h1 { "Sign in" }
        @if !why.is_empty() { p.problem role="alert" { (why) } }
        p { "Open the link that " code { "orderly local" } " printed when it started, or enter the API token." }
        form method="post" action="/enter/" {
            label { "API token " input type="password" name="token" autocomplete="off" required; }
            button { "Open" }
        }
    };
    let mut response = layout::page("Sign in", None, &content);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}
