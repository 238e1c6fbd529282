//! The two addresses that SDKs post to, and the CORS that browsers need for them. They are asked so often that no router
//! comes before them: [`Endpoints::find`] says whether a path is one of them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use jiff::Timestamp;
use orderly_wire::sentry::envelope::EnvelopeReader;
use orderly_wire::sentry::event_id::EventId;
use serde::Serialize;
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
use crate::sentry::passage::Sweeper;
use crate::sentry::store::payloads::Dictionaries;
use crate::sentry::store::tallies::Outcome;

/// What SDKs send events to. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints(Arc<Ingest>);

/// One of the addresses that take events.
#[derive(Debug)]
pub(crate) struct Endpoint {
    takes: Takes,
    project: Result<i64, Refusal>,
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Envelope,
    /// The JSON of one event.
    Event,
}

#[derive(Debug)]
struct Ingest {
    keys: Keys,
    clock: Clock,
    writer: Writer,
    limits: KeyLimits,
    budget: Budget,
    dictionaries: Dictionaries,
    sweeper: Sweeper,
}

/// How much of an envelope its key may still send.
#[derive(Debug, Clone, Copy)]
enum Taken {
    All,
    /// Everything but the event and its files.
    Rest(Limited),
    Nothing(Limited),
}

impl Endpoints {
    /// Nobody has sent anything yet.
    pub(crate) fn new(
        pool: SqlitePool,
        clock: Clock,
        writer: Writer,
        dictionaries: Dictionaries,
        sweeper: Sweeper,
    ) -> Self {
        let (keys, limits, budget) = (Keys::new(pool), KeyLimits::default(), Budget::default());
        Self(Arc::new(Ingest { keys, clock, writer, limits, budget, dictionaries, sweeper }))
    }

    /// The routes of check-ins, which draw on the same budget.
    pub(crate) fn check_ins(&self) -> Router {
        let Ingest { keys, clock, writer, budget, .. } = &*self.0;
        cron::router(keys.clone(), writer.clone(), budget.clone(), clock.clone())
            .layer(from_fn(loopback_only))
    }

    /// The endpoint at a path: `/api/{project}/envelope/` or `/api/{project}/store/`, with or without the last slash.
    /// The project is taken as it is written: SDKs have it from a DSN, where it is digits.
    pub(crate) fn find(path: &str) -> Option<Endpoint> {
        let (project, rest) = path.strip_prefix("/api/")?.split_once('/').filter(|(id, _)| !id.is_empty())?;
        let takes = match rest.strip_suffix('/').unwrap_or(rest) {
            "envelope" => Takes::Envelope,
            "store" => Takes::Event,
            _ => return None,
        };
        let id = project.parse().ok().filter(|id| *id > 0);
        Some(Endpoint { takes, project: id.ok_or_else(|| Refusal::BadProject(project.to_owned())) })
    }

    /// Answers a request to one of them. Every one passes the same: this machine's name, the time that may have to pass
    /// before, and the headers for pages. Any page may send: a DSN's public key is meant to be seen, and it only lets
    /// events in.
    pub(crate) async fn answer(self, endpoint: Endpoint, request: Request) -> Response {
        if let Err(refusal) = check_host(&request) {
            return refusal.into_response();
        }
        self.0.sweeper.run_if_due().await;
        if request.method() == Method::OPTIONS {
            return for_pages(preflight());
        }
        let answer = if request.method() == Method::POST {
            self.0.take(endpoint, request).await
        } else {
            Err(Refusal::NotPost)
        };
        for_pages(answer.unwrap_or_else(IntoResponse::into_response))
    }
}

/// What pages are told before they send.
fn preflight() -> Response {
    const SENT: &str = "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, \
                        authentication, authorization, content-encoding, transfer-encoding";
    [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ]
    .into_response()
}

/// Lets any page read an answer.
fn for_pages(mut answer: Response) -> Response {
    const READABLE: &str = "x-sentry-error, x-sentry-rate-limits, retry-after";
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READABLE));
    answer
}

impl Ingest {
    async fn take(&self, endpoint: Endpoint, request: Request) -> Result<Response, Refusal> {
        let project = endpoint.project?;
        let (parts, body) = request.into_parts();
        let key = self.key_of_request(&parts, project).await?;
        match endpoint.takes {
            Takes::Envelope => self.envelope(project, key, &parts.headers, body).await,
            Takes::Event => self.event(key.ok_or(Refusal::NoKey)?, &parts.headers, body).await,
        }
    }

    async fn envelope(
        &self,
        project: i64,
        early: Option<Key>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, Refusal> {
        let fresh = || EnvelopeReader::new(items::keep);
        let (reader, held) = body::read(headers, body, LARGEST_ENVELOPE, &self.budget, fresh).await?;
        let envelope = reader.finish()?;
        let key = match early {
            Some(key) => key,
            None => {
                let dsn = envelope.headers.dsn.as_deref().ok_or(Refusal::NoKey)?;
                self.keys.authorize(&auth::key_of_dsn(dsn)?, project).await?
            }
        };
        let received = self.clock.now();
        let arrival = Arrival { envelope_id: envelope.headers.event_id, received };
        let room = self.room(envelope.items.iter().map(|item| &*item.payload), "the envelope").await?;
        let cargo = items::sort(&envelope, received)?;
        let id = arrival.envelope_id;
        let (work, taken) = self.work(key, cargo, arrival)?;
        drop((room, envelope));
        self.write(work, taken, id, held).await
    }

    async fn event(&self, key: Key, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
        let (bytes, held) = body::read(headers, body, items::LARGEST_EVENT, &self.budget, Vec::new).await?;
        let room = self.room([&*bytes], "the event").await?;
        let event = items::object(&bytes, "the event")?;
        let cargo = Cargo { event: Some((event, bytes.len())), ..Cargo::default() };
        let arrival = Arrival { envelope_id: None, received: self.clock.now() };
        let (work, taken) = self.work(key, cargo, arrival)?;
        drop((room, bytes));
        self.write(work, taken, None, held).await
    }

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

/// What SDKs are told of what they sent.
#[derive(Serialize)]
struct Accepted {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<EventId>,
}

fn accepted(id: Option<EventId>, limited: Option<Limited>) -> Response {
    let mut response = Json(Accepted { id }).into_response();
    if let Some(limited) = limited {
        response.headers_mut().insert("x-sentry-rate-limits", limited.header());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_found_by_its_path_alone() {
        let found = |path: &str| {
            let Endpoint { takes, project } = Endpoints::find(path)?;
            Some((takes, project.map_err(|refusal| refusal.to_string())))
        };
        for path in ["/api/7/envelope/", "/api/7/envelope"] {
            assert_eq!(found(path), Some((Takes::Envelope, Ok(7))), "{path}");
        }
        for path in ["/api/7/store/", "/api/7/store"] {
            assert_eq!(found(path), Some((Takes::Event, Ok(7))), "{path}");
        }
        for project in ["0", "-1", "x", "%37", "99999999999999999999"] {
            let (_, id) = found(&format!("/api/{project}/envelope/")).unwrap();
            assert_eq!(id.unwrap_err(), Refusal::BadProject(project.to_owned()).to_string());
        }
        for path in [
            "/",
            "/api//envelope/",
            "/api/7",
            "/api/7/",
            "/api/7/envelope//",
            "/api/0/issues/",
            "/api/7/cron/a/b/",
            "/x/api/7/store/",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
