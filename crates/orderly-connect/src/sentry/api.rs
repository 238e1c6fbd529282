//! Asking Sentry: one request, one typed answer, or the cause with the step that helps.

use crate::http::{Call, Http, Lost, Origin, Reply, Settings, SetupError, may_have_happened};
use orderly_core::answer::{Cause, RequestRef};
use orderly_engine::ports::clock::Clock;
use orderly_wire::sentry::{link, refusal};
use reqwest::Method;
use reqwest::header::{HeaderMap, LINK};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

pub(crate) const URL_SETTING: &str = "sentry.url";
const TOKEN_SETTING: &str = "SENTRY_AUTH_TOKEN";

/// Pages of 100 that are read of a list before it is called endless.
const MOST_PAGES: usize = 20;

/// A token of Sentry. Nothing prints it.
#[derive(Clone, Debug)]
pub struct SentryToken(SecretString);

impl SentryToken {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }
}

/// What a request asks for, and what the token needs for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask<'a> {
    /// Path below `/api/0/`.
    pub path: &'a [&'a str],
    /// Scopes, of which one suffices: "`event:read`".
    pub scope: &'static str,
    /// What is asked for, in words: "the issues of the organization `acme`".
    pub subject: &'a str,
}

/// An answer with the request that gave it.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub value: T,
    pub request: RequestRef,
    /// Cursor of the next page, as the server wrote it.
    pub next: Option<String>,
    pub date: Option<String>,
}

/// A write that nobody confirmed.
#[derive(Clone, Debug)]
pub(crate) enum Unwritten {
    /// It certainly did not happen.
    Certainly(Cause),
    /// Nobody can say.
    Perhaps(Cause),
}

/// The web API of one Sentry.
pub(crate) struct Api {
    http: Http,
}

impl Api {
    pub fn new(
        origin: Origin,
        token: &SentryToken,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        Ok(Self { http: Http::new(origin, "Bearer ", TOKEN_SETTING, &token.0, settings, clock)? })
    }

    pub fn base(&self) -> &str {
        self.http.origin().base()
    }

    pub fn clock(&self) -> &dyn Clock {
        self.http.clock()
    }

    /// One page.
    pub async fn get<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        query: &[(&'static str, String)],
    ) -> Result<Answer<T>, Cause> {
        let call = self.call(Method::GET, ask, query, None);
        let reply = self.http.read(&call, crate::http::failure_of).await;
        self.answer(ask, reply)
    }

    /// Every page of a list, by cursor; the addresses in `Link` are never followed.
    pub async fn get_all<T: DeserializeOwned>(&self, ask: Ask<'_>) -> Result<Vec<T>, Cause> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = vec![("per_page", "100".to_owned())];
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let page: Answer<Vec<T>> = self.get(ask, &query).await?;
            all.extend(page.value);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
        Err(Cause::MorePages)
    }

    /// A change of what is there: sent once.
    pub async fn put<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        body: &impl Serialize,
    ) -> Result<Answer<T>, Cause> {
        let body = serde_json::to_vec(body).map_err(|error| Cause::NoReply(error.to_string()))?;
        let reply = self.http.send(&self.call(Method::PUT, ask, &[], Some(body))).await;
        self.answer(ask, reply)
    }

    /// A write: sent once.
    pub async fn post<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        body: &impl Serialize,
    ) -> Result<Answer<T>, Cause> {
        let body = serde_json::to_vec(body).map_err(|error| Cause::NoReply(error.to_string()))?;
        let call = self.call(Method::POST, ask, &[], Some(body));
        let reply = self.http.send(&call).await;
        self.answer(ask, reply)
    }

    /// A write of which it has to be known whether it may have happened: sent once.
    pub async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        ask: Ask<'_>,
        body: &impl Serialize,
    ) -> Result<Answer<T>, Unwritten> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Unwritten::Certainly(Cause::NoReply(error.to_string())))?;
        let reply = self.http.send(&self.call(method, ask, &[], Some(body))).await;
        let certain = match &reply {
            Ok(reply) => !reply.status.is_success() && !may_have_happened(reply.status),
            Err(lost) => matches!(lost, Lost::NoConnection { .. }),
        };
        self.answer(ask, reply)
            .map_err(|cause| if certain { Unwritten::Certainly(cause) } else { Unwritten::Perhaps(cause) })
    }

    fn call(
        &self,
        method: Method,
        ask: Ask<'_>,
        query: &[(&'static str, String)],
        body: Option<Vec<u8>>,
    ) -> Call {
        let path: Vec<&str> = ["api", "0"].iter().chain(ask.path).copied().collect();
        Call {
            method,
            url: self.http.origin().below(&path, query),
            body,
            headers: HeaderMap::new(),
            about: String::new(),
        }
    }

    fn answer<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        reply: Result<Reply, Lost>,
    ) -> Result<Answer<T>, Cause> {
        let reply = reply.map_err(|lost| Cause::NoReply(lost.to_string()))?;
        if !reply.status.is_success() || reply.is_html() {
            return Err(self.refusal(ask, &reply));
        }
        let value = serde_json::from_slice(&reply.body).map_err(|error| self.unreadable(&reply, &error))?;
        let header =
            |name: reqwest::header::HeaderName| reply.headers.get(name)?.to_str().ok().map(str::to_owned);
        let next = header(LINK).and_then(|value| link::next_cursor(&value).map(str::to_owned));
        let date = header(reqwest::header::DATE);
        Ok(Answer { value, request: reply.request, next, date })
    }

    /// What a refusal means, and what to do. Explanations of the server are quoted only as one capped line.
    fn refusal(&self, ask: Ask<'_>, reply: &Reply) -> Cause {
        let (what, host) = (&reply.request.what, self.http.origin().host());
        let status = reply.status.as_u16();
        if reply.status.is_redirection() {
            return Cause::NoReply(format!(
                "{what} at {host} answered {status}, a redirect. Redirects are never followed, because the token would \
                 travel with them: set `{URL_SETTING}` to the address that Sentry answers at"
            ));
        }
        let said = refusal::detail(&reply.body).map(|text| format!(" (it said: {text})")).unwrap_or_default();
        let Ask { scope, subject, .. } = ask;
        match status {
            401 => Cause::Access(format!(
                "Sentry at {host} does not accept the token{said}: set {TOKEN_SETTING} to a valid one; {}/settings/account/api/auth-tokens/ \
                 makes one",
                self.base()
            )),
            403 => Cause::Access(format!(
                "the token may not read or write {subject}{said}: it needs {scope}, and its owner must be a member there"
            )),
            404 if !reply.is_html() => {
                Cause::Missing(format!("{subject}, asked with {what} at {host}{said}"))
            }
            429 => Cause::RateLimited,
            500.. => Cause::NoReply(format!(
                "{what} at {host} failed there (HTTP {status}){said}. Try again later"
            )),
            _ if reply.is_html() => Cause::NoReply(format!(
                "{what} at {host} answered a web page (HTTP {status}) instead of JSON: check that `{URL_SETTING}` is \
                 Sentry itself and not a login page or a proxy in front of it"
            )),
            _ => Cause::NoReply(format!("{what} at {host} was refused (HTTP {status}){said}")),
        }
    }

    /// Says where an answer stops being readable, never what stands there.
    fn unreadable(&self, reply: &Reply, error: &serde_json::Error) -> Cause {
        Cause::NoReply(format!(
            "{} at {} answered {}. Try again; if it stays, that Sentry may be too old or something in between changes \
             its answers",
            reply.request.what,
            self.http.origin().host(),
            crate::http::unreadable(error)
        ))
    }
}
