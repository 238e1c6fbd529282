//! Refusals in the shape Linear gives them: a message, and `extensions` that clients classify by.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// Why a request, or one field of it, was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: Kind,
    message: String,
    presentable: String,
}

/// The class of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input names something that does not exist, or contradicts what is stored.
    Input,
    /// The input breaks a rule that can be checked without looking at what is stored.
    Argument,
    /// The document is not valid GraphQL for this schema.
    Document,
    /// No key, or an unknown one.
    Authentication,
    /// The key may not do this.
    Forbidden,
    /// A limit is exhausted.
    RateLimited,
    /// The tracker itself failed.
    Internal,
}

impl Kind {
    /// `extensions.type`, `extensions.code` and `extensions.statusCode`.
    fn tags(self) -> (&'static str, &'static str, u16) {
        match self {
            Self::Input => ("invalid input", "INPUT_ERROR", 400),
            Self::Argument => ("invalid input", "INVALID_INPUT", 400),
            Self::Document => ("graphql error", "GRAPHQL_VALIDATION_FAILED", 400),
            Self::Authentication => ("authentication error", "AUTHENTICATION_ERROR", 401),
            Self::Forbidden => ("forbidden", "FORBIDDEN", 403),
            Self::RateLimited => ("ratelimited", "RATELIMITED", 429),
            Self::Internal => ("internal error", "INTERNAL_SERVER_ERROR", 500),
        }
    }
}

impl Problem {
    pub fn new(kind: Kind, message: impl Into<String>, presentable: impl Into<String>) -> Self {
        Self { kind, message: message.into(), presentable: presentable.into() }
    }

    /// Something named by id does not exist.
    pub fn not_found(entity: &'static str) -> Self {
        Self::new(
            Kind::Input,
            format!("Entity not found: {entity}"),
            format!("Could not find referenced {entity}."),
        )
    }

    /// A client id that is taken.
    pub fn conflict(entity: &'static str, id: &str) -> Self {
        Self::new(
            Kind::Input,
            format!("conflict on insert of {entity}"),
            format!("Entity {entity} with id {id} already exists."),
        )
    }

    /// An argument or input field that breaks a rule; `rule` is a sentence.
    pub fn argument(rule: impl Into<String>) -> Self {
        Self::new(Kind::Argument, "Argument Validation Error", rule)
    }

    /// Input that contradicts what is stored, in Linear's words.
    pub fn input(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(Kind::Input, message.clone(), message)
    }

    /// A document that does not fit the schema.
    pub fn document(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(Kind::Document, message.clone(), message)
    }

    pub fn not_authenticated() -> Self {
        Self::new(
            Kind::Authentication,
            "Authentication required, not authenticated",
            "You need to authenticate to access this operation.",
        )
    }

    pub fn read_only() -> Self {
        Self::new(
            Kind::Forbidden,
            "Invalid scope: `write` required",
            "The API key may read only; create one that may write.",
        )
    }

    pub fn rate_limited(limit: impl Into<String>) -> Self {
        Self::new(Kind::RateLimited, "Rate limit exceeded", limit)
    }

    /// The tracker's own failure; the cause goes to the log, not to the client.
    pub fn internal() -> Self {
        Self::new(Kind::Internal, "Internal server error", "The local tracker could not store the change.")
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// The entry of the `errors` array. `path` is empty when the request as a whole was refused.
    pub fn to_json(&self, path: &[Value]) -> Value {
        let (kind, code, status) = self.kind.tags();
        let mut error = json!({
            "message": self.message,
            "extensions": {
                "type": kind,
                "code": code,
                "statusCode": status,
                "userError": self.kind != Kind::Internal,
                "userPresentableMessage": self.presentable,
            },
        });
        if !path.is_empty() {
            error["path"] = Value::from(path.to_vec());
        }
        error
    }

    /// The HTTP status when the request as a whole was refused. A rate limit is 400, as Linear has it.
    pub fn request_status(&self) -> StatusCode {
        match self.kind {
            Kind::Authentication => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::Input | Kind::Argument | Kind::Document | Kind::RateLimited => StatusCode::BAD_REQUEST,
        }
    }

    /// The HTTP status when only one field was refused: 200, except where a limit or our own failure is the cause.
    pub fn field_status(&self) -> StatusCode {
        match self.kind {
            Kind::RateLimited | Kind::Forbidden | Kind::Internal => self.request_status(),
            Kind::Input | Kind::Argument | Kind::Document | Kind::Authentication => StatusCode::OK,
        }
    }
}

/// A message of the executor without the words it puts in front.
pub fn bare_message(message: &str) -> &str {
    message.strip_prefix("resolver error: ").unwrap_or(message)
}

/// A path of the executor as plain JSON.
pub fn path_json(path: &impl serde::Serialize) -> Vec<Value> {
    match serde_json::to_value(path) {
        Ok(Value::Array(path)) => path,
        _ => Vec::new(),
    }
}
