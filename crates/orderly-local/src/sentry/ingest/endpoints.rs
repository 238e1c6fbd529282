//! The two routes that SDKs post to, and the CORS that browsers need for them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Json, Router};
use jiff::Timestamp;
use orderly_wire::sentry::envelope::EnvelopeReader;
use orderly_wire::sentry::event_id::EventId;
use serde_json::json;
use sqlx::SqlitePool;
use tokio::sync::SemaphorePermit;

use super::auth::{self, Key, Keys};
use super::batch::Work;
use super::body::{self, LARGEST_ENVELOPE};
use super::budget::{Budget, Held, TREES};
use super::cron;
use super::event::PreparedEvent;
use super::items::{self, Cargo};
use super::normalize::Arrival;
use super::rate_limit::{KeyLimits, Limited};
use super::refusal::Refusal;
use super::transaction::PreparedTransaction;
use super::writer::Writer;
use crate::clock::Clock;
use crate::sentry::api::host::{check_host, loopback_only};
use crate::sentry::passage::{Sweeper, sweep_first};
use crate::sentry::store::payloads::Dictionaries;
use crate::sentry::store::tallies::Outcome;

#[derive(Debug)]
struct Ingest {
    keys: Keys,
    clock: Clock,
    writer: Writer,
    limits: KeyLimits,
    budget: Budget,
    dictionaries: Dictionaries,
}

/// How much of an envelope its key may still send.
#[derive(Debug, Clone, Copy)]
enum Taken {
    All,
    /// Everything but the event and its files.
    Rest(Limited),
    Nothing(Limited),
}

/// The ingest routes.
pub(crate) fn router(
    pool: SqlitePool,
    clock: Clock,
    writer: Writer,
    dictionaries: Dictionaries,
    sweeper: Sweeper,
) -> Router {
    let (keys, limits, budget) = (Keys::new(pool), KeyLimits::default(), Budget::default());
    let check_ins = cron::router(keys.clone(), writer.clone(), budget.clone(), clock.clone());
    let state = Arc::new(Ingest { keys, clock, writer, limits, budget, dictionaries });
    Router::new()
        .route("/api/{project}/envelope/", posted(post(envelope)))
        .route("/api/{project}/envelope", posted(post(envelope)))
        .route("/api/{project}/store/", posted(post(store)))
        .route("/api/{project}/store", posted(post(store)))
        .with_state(state)
        .layer(from_fn_with_state(sweeper.clone(), gate))
        .merge(check_ins.layer(from_fn(loopback_only)).layer(from_fn_with_state(sweeper, sweep_first)))
}

fn posted(route: MethodRouter<Arc<Ingest>>) -> MethodRouter<Arc<Ingest>> {
    route.options(|| async { StatusCode::OK }).fallback(|| async { Refusal::NotPost })
}

async fn envelope(
    State(ingest): State<Arc<Ingest>>,
    Path(project): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let project = project_id(&project)?;
    let (parts, body) = request.into_parts();
    let early = ingest.key_of_request(&parts, project).await?;
    let fresh = || EnvelopeReader::new(items::keep);
    let (reader, held) = body::read(&parts.headers, body, LARGEST_ENVELOPE, &ingest.budget, fresh).await?;
    let envelope = reader.finish()?;
    let key = match early {
        Some(key) => key,
        None => {
            let dsn = envelope.headers.dsn.as_deref().ok_or(Refusal::NoKey)?;
            ingest.keys.authorize(&auth::key_of_dsn(dsn)?, project).await?
        }
    };
    let received = ingest.clock.now();
    let arrival = Arrival { envelope_id: envelope.headers.event_id, received };
    let room = ingest.room(envelope.items.iter().map(|item| &*item.payload), "the envelope").await?;
    let cargo = items::sort(&envelope, received)?;
    let id = arrival.envelope_id;
    let (work, taken) = ingest.work(key, cargo, arrival)?;
    drop((room, envelope));
    ingest.write(work, taken, id, held).await
}

async fn store(
    State(ingest): State<Arc<Ingest>>,
    Path(project): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let project = project_id(&project)?;
    let (parts, body) = request.into_parts();
    let key = ingest.key_of_request(&parts, project).await?.ok_or(Refusal::NoKey)?;
    let (bytes, held) =
        body::read(&parts.headers, body, items::LARGEST_EVENT, &ingest.budget, Vec::new).await?;
    let room = ingest.room([&*bytes], "the event").await?;
    let event = items::object(&bytes, "the event")?;
    let cargo = Cargo { event: Some((event, bytes.len())), ..Cargo::default() };
    let arrival = Arrival { envelope_id: None, received: ingest.clock.now() };
    let (work, taken) = ingest.work(key, cargo, arrival)?;
    drop((room, bytes));
    ingest.write(work, taken, None, held).await
}

fn project_id(text: &str) -> Result<i64, Refusal> {
    text.parse().ok().filter(|id| *id > 0).ok_or_else(|| Refusal::BadProject(text.to_owned()))
}

impl Ingest {
    async fn key_of_request(&self, parts: &Parts, project: i64) -> Result<Option<Key>, Refusal> {
        match auth::key_of_request(&parts.headers, &parts.uri) {
            Some(public_key) => self.keys.authorize(&public_key, project).await.map(Some),
            None => Ok(None),
        }
    }

    /// Waits until there is memory for JSON as a tree. The room is held until the tree is gone.
    async fn room<'j>(
        &self,
        json: impl IntoIterator<Item = &'j [u8]>,
        what: &'static str,
    ) -> Result<Option<SemaphorePermit<'_>>, Refusal> {
        let size = json.into_iter().map(items::size_as_tree).sum();
        if size > TREES {
            return Err(Refusal::TooManyValues(what));
        }
        Ok(self.budget.parse(size).await)
    }

    /// Writes, and answers when it is committed.
    async fn write(
        &self,
        work: Work,
        taken: Taken,
        envelope_id: Option<EventId>,
        mut held: Held,
    ) -> Result<Response, Refusal> {
        let id = work.event.as_ref().map(|event| event.id).or(envelope_id);
        if let Some(event) = work.only_event() {
            held.shrink_to(event.held());
        }
        self.writer.write(work, held).await.map_err(|_| Refusal::NotStored)?;
        match taken {
            Taken::All => Ok(accepted(id, None)),
            Taken::Rest(limited) => Ok(accepted(id, Some(limited))),
            Taken::Nothing(limited) => Err(Refusal::Limited(limited)),
        }
    }

    /// Takes the event and what belongs to it out of the cargo when its key has sent enough.
    fn hold_back(&self, key: Key, cargo: &mut Cargo<'_>, now: Timestamp) -> Option<Limited> {
        cargo.event.as_ref()?;
        let limited = self.limits.take(key.id, key.limit?, now).err()?;
        cargo.event = None;
        cargo.attachments.clear();
        Some(limited)
    }

    /// Counts against the key's limit, and makes the rest ready to be filed.
    fn work(&self, key: Key, mut cargo: Cargo<'_>, arrival: Arrival) -> Result<(Work, Taken), Refusal> {
        let taken = match self.hold_back(key, &mut cargo, arrival.received) {
            None => Taken::All,
            Some(limited) if cargo == Cargo::default() => Taken::Nothing(limited),
            Some(limited) => Taken::Rest(limited),
        };
        let dictionary = self.dictionaries.newest(key.project);
        let prepare = |(event, size)| PreparedEvent::packed_with(dictionary.as_deref(), event, size, arrival);
        let event = cargo.event.map(prepare).transpose().map_err(|error| {
            tracing::error!(%error, "an event could not be packed");
            Refusal::NotStored
        })?;
        let accepted =
            |(category, n): (&str, u64)| (category.to_owned(), Outcome::Accepted, String::new(), n);
        let mut outcomes: Vec<_> = cargo.counted.into_iter().map(accepted).collect();
        if !cargo.attachments.is_empty() {
            outcomes.push(accepted(("attachment", cargo.attachments.len() as u64)));
        }
        let discarded = cargo.discarded.into_iter();
        outcomes.extend(discarded.map(|(category, reason, n)| (category, Outcome::ClientDiscard, reason, n)));
        if !matches!(taken, Taken::All) {
            outcomes.push(("error".to_owned(), Outcome::RateLimited, "key_quota".to_owned(), 1));
        }
        let work = Work {
            project: key.project,
            received: arrival.received,
            event: event.map(Box::new),
            transaction: cargo.transaction.map(|sent| Box::new(PreparedTransaction::new(sent, arrival))),
            attachments: cargo.attachments,
            reports: cargo.reports,
            sessions: cargo.sessions,
            check_ins: cargo.check_ins,
            outcomes,
        };
        Ok((work, taken))
    }
}

fn accepted(id: Option<EventId>, limited: Option<Limited>) -> Response {
    let body = id.map_or_else(|| json!({}), |id| json!({ "id": id }));
    let mut response = Json(body).into_response();
    if let Some(limited) = limited {
        response.headers_mut().insert("x-sentry-rate-limits", limited.header());
    }
    response
}

/// What every request for events passes, in one step because there are many: this machine's name, the time that may
/// have to pass before, and the headers for pages. Any page may send: a DSN's public key is meant to be seen, and it
/// only lets events in.
async fn gate(State(sweeper): State<Sweeper>, request: Request<Body>, next: Next) -> Response {
    if let Err(refusal) = check_host(&request) {
        return refusal.into_response();
    }
    sweeper.run_if_due().await;
    let mut response = next.run(request).await;
    let set = |headers: &mut HeaderMap, name: &'static str, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    let headers = response.headers_mut();
    set(headers, "access-control-allow-origin", "*");
    set(headers, "access-control-allow-methods", "POST, OPTIONS");
    set(
        headers,
        "access-control-allow-headers",
        "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, \
         authorization, content-encoding, transfer-encoding",
    );
    set(headers, "access-control-expose-headers", "x-sentry-error, x-sentry-rate-limits, retry-after");
    set(headers, "access-control-max-age", "3600");
    response
}
