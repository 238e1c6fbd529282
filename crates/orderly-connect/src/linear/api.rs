//! Asking Linear: one text, one typed answer, or what went wrong. `errors[]` counts before the HTTP status.

use crate::http::{Call, Http, Lost, Origin, Reply, Settings, SetupError, retry};
use orderly_core::answer::{Cause, RequestRef};
use orderly_core::time::Timestamp;
use orderly_engine::ports::clock::Clock;
use orderly_wire::linear::errors::{ErrorKind, GraphQlError};
use orderly_wire::linear::reply;
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

pub(crate) const URL_SETTING: &str = "tracker.url";
const TOKEN_SETTING: &str = "LINEAR_API_KEY";

/// An API key or OAuth token. Nothing prints it.
#[derive(Clone, Debug)]
pub struct LinearToken(SecretString);

impl LinearToken {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    /// A personal key travels bare; an OAuth token as a bearer.
    fn scheme(&self) -> &'static str {
        if self.0.expose_secret().trim().starts_with("lin_oauth_") { "Bearer " } else { "" }
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The credentials are unknown or do not suffice.
    Access(String),
    /// Asked to slow down.
    RateLimited { until: Option<Timestamp> },
    /// The question itself is refused: asking less may help.
    Refused(String),
    /// What was asked for does not exist.
    NotFound(String),
    /// An id is taken.
    Conflict(String),
    /// No usable reply; for a write nobody can say whether it happened.
    NoReply(String),
}

impl From<Trouble> for Cause {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Access(text) => Self::Access(text),
            Trouble::RateLimited { .. } => Self::RateLimited,
            Trouble::NotFound(text) => Self::Missing(text),
            Trouble::Refused(text) | Trouble::Conflict(text) | Trouble::NoReply(text) => Self::NoReply(text),
        }
    }
}

/// An answer with the request that gave it.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub value: T,
    pub request: RequestRef,
}

/// Linear's one endpoint.
pub(crate) struct Api {
    http: Http,
}

impl Api {
    pub fn new(
        url: &str,
        token: &LinearToken,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let origin = Origin::parse(URL_SETTING, url)?;
        Ok(Self { http: Http::new(origin, token.scheme(), TOKEN_SETTING, &token.0, settings, clock)? })
    }

    pub fn origin(&self) -> &Origin {
        self.http.origin()
    }

    /// A query: asked again where that can help.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        about: &str,
        text: &str,
        variables: impl Serialize,
    ) -> Result<Answer<T>, Trouble> {
        let call = self.call(about, text, variables)?;
        let reply = self.http.read(&call, failure).await;
        self.answer(reply)
    }

    /// A mutation: sent once.
    pub async fn tell<T: DeserializeOwned>(
        &self,
        about: &str,
        text: &str,
        variables: impl Serialize,
    ) -> Result<Answer<T>, Trouble> {
        let call = self.call(about, text, variables)?;
        let reply = self.http.send(&call).await;
        self.answer(reply)
    }

    fn call(&self, about: &str, text: &str, variables: impl Serialize) -> Result<Call, Trouble> {
        let body = serde_json::to_vec(&reply::Request { query: text, variables })
            .map_err(|error| Trouble::Refused(format!("the question cannot be written: {error}")))?;
        let url = self.http.origin().url().clone();
        Ok(Call {
            method: Method::POST,
            url,
            body: Some(body),
            headers: HeaderMap::new(),
            about: about.to_owned(),
        })
    }

    fn answer<T: DeserializeOwned>(&self, reply: Result<Reply, Lost>) -> Result<Answer<T>, Trouble> {
        let reply = reply.map_err(|lost| Trouble::NoReply(lost.to_string()))?;
        let value = read(&reply, &self.http.origin().host())?;
        Ok(Answer { value, request: reply.request })
    }
}

/// What an answer means. Data next to errors is no answer: nobody says which part of it holds.
pub(crate) fn read<T: DeserializeOwned>(reply: &Reply, host: &str) -> Result<T, Trouble> {
    let what = &reply.request.what;
    let status = reply.status.as_u16();
    if reply.status.is_redirection() {
        return Err(Trouble::NoReply(format!(
            "{what} at {host} answered {status}, a redirect. Redirects are never followed, because the key would travel \
             with them: set `{URL_SETTING}` to the address that answers"
        )));
    }
    let envelope: Result<reply::Reply<serde_json::Value>, _> = serde_json::from_slice(&reply.body);
    match envelope {
        Ok(envelope) if !envelope.errors.is_empty() && holds_data(envelope.data.as_ref()) => {
            let line = envelope.errors.first().map(GraphQlError::line).unwrap_or_default();
            Err(Trouble::NoReply(format!(
                "{what} at {host} answered data and an error at once (it said: {line})"
            )))
        }
        Ok(envelope) if !envelope.errors.is_empty() => Err(trouble(&envelope.errors, reply, host)),
        Ok(envelope) if reply.status.is_success() => {
            let data = envelope.data.ok_or_else(|| {
                Trouble::NoReply(format!(
                    "{what} at {host} answered neither data nor errors. Try again later"
                ))
            })?;
            serde_json::from_value(data).map_err(|error| {
                let shape = crate::http::unreadable(&error);
                Trouble::NoReply(format!(
                    "{what} at {host} answered {shape}. This Orderly may be too old for it"
                ))
            })
        }
        Ok(_) => Err(by_status(reply, host)),
        Err(_) if !reply.status.is_success() => Err(by_status(reply, host)),
        Err(_) if reply.is_html() => Err(Trouble::NoReply(format!(
            "{what} at {host} answered a web page (HTTP {status}) instead of JSON: check that `{URL_SETTING}` is the \
             GraphQL address (https://api.linear.app/graphql) and not a page or proxy in front of it"
        ))),
        Err(error) => Err(Trouble::NoReply(format!(
            "{what} at {host} answered {}. Try again later",
            crate::http::unreadable(&error)
        ))),
    }
}

fn holds_data(data: Option<&serde_json::Value>) -> bool {
    data.and_then(serde_json::Value::as_object)
        .is_some_and(|data| data.values().any(|value| !value.is_null()))
}

/// The class of several errors is that of the one that allows least to be said: a fault before a refusal.
fn trouble(errors: &[GraphQlError], reply: &Reply, host: &str) -> Trouble {
    let caution = |kind: ErrorKind| match kind {
        ErrorKind::Unclear => 0,
        ErrorKind::RateLimited => 1,
        ErrorKind::Authentication => 2,
        ErrorKind::Forbidden => 3,
        ErrorKind::UsageLimit => 4,
        ErrorKind::Refused => 5,
        ErrorKind::NotFound => 6,
        ErrorKind::Conflict => 7,
    };
    let Some(worst) = errors.iter().min_by_key(|error| caution(error.kind())) else {
        return by_status(reply, host);
    };
    let what = &reply.request.what;
    let line = worst.line();
    let kind = if reply.status.is_server_error() && worst.kind() != ErrorKind::Conflict {
        // A server that fails while it refuses may have done anything.
        ErrorKind::Unclear
    } else {
        worst.kind()
    };
    match kind {
        ErrorKind::RateLimited => Trouble::RateLimited { until: until(reply) },
        ErrorKind::Authentication => Trouble::Access(unknown_key(host, &line)),
        ErrorKind::Forbidden => Trouble::Access(weak_key(host, &line)),
        ErrorKind::UsageLimit => Trouble::Refused(format!(
            "the workspace is full (it said: {line}): archive items or upgrade its plan, then run again"
        )),
        ErrorKind::Refused => Trouble::Refused(format!("{what} at {host} was refused (it said: {line})")),
        ErrorKind::NotFound => Trouble::NotFound(format!("{what} at {host} (it said: {line})")),
        ErrorKind::Conflict => Trouble::Conflict(line),
        ErrorKind::Unclear => {
            Trouble::NoReply(format!("{what} at {host} failed there (it said: {line}). Try again later"))
        }
    }
}

/// Without `errors[]` only the status speaks.
fn by_status(reply: &Reply, host: &str) -> Trouble {
    let what = &reply.request.what;
    match reply.status.as_u16() {
        401 => Trouble::Access(unknown_key(host, "HTTP 401")),
        403 => Trouble::Access(weak_key(host, "HTTP 403")),
        429 => Trouble::RateLimited { until: until(reply) },
        status @ 500.. => {
            Trouble::NoReply(format!("{what} at {host} failed there (HTTP {status}). Try again later"))
        }
        status => Trouble::NoReply(format!(
            "{what} at {host} answered HTTP {status} without saying why: check `{URL_SETTING}`"
        )),
    }
}

fn unknown_key(host: &str, line: &str) -> String {
    format!(
        "the tracker at {host} does not accept the key (it said: {line}): set {TOKEN_SETTING} to a valid one; Linear's \
         settings, Security & access, make one"
    )
}

fn weak_key(host: &str, line: &str) -> String {
    format!(
        "the key may not do this at {host} (it said: {line}): {TOKEN_SETTING} needs read, write (or create issues and \
         create comments) and access to the team"
    )
}

/// When a limit is over, as the headers say.
fn until(reply: &Reply) -> Option<Timestamp> {
    let at = reply.request.at;
    let wait = retry::asked_wait(&reply.headers, at.as_millisecond())?;
    at.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok()
}

/// Whether a query is worth asking again: by what the body says, then by status.
fn failure(reply: &Reply, now: Timestamp) -> retry::Failure {
    let limited = || retry::Failure::RateLimited(retry::asked_wait(&reply.headers, now.as_millisecond()));
    match read::<serde_json::Value>(reply, "") {
        Err(Trouble::RateLimited { .. }) => limited(),
        Err(Trouble::NoReply(_)) if reply.status.is_success() || reply.status.is_client_error() => {
            // An internal error or a lock time-out; a page that is no JSON stays one.
            let spoke = serde_json::from_slice::<reply::Reply<serde_json::Value>>(&reply.body);
            if spoke.is_ok_and(|envelope| !envelope.errors.is_empty()) {
                retry::Failure::Server
            } else {
                retry::Failure::Final
            }
        }
        Err(_) => crate::http::failure_of(reply, now),
        Ok(_) => retry::Failure::Final,
    }
}

#[cfg(test)]
pub(crate) mod tests;
