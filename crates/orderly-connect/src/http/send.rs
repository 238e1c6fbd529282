//! One client per service, and the only function that makes one.

use super::SetupError;
use super::origin::{Origin, Reach};
use super::retry::{self, Failure, Next};
use orderly_core::answer::RequestRef;
use orderly_core::time::Timestamp;
use orderly_engine::ports::clock::Clock;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;

/// Limits of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Until the connection stands.
    pub connect_timeout: Duration,
    /// Until the whole answer is there.
    pub timeout: Duration,
    /// Largest answer that is read, in bytes, after decompression.
    pub max_body: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            max_body: 16 << 20,
        }
    }
}

/// A client of one service.
pub struct Http {
    client: reqwest::Client,
    origin: Origin,
    pass: Pass,
    max_body: usize,
    clock: Arc<dyn Clock>,
}

/// What lets a request in.
enum Pass {
    /// A token in a header.
    Header(HeaderValue),
    /// The address itself, which is therefore named nowhere.
    Address,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Address, made by [`Origin::below`].
    pub url: url::Url,
    /// JSON body.
    pub body: Option<Vec<u8>>,
    /// Headers beside those that every request has.
    pub headers: HeaderMap,
    /// Added to the path in logs and proofs, where the path alone does not say what was asked.
    pub about: String,
}

impl Call {
    /// `GET /api/0/organizations/acme/issues/?query=is%3Aregressed`, as proofs and errors name it.
    pub fn what(&self) -> String {
        let query = self.url.query().map(|q| ["?", q].concat()).unwrap_or_default();
        let about = if self.about.is_empty() { String::new() } else { [" ", &self.about].concat() };
        [self.method.as_str(), " ", self.url.path(), &query, &about].concat()
    }
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
    /// The request, and when this arrived.
    pub request: RequestRef,
}

impl Reply {
    /// Whether the body says, or looks as if, it is a web page.
    pub fn is_html(&self) -> bool {
        let declared = self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let first = self.body.iter().find(|b| !b.is_ascii_whitespace());
        declared.to_ascii_lowercase().starts_with("text/html") || first == Some(&b'<')
    }
}

/// No answer, or not all of one. What a write did is then unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No connection came about.
    #[error("{what} at {host}: no connection ({why}). Check the address and the network")]
    NoConnection {
        /// The request.
        what: String,
        /// Host.
        host: String,
        /// The failure.
        why: String,
    },
    /// It took too long.
    #[error("{what} at {host}: no complete answer in time. Try again later")]
    TimedOut {
        /// The request.
        what: String,
        /// Host.
        host: String,
    },
    /// The connection ended in the middle.
    #[error("{what} at {host}: the connection ended before the answer was complete ({why}). Try again later")]
    Cut {
        /// The request.
        what: String,
        /// Host.
        host: String,
        /// The failure.
        why: String,
    },
    /// More than is ever read.
    #[error(
        "{what} at {host}: the answer is larger than {limit} bytes, so it was not read. Narrow the scope"
    )]
    TooLarge {
        /// The request.
        what: String,
        /// Host.
        host: String,
        /// The cap.
        limit: usize,
    },
}

impl Http {
    /// A client for `origin` that sends `scheme` (`Bearer `, or nothing) and `token` with every request, and only
    /// there.
    ///
    /// # Errors
    /// When the token (named `setting` in the error) is no header value, or TLS cannot be set up.
    pub fn new(
        origin: Origin,
        scheme: &'static str,
        setting: &'static str,
        token: &SecretString,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let token = token.expose_secret().trim();
        if token.is_empty() {
            return Err(SetupError::Token { setting });
        }
        let mut credential =
            HeaderValue::from_str(&[scheme, token].concat()).map_err(|_| SetupError::Token { setting })?;
        credential.set_sensitive(true);
        Self::with(Pass::Header(credential), origin, settings, clock)
    }

    /// A client for an address that is a secret by itself, as webhooks have it: paths and queries are shown nowhere.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn of_secret_address(
        origin: Origin,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        Self::with(Pass::Address, origin, settings, clock)
    }

    fn with(
        pass: Pass,
        origin: Origin,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let client = build(&origin, settings)
            .map_err(|error| SetupError::Tls { host: origin.host(), why: reason(&error) })?;
        Ok(Self { client, origin, pass, max_body: settings.max_body, clock })
    }

    /// Where requests go.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The clock that stamps answers.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Sends a request once. The only way for a write.
    ///
    /// # Errors
    /// [`Lost`]; for a write nobody can say then whether it happened.
    pub async fn send(&self, call: &Call) -> Result<Reply, Lost> {
        assert_eq!(call.url.origin(), self.origin.url().origin(), "addresses are made from the origin only");
        let mut request =
            self.client.request(call.method.clone(), call.url.clone()).headers(call.headers.clone());
        if let Pass::Header(credential) = &self.pass {
            request = request.header(AUTHORIZATION, credential.clone());
        }
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let what = self.what(call);
        let mut response = request.send().await.map_err(|error| self.lost(&what, error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(&what, error))? {
            if body.len() + chunk.len() > self.max_body {
                return Err(Lost::TooLarge { what, host: self.origin.host(), limit: self.max_body });
            }
            body.extend_from_slice(&chunk);
        }
        tracing::debug!(request = %what, status = status.as_u16(), bytes = body.len(), "answered");
        Ok(Reply { status, headers, body, request: RequestRef { what, at: self.clock.now().0 } })
    }

    /// Sends a read, and again where [`retry::next`] says so. `failure` says what an answer is worth.
    ///
    /// # Errors
    /// As [`Http::send`], after the last try.
    pub async fn read(
        &self,
        call: &Call,
        failure: impl Fn(&Reply, Timestamp) -> Failure,
    ) -> Result<Reply, Lost> {
        let mut made = 1;
        loop {
            let outcome = self.send(call).await;
            let failed = match &outcome {
                Ok(reply) => failure(reply, reply.request.at),
                Err(Lost::TooLarge { .. }) => Failure::Final,
                Err(_) => Failure::Connection,
            };
            let Next::Again(wait) = retry::next(made, failed) else { return outcome };
            tracing::debug!(request = %self.what(call), tries = made, ?failed, "asking again");
            let until =
                self.clock.now().0.checked_add(jiff::SignedDuration::try_from(wait).unwrap_or_default());
            if let Ok(until) = until {
                self.clock.sleep_until(until).await;
            }
            made += 1;
        }
    }

    /// The request, as proofs and errors name it.
    fn what(&self, call: &Call) -> String {
        match self.pass {
            Pass::Header(_) => call.what(),
            Pass::Address => [call.method.as_str(), " ", &call.about].concat(),
        }
    }

    fn lost(&self, what: &str, error: reqwest::Error) -> Lost {
        // Its address may be a secret.
        let error = error.without_url();
        let (what, host, why) = (what.to_owned(), self.origin.host(), reason(&error));
        if error.is_timeout() {
            Lost::TimedOut { what, host }
        } else if error.is_connect() {
            Lost::NoConnection { what, host, why }
        } else {
            Lost::Cut { what, host, why }
        }
    }
}

/// Whether a write that was answered with this status may have happened all the same: a server that failed in the middle
/// may have gone far enough, one that is not there (503) has not.
pub(crate) fn may_have_happened(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE
}

/// What a status alone says about asking again.
pub(crate) fn failure_of(reply: &Reply, now: Timestamp) -> Failure {
    match reply.status.as_u16() {
        429 => Failure::RateLimited(retry::asked_wait(&reply.headers, now.as_millisecond())),
        500.. => Failure::Server,
        _ => Failure::Final,
    }
}

/// The one function that builds clients: it also installs the TLS provider, without which building panics.
fn build(origin: &Origin, settings: Settings) -> Result<reqwest::Client, reqwest::Error> {
    // An error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.timeout)
        .user_agent(concat!("orderly/", env!("CARGO_PKG_VERSION")));
    if let Some((host, addresses)) = origin.pinned() {
        builder = builder.resolve_to_addrs(host, &addresses);
    }
    builder = match (origin.reach(), origin.url().scheme()) {
        // Nothing to verify without TLS: do not need (or wait for) the system's certificates.
        (Reach::Loopback, "http") => builder.tls_certs_only([]),
        _ => builder.https_only(true),
    };
    builder.build()
}

/// The innermost cause of a failure, which names neither address nor token.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text: String = innermost.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    text
}
