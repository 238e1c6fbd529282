//! What every page has: its head, the way to the other pages, and headers that allow no script.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::sentry::api::error::ApiError;

/// The pages that can be gone to from everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Issues,
    Releases,
    Backlog,
}

impl Tab {
    const ALL: [Tab; 3] = [Tab::Issues, Tab::Releases, Tab::Backlog];

    const fn name(self) -> &'static str {
        match self {
            Tab::Issues => "Issues",
            Tab::Releases => "Releases",
            Tab::Backlog => "Backlog",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Tab::Issues => "/issues/",
            Tab::Releases => "/releases/",
            Tab::Backlog => "/backlog/",
        }
    }
}

/// What a page says to the browser besides its content.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: a form would then be sent with the origin `null`.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// A page; `tab` is where it belongs.
pub(super) fn page(title: &str, tab: Option<Tab>, content: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Orderly" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header {
                    strong { "Orderly" }
                    nav aria-label="Pages" {
                        @for each in Tab::ALL {
                            a href=(each.path()) aria-current=[(tab == Some(each)).then_some("page")] { (each.name()) }
                        }
                    }
                }
                main #content tabindex="-1" { (content) }
            }
        }
    };
    let mut response = Html(markup.into_string()).into_response();
    let headers = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(headers);
    response
}

/// Why a page cannot be shown.
pub(super) fn failed(error: &ApiError) -> Response {
    if let ApiError::Internal(cause) = error {
        tracing::error!(%cause, "a page could not be shown");
    }
    let content = html! {
        h1 { "This page cannot be shown" }
        p.problem role="alert" { (error) }
        p { a href="/issues/" { "All issues" } }
    };
    let mut response = page("Problem", None, &content);
    *response.status_mut() = error.status();
    response
}

/// [`ApiError`] as a page.
pub(super) struct Failed(ApiError);

impl<E: Into<ApiError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        failed(&self.0)
    }
}

/// What the handler of a page returns.
pub(super) type PageResult = Result<Response, Failed>;
