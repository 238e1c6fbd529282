//! What ingest answers when it refuses: a status and `{"detail": "..."}`; SDKs act on the status alone.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use orderly_wire::sentry::envelope::InvalidEnvelope;
use serde_json::json;

use super::rate_limit::Limited;

/// Why something that was sent is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("bad project id {0:?}: it is the number at the end of the DSN")]
    BadProject(String),
    #[error(
        "missing authentication: send the DSN's public key in X-Sentry-Auth, as ?sentry_key=, or in the envelope's dsn"
    )]
    NoKey,
    #[error("unknown DSN key")]
    UnknownKey,
    #[error("this DSN key is disabled")]
    DisabledKey,
    #[error("this DSN key belongs to another project than {0}")]
    OtherProject(i64),
    #[error("{what} is larger than {limit} bytes")]
    TooLarge { what: &'static str, limit: usize },
    #[error("the body could not be read: {0}")]
    BrokenBody(String),
    #[error("the body did not arrive in time")]
    TooSlow,
    #[error("content encoding {0:?} is not supported; use gzip, deflate, br or zstd")]
    UnknownEncoding(String),
    #[error("the body is not valid {encoding}: {reason}")]
    BadEncoding { encoding: &'static str, reason: String },
    #[error("{0}")]
    BadEnvelope(#[from] InvalidEnvelope),
    #[error("the envelope's dsn is not a DSN: {0}")]
    BadDsn(String),
    #[error("the envelope holds more than one event or transaction")]
    TwoEvents,
    #[error("invalid JSON in {what}: {reason}")]
    BadJson { what: &'static str, reason: String },
    #[error("{0} has more values than its size lets expect")]
    TooManyValues(&'static str),
    #[error("too many events for this key")]
    Limited(Limited),
    #[error("the event could not be stored; send it again later")]
    NotStored,
    #[error("Method not allowed: send events with POST")]
    NotPost,
}

impl Refusal {
    /// A body of more bytes than are taken, as sent or unpacked.
    pub(super) fn body_too_large(limit: usize) -> Self {
        Self::TooLarge { what: "the body", limit }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoKey | Self::UnknownKey | Self::DisabledKey | Self::OtherProject(_) => {
                StatusCode::FORBIDDEN
            }
            Self::TooLarge { .. } | Self::TooManyValues(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadEnvelope(InvalidEnvelope::ItemTooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotStored => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotPost => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadProject(_)
            | Self::BrokenBody(_)
            | Self::BadEncoding { .. }
            | Self::BadEnvelope(_)
            | Self::BadDsn(_)
            | Self::TwoEvents
            | Self::BadJson { .. } => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        let mut response = (self.status(), Json(json!({ "detail": detail }))).into_response();
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&detail) {
            headers.insert("x-sentry-error", value);
        }
        match self {
            Self::Limited(limited) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(limited.seconds));
                headers.insert("x-sentry-rate-limits", limited.header());
            }
            Self::NotPost => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
            }
            _ => {}
        }
        response
    }
}
