//! One request to a chat service, and what its answer leaves open.

use super::ChatError;
use crate::http::{Call, Http, Lost, Origin, Reply, Settings, may_have_happened, retry};
use orderly_core::incident::ChannelName;
use orderly_engine::ports::clock::Clock;
use orderly_engine::ports::incident::PostReply;
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A service that asks to wait no longer than this is waited for, once.
const SHORT_WAIT: Duration = Duration::from_secs(10);

/// The address of a webhook, which is a secret.
pub(super) struct Hook {
    http: Http,
    address: Url,
    about: String,
}

impl Hook {
    pub fn new(
        name: &ChannelName,
        address: &SecretString,
        limits: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ChatError> {
        let wrong = |why| ChatError::Address { why };
        let address = Url::parse(address.expose_secret().trim()).map_err(|_| wrong("is no web address"))?;
        if !address.username().is_empty() || address.password().is_some() {
            return Err(wrong("holds a user name or password"));
        }
        if address.fragment().is_some() {
            return Err(wrong("holds a fragment (`#`)"));
        }
        // Scheme, host and port are what requests are held to; the rest is shown nowhere.
        let origin = Origin::parse("the address of the webhook", &address.origin().ascii_serialization())
            .map_err(|_| wrong("is not https (http is only for this machine)"))?;
        let http = Http::of_secret_address(origin, limits, clock)?;
        Ok(Self { http, address, about: format!("to the webhook of `{name}`") })
    }

    /// The address, with segments below it and pairs of a query beside its own.
    pub fn url(&self, below: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.address.clone();
        if let Ok(mut path) = url.path_segments_mut()
            && !below.is_empty()
        {
            path.pop_if_empty().extend(below);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Sends JSON once, and once more where the service asked to wait a little: it has done nothing then.
    pub async fn send(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Reply, PostReply> {
        let call = Call { method, url, body: Some(body), headers, about: self.about.clone() };
        patient(&self.http, &call).await
    }
}

/// Sends a request, and answers what is no success as what it leaves open; 404 is for the service to judge.
pub(super) async fn patient(http: &Http, call: &Call) -> Result<Reply, PostReply> {
    let mut reply = http.send(call).await.map_err(|lost| unanswered(&lost))?;
    if let Some(wait) = asked_wait(&reply).filter(|wait| *wait <= SHORT_WAIT) {
        let wait = jiff::SignedDuration::try_from(wait).unwrap_or_default();
        if let Ok(until) = http.clock().now().0.checked_add(wait) {
            http.clock().sleep_until(until).await;
        }
        reply = http.send(call).await.map_err(|lost| unanswered(&lost))?;
    }
    if reply.status.is_success() || reply.status.as_u16() == 404 {
        return Ok(reply);
    }
    Err(refused(&reply))
}

fn asked_wait(reply: &Reply) -> Option<Duration> {
    let limited = reply.status.as_u16() == 429;
    limited.then(|| retry::asked_wait(&reply.headers, reply.request.at.as_millisecond())).flatten()
}

fn unanswered(lost: &Lost) -> PostReply {
    match lost {
        Lost::NoConnection { .. } => PostReply::Failed(lost.to_string()),
        Lost::TimedOut { .. } | Lost::Cut { .. } | Lost::TooLarge { .. } => {
            PostReply::Unknown(lost.to_string())
        }
    }
}

/// What an answer that is no success means. Its text is not repeated: anybody could have written it.
pub(super) fn refused(reply: &Reply) -> PostReply {
    let (what, status) = (&reply.request.what, reply.status.as_u16());
    if reply.status.is_redirection() {
        let why = "a redirect, which is never followed: set the address that answers";
        return PostReply::Failed(format!("{what} was answered by {why} (HTTP {status})"));
    }
    if may_have_happened(reply.status) {
        return PostReply::Unknown(format!("{what} failed there (HTTP {status})"));
    }
    PostReply::Failed(match status {
        401 | 403 => format!("{what} was refused (HTTP {status}): check its address or token"),
        404 | 410 => format!("{what}: there is no such webhook or channel (HTTP {status})"),
        429 => format!("{what}: it asked to slow down; a later run tries again"),
        503 => format!("{what}: it is not available (HTTP {status}); a later run tries again"),
        _ => format!("{what} was refused (HTTP {status})"),
    })
}

/// An answer that says that it was done, and cannot be read.
pub(super) fn unreadable(reply: &Reply) -> PostReply {
    PostReply::Unknown(format!("{} was answered by what cannot be read", reply.request.what))
}
