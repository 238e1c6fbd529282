//! HTTP as both clients use it: one origin, no redirects, no proxy from the environment, a cap on every answer, and
//! tokens that nothing prints.

pub mod origin;
pub mod retry;
mod send;

pub use origin::{BadOrigin, Origin, Reach};
pub use send::{Call, Http, Lost, Reply, Settings};
pub(crate) use send::{failure_of, may_have_happened};

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address cannot be used.
    #[error(transparent)]
    Origin(#[from] BadOrigin),
    /// The token cannot be sent.
    #[error(
        "`{setting}` cannot be sent as a header: it is empty or holds a line break or another control character"
    )]
    Token {
        /// Name of the setting.
        setting: &'static str,
    },
    /// TLS cannot be set up.
    #[error(
        "the connection to {host} cannot be set up: {why}; are the system's root certificates installed?"
    )]
    Tls {
        /// Host.
        host: String,
        /// The failure.
        why: String,
    },
}

/// Where JSON stops being readable. Never what stands there: it may be hostile, and `serde_json` would quote it.
pub(crate) fn unreadable(error: &serde_json::Error) -> String {
    let at = format!("line {} column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("JSON that ends too early, at {at}"),
        serde_json::error::Category::Data => format!("JSON of a shape that it should not have, at {at}"),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => format!("no JSON (at {at})"),
    }
}
