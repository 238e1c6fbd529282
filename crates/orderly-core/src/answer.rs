//! What a look at the world can say. "Could not look" is a value with its cause, never an empty list.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a look failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum Cause {
    /// The answer had more pages than were read, so absence is not shown.
    MorePages,
    /// Credentials are missing or were refused, or a scope is missing; names what is needed.
    Access(String),
    /// The service asked to slow down.
    RateLimited,
    /// No usable reply: connection, time-out, server error, or an answer that is not what the API promises.
    NoReply(String),
    /// What was asked for does not exist there (a team, a project, an environment).
    Missing(String),
    /// The input that the look needs was itself not there (no event, no stack trace).
    NoInput(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MorePages => f.write_str("the answer had more pages than were read"),
            Self::Access(what) => write!(f, "access refused: {what}"),
            Self::RateLimited => f.write_str("rate limited"),
            Self::NoReply(what) => write!(f, "no usable reply: {what}"),
            Self::Missing(what) => write!(f, "not there: {what}"),
            Self::NoInput(what) => write!(f, "nothing to look with: {what}"),
        }
    }
}

/// The result of one look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "value", rename_all = "snake_case")]
pub enum Looked<T> {
    /// The look was made and this is what is there.
    Saw(T),
    /// The look was not possible.
    CouldNotLook(Cause),
}

impl<T> Looked<T> {
    /// What was seen, if the look was possible.
    pub const fn saw(&self) -> Option<&T> {
        match self {
            Self::Saw(value) => Some(value),
            Self::CouldNotLook(_) => None,
        }
    }

    /// What was seen, or why the look was not possible.
    ///
    /// # Errors
    /// The cause.
    pub fn seen(self) -> Result<T, Cause> {
        match self {
            Self::Saw(value) => Ok(value),
            Self::CouldNotLook(cause) => Err(cause),
        }
    }

    /// Why not, if it was not possible.
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Saw(_) => None,
            Self::CouldNotLook(cause) => Some(cause),
        }
    }
}

impl<T> From<Result<T, Cause>> for Looked<T> {
    fn from(answer: Result<T, Cause>) -> Self {
        match answer {
            Ok(value) => Self::Saw(value),
            Err(cause) => Self::CouldNotLook(cause),
        }
    }
}

/// Which request gave an answer, so that a reader can repeat it. Holds no credentials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestRef {
    /// `GET /api/0/organizations/acme/issues/42/external-issues/` or `POST /graphql tracked(c0..c7)`.
    pub what: String,
    /// When the reply arrived.
    pub at: Timestamp,
}
