//! Why a search text was refused.

use super::key;

/// Longest search text that is read, in bytes.
pub const MAX_QUERY_BYTES: usize = 4096;

/// A search that cannot be run. Shown to the caller as HTTP 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// `AND` or `OR` between filters.
    #[error(
        "Issue search has no {0} operator: filters next to each other must all match, and `key:[a, b]` matches any of a list"
    )]
    Boolean(String),
    /// Parentheses around filters.
    #[error("Issue search has no parentheses for grouping: quote text that contains them")]
    Parentheses,
    /// `key:` with nothing behind it.
    #[error("`{0}:` has no value: write `has:{0}` to ask whether it is set, or `{0}:\"\"` for not set")]
    EmptyValue(String),
    /// A quote that is not closed.
    #[error("The quote that starts with `\"{0}` is not closed")]
    UnclosedQuote(String),
    /// A list that is not closed.
    #[error("The list of `{0}` is not closed with `]`")]
    UnclosedList(String),
    /// Something follows a closing quote or bracket without a space.
    #[error("A space is missing after the value of `{0}`")]
    MissingSpace(String),
    /// A key that is neither a search key nor a tag of this organization.
    #[error("Unknown search key `{key}`: it is neither a search key nor a tag that any event has.{}", suggestion(.nearest.as_deref()))]
    UnknownKey {
        /// The key as it was written.
        key: String,
        /// The key that was probably meant.
        nearest: Option<String>,
    },
    /// A value that the key cannot have.
    #[error("`{value}` is not a value of `{key}`: expected {expected}")]
    BadValue {
        /// The key as it was written.
        key: String,
        /// The value as it was written.
        value: String,
        /// What would have been accepted.
        expected: String,
    },
    /// A filter on issues where events are searched.
    #[error("`{0}` cannot be searched here: only issues have it, not single events")]
    NotOfEvents(&'static str),
    /// The text is longer than this server reads.
    #[error("The search text is longer than {MAX_QUERY_BYTES} bytes")]
    TooLong,
}

impl SearchError {
    /// The refusal of a key that is neither a search key nor one of `tags`, naming the nearest of both.
    pub fn unknown_key<'a>(key: &str, tags: impl IntoIterator<Item = &'a str>) -> SearchError {
        SearchError::UnknownKey { key: key.to_owned(), nearest: key::nearest(key, tags) }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!(" Did you mean `{key}`?"))
}
