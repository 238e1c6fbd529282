//! What every endpoint of the web API is given.

use std::sync::Arc;

use sqlx::SqlitePool;

use super::rate_limit::RateLimits;
use crate::clock::Clock;
use crate::sentry::webhooks::address::Reach;

/// The handles an endpoint works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pool: SqlitePool,
    clock: Clock,
    base_url: String,
    rate_limits: RateLimits,
    webhook_reach: Reach,
}

impl AppState {
    /// `base_url` is the server's own address without a trailing slash (`http://127.0.0.1:PORT`): permalinks and
    /// `Link` headers start with it.
    pub fn new(
        pool: SqlitePool,
        clock: Clock,
        base_url: impl Into<String>,
        rate_limits: RateLimits,
        webhook_reach: Reach,
    ) -> AppState {
        let base_url = base_url.into().trim_end_matches('/').to_owned();
        AppState { shared: Arc::new(Shared { pool, clock, base_url, rate_limits, webhook_reach }) }
    }

    /// How far webhooks may go.
    pub fn webhook_reach(&self) -> Reach {
        self.shared.webhook_reach
    }

    /// The store.
    pub fn pool(&self) -> &SqlitePool {
        &self.shared.pool
    }

    /// The clock that every endpoint asks.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// `http://127.0.0.1:PORT`, no trailing slash.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The limiter in front of the API.
    pub fn rate_limits(&self) -> &RateLimits {
        &self.shared.rate_limits
    }

    /// The address of an issue's page: `http://127.0.0.1:PORT/organizations/ORG/issues/ID/`. The official command
    /// line reads the organization out of it.
    pub fn issue_permalink(&self, organization: &str, issue: i64) -> String {
        format!("{}/organizations/{organization}/issues/{issue}/", self.base_url())
    }
}
