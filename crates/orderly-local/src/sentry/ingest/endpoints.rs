//! The two routes that SDKs post to, and the CORS that browsers need for them.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Json, Router};
use jiff::Timestamp;
use orderly_wire::sentry::envelope::Envelope;
use orderly_wire::sentry::event_id::EventId;
use serde_json::json;
use sqlx::SqlitePool;

use super::auth::{self, Key};
use super::batch::Work;
use super::body::{self, LARGEST_ENVELOPE, LARGEST_STORE_BODY};
use super::event::PreparedEvent;
use super::items::{self, Cargo};
use super::normalize::Arrival;
use super::rate_limit::{KeyLimits, Limited};
use super::refusal::Refusal;
use super::transaction::PreparedTransaction;
use super::writer::Writer;
use crate::clock::Clock;
use crate::sentry::store::tallies::Outcome;

#[derive(Debug, Clone)]
struct Ingest {
    pool: SqlitePool,
    clock: Clock,
    writer: Writer,
    limits: KeyLimits,
}

/// The ingest routes.
pub(crate) fn router(pool: SqlitePool, clock: Clock, writer: Writer) -> Router {
    let state = Ingest { pool, clock, writer, limits: KeyLimits::default() };
    Router::new()
        .route("/api/{project}/envelope/", posted(post(envelope)))
        .route("/api/{project}/envelope", posted(post(envelope)))
        .route("/api/{project}/store/", posted(post(store)))
        .route("/api/{project}/store", posted(post(store)))
        .layer(from_fn(cors))
        .with_state(state)
}

fn posted(route: MethodRouter<Ingest>) -> MethodRouter<Ingest> {
    route.options(|| async { StatusCode::OK }).fallback(|| async { Refusal::NotPost })
}

async fn envelope(
    State(ingest): State<Ingest>,
    Path(project): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let project = project_id(&project)?;
    let (parts, body) = request.into_parts();
    let early = ingest.key_of_request(&parts, project).await?;
    let bytes = body::read(&parts.headers, body, LARGEST_ENVELOPE).await?;
    let envelope = Envelope::parse(&bytes)?;
    let key = match early {
        Some(key) => key,
        None => {
            let dsn = envelope.headers.dsn.as_deref().ok_or(Refusal::NoKey)?;
            auth::authorize(&ingest.pool, &auth::key_of_dsn(dsn)?, project).await?
        }
    };
    let received = ingest.clock.now();
    let cargo = items::sort(&envelope, received)?;
    ingest.take(key, cargo, Arrival { envelope_id: envelope.headers.event_id, received }).await
}

async fn store(
    State(ingest): State<Ingest>,
    Path(project): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let project = project_id(&project)?;
    let (parts, body) = request.into_parts();
    let key = ingest.key_of_request(&parts, project).await?.ok_or(Refusal::NoKey)?;
    let bytes = body::read(&parts.headers, body, LARGEST_STORE_BODY).await?;
    if bytes.len() > items::LARGEST_EVENT {
        return Err(Refusal::TooLarge { what: "the event", limit: items::LARGEST_EVENT });
    }
    let event = items::object(&bytes, "the event")?;
    let cargo = Cargo { event: Some((event, bytes.len())), ..Cargo::default() };
    ingest.take(key, cargo, Arrival { envelope_id: None, received: ingest.clock.now() }).await
}

fn project_id(text: &str) -> Result<i64, Refusal> {
    text.parse().ok().filter(|id| *id > 0).ok_or_else(|| Refusal::BadProject(text.to_owned()))
}

impl Ingest {
    async fn key_of_request(&self, parts: &Parts, project: i64) -> Result<Option<Key>, Refusal> {
        match auth::key_of_request(&parts.headers, &parts.uri) {
            Some(public_key) => auth::authorize(&self.pool, &public_key, project).await.map(Some),
            None => Ok(None),
        }
    }

    /// Counts against the key's limit, writes, and answers.
    async fn take(&self, key: Key, mut cargo: Cargo, arrival: Arrival) -> Result<Response, Refusal> {
        let limited = self.hold_back(key, &mut cargo, arrival.received);
        let nothing_left = cargo == Cargo::default();
        let work = self.work(key, cargo, limited, arrival)?;
        let id = work.event.as_ref().map(|event| event.id).or(arrival.envelope_id);
        self.writer.write(work).await.map_err(|_| Refusal::NotStored)?;
        match limited {
            Some(limited) if nothing_left => Err(Refusal::Limited(limited)),
            limited => Ok(accepted(id, limited)),
        }
    }

    /// Takes the event and what belongs to it out of the cargo when its key has sent enough.
    fn hold_back(&self, key: Key, cargo: &mut Cargo, now: Timestamp) -> Option<Limited> {
        cargo.event.as_ref()?;
        let limited = self.limits.take(key.id, key.limit?, now).err()?;
        cargo.event = None;
        cargo.attachments.clear();
        Some(limited)
    }

    fn work(
        &self,
        key: Key,
        cargo: Cargo,
        limited: Option<Limited>,
        arrival: Arrival,
    ) -> Result<Work, Refusal> {
        let event = cargo.event.map(|(event, size)| PreparedEvent::new(event, size, arrival)).transpose();
        let event = event.map_err(|error| {
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
        if limited.is_some() {
            outcomes.push(("error".to_owned(), Outcome::RateLimited, "key_quota".to_owned(), 1));
        }
        Ok(Work {
            project: key.project,
            event: event.map(Box::new),
            transaction: cargo.transaction.map(|sent| Box::new(PreparedTransaction::new(sent, arrival))),
            attachments: cargo.attachments,
            reports: cargo.reports,
            sessions: cargo.sessions,
            check_ins: cargo.check_ins,
            outcomes,
        })
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

/// Any page may send: a DSN's public key is meant to be seen, and it only lets events in.
async fn cors(request: Request<Body>, next: Next) -> Response {
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
