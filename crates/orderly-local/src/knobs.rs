//! Failure knobs: what a server does to a request besides answering it, and a record of every request it saw.
//!
//! One [`Knobs`] per server. The handle is cheap to clone; all clones steer the same server. Install it with
//! `axum::middleware::from_fn_with_state(knobs, knobs::apply)` as the outermost layer.

mod fault;
mod record;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;

pub use fault::{Effect, Fault, Match};
pub use record::RecordedRequest;
use record::{InFlight, Record};

/// A handle on the failure knobs and the request record of one server.
#[derive(Clone, Debug, Default)]
pub struct Knobs {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    latency: Duration,
    faults: VecDeque<Fault>,
    record: Record,
}

impl Knobs {
    /// Knobs that change nothing: no latency, no faults, nothing recorded yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every reply leave no sooner than this after its request came, as if the server were this far away. What
    /// handling costs is part of it: an answer that took longer leaves at once.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    /// Adds a fault at the end of the queue.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// Faults that have not been used up. A test that expects its faults to happen asserts 0 at its end.
    #[must_use]
    pub fn pending_faults(&self) -> usize {
        self.lock().faults.len()
    }

    /// Forgets the faults that have not been used up.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// The latest requests in order of arrival, at most 10,000 of them, the ones still being handled included.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().record.requests()
    }

    /// How many requests arrived since the start or the last [`Knobs::forget_requests`].
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.lock().record.total()
    }

    /// Requests being handled now.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.lock().record.in_flight()
    }

    /// The most requests that were ever being handled at the same moment, since the start or the last
    /// [`Knobs::forget_requests`].
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.lock().record.max_in_flight()
    }

    /// Starts the record afresh; requests still in flight keep counting as in flight.
    pub fn forget_requests(&self) {
        self.lock().record.forget();
    }

    fn arrive(&self, request: RecordedRequest) -> (Duration, Option<Effect>, InFlight) {
        let mut shared = self.lock();
        let effect = fault::next_effect(&mut shared.faults, &request);
        let number = shared.record.start(request);
        (shared.latency, effect, InFlight::new(self.shared.clone(), number))
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Nothing under this lock can leave the state half changed, so a poisoned lock is still good.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The middleware: records the request, lets it through or does what a fault says, and waits out the latency.
pub async fn apply(State(knobs): State<Knobs>, request: Request, next: Next) -> Response {
    let arrived = tokio::time::Instant::now();
    let (request, operations) = match read_operations(request).await {
        Ok(parts) => parts,
        Err(refusal) => return refusal,
    };
    let (latency, effect, in_flight) = knobs.arrive(RecordedRequest::of(&request, operations));
    let response = affected(effect, request, next).await;
    if !latency.is_zero() {
        tokio::time::sleep_until(arrived + latency).await;
    }
    match response {
        Some(response) => {
            in_flight.answered(response.status());
            response
        }
        None => cut(),
    }
}

/// The answer to a request; `None` when its connection ends without one.
async fn affected(effect: Option<Effect>, request: Request, next: Next) -> Option<Response> {
    Some(match effect {
        None => next.run(request).await,
        Some(Effect::DelayBefore(delay)) => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        Some(Effect::DelayReply(delay)) => {
            let response = next.run(request).await;
            tokio::time::sleep(delay).await;
            response
        }
        Some(Effect::DropConnection) => return None,
        Some(Effect::DropReply) => {
            // The reply is read to its end first, so that all its effects have happened.
            let _ = next.run(request).await.into_body().collect().await;
            return None;
        }
        Some(Effect::Answer { status, headers, body }) => answer(status, &headers, body),
    })
}

/// The largest GraphQL request whose operations are looked at; a larger one is refused.
const GRAPHQL_BODY_LIMIT: usize = 4 << 20;

/// The root fields of a GraphQL request, empty for any other. The body has to be read to know them.
async fn read_operations(request: Request) -> Result<(Request, Vec<String>), Response> {
    if !request.uri().path().ends_with("/graphql") {
        return Ok((request, Vec::new()));
    }
    let (head, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, GRAPHQL_BODY_LIMIT)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    let operations = fault::root_fields(&bytes);
    Ok((Request::from_parts(head, Body::from(bytes)), operations))
}

/// A reply that ends the connection before a single byte of it is sent: hyper gives up on a body that fails at once.
fn cut() -> Response {
    let failing = futures::stream::once(async {
        Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    });
    Response::new(Body::from_stream(failing))
}

fn answer(status: StatusCode, headers: &[(HeaderName, HeaderValue)], body: String) -> Response {
    let mut response = (status, body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}
