//! How Linear says no, and what that means. `errors[]` counts before the HTTP status: a missing entity answers 200, a
//! rate limit 400.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// One element of `errors[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphQlError {
    /// `conflict on insert of Issue`.
    #[serde(default)]
    pub message: String,
    /// The field it belongs to.
    #[serde(default, deserialize_with = "or_default")]
    pub path: Vec<Value>,
    /// Its class.
    #[serde(default, deserialize_with = "or_default")]
    pub extensions: Extensions,
}

/// What Linear adds to an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    /// `invalid input`; what Linear's own client goes by.
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    pub kind: Option<String>,
    /// `INPUT_ERROR`.
    #[serde(default, deserialize_with = "or_default")]
    pub code: Option<String>,
    /// A sentence for people.
    #[serde(default, deserialize_with = "or_default")]
    pub user_presentable_message: Option<String>,
}

/// What an error means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// An entity with this id exists already; nothing was written.
    Conflict,
    /// What was asked for does not exist.
    NotFound,
    /// Too many requests, or too complex ones, for now; nothing was done.
    RateLimited,
    /// The credentials are not known.
    Authentication,
    /// The credentials do not allow it, or the plan does not.
    Forbidden,
    /// The workspace is full (free plan).
    UsageLimit,
    /// The request itself is wrong; nothing was done.
    Refused,
    /// A fault at Linear, or a class that this version does not know: nobody can say what was done.
    Unclear,
}

impl GraphQlError {
    /// The class of an error: by its message where two messages are known to share a class, then by
    /// `extensions.type`, then by `extensions.code`.
    pub fn kind(&self) -> ErrorKind {
        let message = self.message.trim().to_ascii_lowercase();
        if message.starts_with("conflict on insert of ") {
            return ErrorKind::Conflict;
        }
        if message.starts_with("entity not found") {
            return ErrorKind::NotFound;
        }
        if message.contains("issue limit exceeded") {
            return ErrorKind::UsageLimit;
        }
        let class = self.extensions.kind.as_deref().and_then(of_type);
        class.or_else(|| self.extensions.code.as_deref().and_then(of_code)).unwrap_or(ErrorKind::Unclear)
    }

    /// One line for people: Linear's own sentence if it gave one, else its message.
    pub fn line(&self) -> String {
        let text = self.extensions.user_presentable_message.as_deref().filter(|text| !text.trim().is_empty());
        let text = text.unwrap_or(&self.message);
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
        let line = line.trim();
        if line.is_empty() { "no explanation".to_owned() } else { line.to_owned() }
    }
}

/// Longest explanation that is kept, in characters.
const LONGEST: usize = 300;

fn of_type(kind: &str) -> Option<ErrorKind> {
    Some(match kind.trim().to_ascii_lowercase().as_str() {
        "ratelimited" => ErrorKind::RateLimited,
        "authentication error" => ErrorKind::Authentication,
        "forbidden" | "feature not accessible" => ErrorKind::Forbidden,
        "usage limit exceeded" => ErrorKind::UsageLimit,
        "invalid input" | "user error" | "graphql error" => ErrorKind::Refused,
        "internal error" | "lock timeout" | "network error" | "bootstrap error" | "other" | "unknown" => {
            ErrorKind::Unclear
        }
        _ => return None,
    })
}

fn of_code(code: &str) -> Option<ErrorKind> {
    Some(match code.trim() {
        "RATELIMITED" => ErrorKind::RateLimited,
        "AUTHENTICATION_ERROR" | "UNAUTHENTICATED" => ErrorKind::Authentication,
        "FORBIDDEN" | "FEATURE_NOT_ACCESSIBLE" => ErrorKind::Forbidden,
        "USAGE_LIMIT_EXCEEDED" => ErrorKind::UsageLimit,
        "INPUT_ERROR" | "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED" => {
            ErrorKind::Refused
        }
        _ => return None,
    })
}

fn or_default<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned + Default>(
    input: D,
) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(input)?).unwrap_or_default())
}
