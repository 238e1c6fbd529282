//! What an endpoint answers when it refuses: a status and `{"detail": "..."}`, the form every official client reads.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::error::LocalError;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No `Authorization` header, or one of another kind than `Bearer`: 401.
    #[error("Authentication credentials were not provided.")]
    MissingCredentials,
    /// A token that this server never issued: 401. Clients match this text.
    #[error("Invalid token")]
    InvalidToken,
    /// The token has none of the scopes that the endpoint asks for: 403.
    #[error("You do not have permission to perform this action.")]
    Forbidden,
    /// 403 for another reason than a scope.
    #[error("{0}")]
    Refused(String),
    /// 404.
    #[error("{0}")]
    NotFound(String),
    /// 400.
    #[error("{0}")]
    BadRequest(String),
    /// 400 naming the field: `{"detail": "...", "<field>": ["..."]}`.
    #[error("{field}: {message}")]
    InvalidField {
        /// The field of the body, as the client spelled it.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// 405.
    #[error("Method \"{0}\" not allowed.")]
    MethodNotAllowed(Method),
    /// 409.
    #[error("{0}")]
    Conflict(String),
    /// 413: the body is larger than this server reads.
    #[error("The request body is too large.")]
    TooLarge,
    /// 429.
    #[error(
        "You are attempting to use this endpoint too frequently. Limit is {limit} requests in {window_seconds} seconds"
    )]
    RateLimited {
        /// Requests allowed in one window.
        limit: u32,
        /// Length of the window.
        window_seconds: u32,
    },
    /// 500: our fault, logged here and not shown.
    #[error("Internal Error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What an endpoint returns.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// 404 with this text.
    pub fn not_found(detail: impl Into<String>) -> ApiError {
        ApiError::NotFound(detail.into())
    }

    /// 400 with this text.
    pub fn bad_request(detail: impl Into<String>) -> ApiError {
        ApiError::BadRequest(detail.into())
    }

    /// 400 that names the field of the body.
    pub fn invalid_field(field: &'static str, message: impl Into<String>) -> ApiError {
        ApiError::InvalidField { field, message: message.into() }
    }

    /// 500 that hides its cause from the client and logs it.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
        ApiError::Internal(cause.into())
    }

    /// The HTTP status this error is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            ApiError::MissingCredentials | ApiError::InvalidToken => StatusCode::UNAUTHORIZED,
            ApiError::Forbidden | ApiError::Refused(_) => StatusCode::FORBIDDEN,
            ApiError::NotFound(_) => StatusCode::NOT_FOUND,
            ApiError::BadRequest(_) | ApiError::InvalidField { .. } => StatusCode::BAD_REQUEST,
            ApiError::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            ApiError::Conflict(_) => StatusCode::CONFLICT,
            ApiError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ApiError::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            ApiError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(cause: sqlx::Error) -> ApiError {
        ApiError::internal(cause)
    }
}

impl From<LocalError> for ApiError {
    fn from(cause: LocalError) -> ApiError {
        ApiError::internal(cause)
    }
}

impl From<serde_json::Error> for ApiError {
    /// A stored document that does not read back: our fault. A client's body never comes this way.
    fn from(cause: serde_json::Error) -> ApiError {
        ApiError::internal(cause)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let ApiError::Internal(cause) = &self {
            tracing::error!(cause = %cause, "an endpoint of the embedded Sentry failed");
        }
        let mut answer = Map::new();
        answer.insert("detail".to_owned(), Value::String(self.to_string()));
        if let ApiError::InvalidField { field, message } = &self {
            answer.insert((*field).to_owned(), Value::Array(vec![Value::String(message.clone())]));
        }
        (self.status(), Json(Value::Object(answer))).into_response()
    }
}
