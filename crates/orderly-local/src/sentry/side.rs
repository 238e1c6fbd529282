//! The whole Sentry side: ingest and web API over one store, and what runs beside them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use futures::FutureExt;
use sqlx::SqlitePool;
use tokio::task::JoinSet;
use tower_service::Service;
use url::Url;

use super::api::error::ApiError;
use super::api::rate_limit::RateLimits;
use super::api::{self, AppState};
use super::ingest::{Endpoints, Journal, Writer, WriterTask};
use super::pages::{self, Door};
use super::passage::Sweeper;
use super::store::payloads::Dictionaries;
use super::store::retention::Retention;
use super::webhooks::address::Reach;
use super::webhooks::deliver::{self, Bell};
use crate::clock::{Clock, endpoint};
use crate::error::LocalError;

/// How often, in real time, the server looks whether time has done something to issues. Requests look as well.
const SWEEP_EVERY: Duration = Duration::from_secs(20);

/// The Sentry side, ready to be served.
#[derive(Debug)]
pub struct SentrySide {
    /// Answers every request.
    pub front: Front,
    /// What runs beside them.
    pub background: Background,
    /// Address of the link that opens the pages for people until the server stops.
    pub pages_link: String,
}

/// Where requests arrive: those for events go straight to ingest, all others to the router.
#[derive(Debug, Clone)]
pub struct Front {
    endpoints: Endpoints,
    rest: Router,
}

/// Always ready.
impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match Endpoints::find(request.uri().path()) {
            Some(endpoint) => {
                let answer = self.endpoints.clone().answer(endpoint, request);
                Box::pin(answer.map(Ok))
            }
            None => Box::pin(self.rest.call(request)),
        }
    }
}

/// The writer of events, the periodic sweep and the sender of webhooks.
#[derive(Debug)]
pub struct Background {
    writer: Writer,
    writer_task: WriterTask,
    // Aborts what it holds when it is dropped.
    tasks: JoinSet<()>,
}

impl Background {
    /// Waits until everything that was acknowledged before is filed.
    pub async fn settled(&self) {
        self.writer.settled().await;
    }

    /// Writes what is queued and stops.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.writer_task.stop().await;
    }
}

/// What ingest finds in the store when it begins.
#[derive(Debug)]
pub struct Stored {
    /// The journal. Without one, events are acknowledged after they are filed.
    pub journal: Option<Journal>,
    /// What payloads are packed against.
    pub dictionaries: Dictionaries,
}

/// Puts the Sentry side together. `base_url` is its own address, no trailing slash.
///
/// # Errors
/// When the system has no thread for the journal.
pub fn start(
    pool: SqlitePool,
    clock: Clock,
    base_url: &str,
    rate_limits: RateLimits,
    webhook_reach: Reach,
    retention: Retention,
    stored: Stored,
) -> std::io::Result<SentrySide> {
    let (bell, Stored { journal, dictionaries }) = (Bell::default(), stored);
    let (writer, writer_task) = Writer::start(pool.clone(), bell.clone(), journal, dictionaries.clone())?;
    let state = AppState::new(pool.clone(), clock.clone(), base_url, rate_limits, webhook_reach);
    let sweeper = Sweeper::new(state.clone(), writer.clone(), retention);
    let endpoints = Endpoints::new(pool, clock, writer.clone(), dictionaries, sweeper.clone());
    let mut tasks = JoinSet::new();
    deliver::spawn(&mut tasks, state.clone(), bell.clone());
    let local = endpoint::router(state.clone())
        .layer(from_fn(api::host::own_pages_only))
        .layer(from_fn(api::host::loopback_only));
    let door = Door::new();
    let pages_link = format!("{base_url}{}", door.path());
    let rest = api::router(state.clone())
        .merge(pages::router(state, door))
        .merge(local)
        .layer(from_fn_with_state(writer.clone(), settle_first))
        .layer(from_fn_with_state(bell, ring_after_changes))
        .merge(endpoints.check_ins())
        .layer(from_fn_with_state(sweeper.clone(), sweep_first))
        .fallback(async || ApiError::not_found("There is nothing here: the web API is under /api/0/"));
    tasks.spawn(async move {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        loop {
            ticks.tick().await;
            sweeper.run_if_due().await;
        }
    });
    Ok(SentrySide {
        front: Front { endpoints, rest },
        background: Background { writer, writer_task, tasks },
        pages_link,
    })
}

/// Whoever asks sees the issues as they are by now.
async fn sweep_first(State(sweeper): State<Sweeper>, request: Request, next: Next) -> Response {
    sweeper.run_if_due().await;
    next.run(request).await
}

/// Whoever asks sees every event that was acknowledged before.
async fn settle_first(State(writer): State<Writer>, request: Request, next: Next) -> Response {
    writer.settled().await;
    next.run(request).await
}

/// A request that may have changed something wakes the sender of webhooks.
async fn ring_after_changes(State(bell): State<Bell>, request: Request, next: Next) -> Response {
    let only_looks = request.method().is_safe();
    let response = next.run(request).await;
    if !only_looks {
        bell.ring();
    }
    response
}

/// The DSN of a project's key on the server at `base_url`.
///
/// # Errors
/// When the key holds characters that a DSN cannot carry.
pub fn dsn(base_url: &str, public_key: &str, project: i64) -> Result<String, LocalError> {
    let unusable = |_| LocalError::CorruptRow {
        table: "project_key",
        key: public_key.to_owned(),
        why: "it cannot be part of a DSN".to_owned(),
    };
    let base = Url::parse(base_url).map_err(unusable)?;
    let dsn = orderly_wire::sentry::dsn::Dsn::new(&base, public_key, &project.to_string());
    dsn.map(|dsn| dsn.to_string()).map_err(|_| unusable(url::ParseError::EmptyHost))
}
