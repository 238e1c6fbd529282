//! Rate limits of the web API: headers on every response, and 429 once a configured limit is passed.
//!
//! As on sentry.io the count is per caller and endpoint, in fixed windows. No limit is configured by default; then
//! the headers show a generous one, because clients expect them.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::AppState;
use super::auth::TokenHash;
use super::error::ApiError;

/// What the headers say when nothing is limited.
const UNLIMITED: Limit = Limit { requests: 999, window_seconds: NonZeroU32::MIN };
const CONCURRENT: u32 = 25;

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests that one caller may send to one endpoint in a window.
    pub requests: u32,
    /// Length of the fixed window.
    pub window_seconds: NonZeroU32,
}

/// The limiter: a handle that tests keep to change the limit while the server runs.
#[derive(Clone, Debug, Default)]
pub struct RateLimits {
    counts: Arc<Mutex<Counts>>,
    in_flight: Arc<AtomicU32>,
}

#[derive(Debug, Default)]
struct Counts {
    limit: Option<Limit>,
    window: i64,
    used: HashMap<(String, String), u32>,
}

/// What one request left of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    limit: Limit,
    remaining: u32,
    reset: i64,
    allowed: bool,
}

impl RateLimits {
    /// No limit.
    pub fn new() -> RateLimits {
        RateLimits::default()
    }

    /// Limits every endpoint from now on; `None` lifts the limit.
    pub fn set(&self, limit: Option<Limit>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts = Counts { limit, ..Counts::default() };
    }

    fn count(&self, caller: String, endpoint: String, now: i64) -> Verdict {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = counts.limit.unwrap_or(UNLIMITED);
        let length = i64::from(limit.window_seconds.get());
        let window = now.div_euclid(length);
        if counts.window != window {
            counts.window = window;
            counts.used.clear();
        }
        let enforced = counts.limit.is_some();
        let used = counts.used.entry((caller, endpoint)).or_insert(0);
        *used = used.saturating_add(1);
        Verdict {
            limit,
            remaining: limit.requests.saturating_sub(*used),
            reset: (window + 1).saturating_mul(length),
            allowed: !enforced || *used <= limit.requests,
        }
    }
}

/// Middleware: counts the request, refuses it with 429 if it is one too many, and writes the headers either way.
pub async fn apply(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limits = state.rate_limits().clone();
    let caller =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let endpoint =
        request.extensions().get::<MatchedPath>().map_or_else(String::new, |path| path.as_str().to_owned());
    let endpoint = format!("{} {endpoint}", request.method());
    let now = state.clock().now().as_second();
    let verdict = limits.count(TokenHash::of(caller).as_str().to_owned(), endpoint, now);
    let _slot = InFlight::enter(&limits.in_flight);
    let busy = limits.in_flight.load(Ordering::Relaxed);
    let mut response = if verdict.allowed {
        next.run(request).await
    } else {
        ApiError::RateLimited {
            limit: verdict.limit.requests,
            window_seconds: verdict.limit.window_seconds.get(),
        }
        .into_response()
    };
    let headers = response.headers_mut();
    headers.insert("X-Sentry-Rate-Limit-Limit", HeaderValue::from(verdict.limit.requests));
    headers.insert("X-Sentry-Rate-Limit-Remaining", HeaderValue::from(verdict.remaining));
    headers.insert("X-Sentry-Rate-Limit-Reset", HeaderValue::from(verdict.reset));
    headers.insert("X-Sentry-Rate-Limit-ConcurrentLimit", HeaderValue::from(CONCURRENT));
    headers.insert(
        "X-Sentry-Rate-Limit-ConcurrentRemaining",
        HeaderValue::from(CONCURRENT.saturating_sub(busy)),
    );
    response
}

/// Counts a request as being served until it is dropped, even when its connection goes away half-way.
struct InFlight<'a>(&'a AtomicU32);

impl<'a> InFlight<'a> {
    fn enter(count: &'a AtomicU32) -> InFlight<'a> {
        count.fetch_add(1, Ordering::Relaxed);
        InFlight(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(requests: u32, seconds: u32) -> Limit {
        Limit { requests, window_seconds: NonZeroU32::new(seconds).unwrap() }
    }

    #[test]
    fn the_request_after_the_last_allowed_one_waits_for_the_next_window() {
        let limits = RateLimits::new();
        limits.set(Some(limit(2, 10)));
        let ask = |now| limits.count("a".to_owned(), "GET /".to_owned(), now);
        assert_eq!((ask(100).allowed, ask(101).allowed), (true, true));
        let refused = ask(109);
        assert!(!refused.allowed);
        assert_eq!(refused.reset, 110);
        assert!(ask(110).allowed);
    }

    #[test]
    fn callers_and_endpoints_are_counted_apart() {
        let limits = RateLimits::new();
        limits.set(Some(limit(1, 10)));
        assert!(limits.count("a".to_owned(), "GET /".to_owned(), 0).allowed);
        assert!(limits.count("b".to_owned(), "GET /".to_owned(), 0).allowed);
        assert!(limits.count("a".to_owned(), "PUT /".to_owned(), 0).allowed);
        assert!(!limits.count("a".to_owned(), "GET /".to_owned(), 0).allowed);
    }

    #[test]
    fn nothing_is_refused_until_a_limit_is_set() {
        let limits = RateLimits::new();
        assert!((0..5000).all(|_| limits.count("a".to_owned(), "GET /".to_owned(), 0).allowed));
    }
}
