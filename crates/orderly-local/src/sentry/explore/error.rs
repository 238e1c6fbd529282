//! Why a question about events was refused.

/// A question that cannot be answered. Shown to the caller as HTTP 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExploreError {
    /// A data set that does not exist.
    #[error("`{0}` is not a dataset: use errors, transactions, spans or discover")]
    UnknownDataset(String),
    /// A name with characters that no column has.
    #[error(
        "`{0}` is not a field: use a column, tags[key] or a function such as count() or p95(span.duration)"
    )]
    UnknownField(String),
    /// A function that does not exist.
    #[error("`{0}` is not a function: {1}")]
    UnknownFunction(String, &'static str),
    /// A function of another data set or column.
    #[error("`{0}` cannot be computed here: {1}")]
    NotHere(String, &'static str),
    /// A function of numbers over a column that has none.
    #[error("{function}: column argument invalid: {column} is not a numeric column")]
    NotNumeric {
        /// The function's name.
        function: String,
        /// The column as it was written.
        column: String,
    },
    /// A sort key that is not selected.
    #[error("Cannot sort by a field that is not selected: `{0}`")]
    NotSelected(String),
    /// Unbalanced parentheses, a dangling operator, an unclosed quote.
    #[error("The query cannot be read: {0}")]
    Syntax(&'static str),
    /// A value that the key cannot have.
    #[error("`{value}` is not a value of `{key}`: expected {expected}")]
    BadValue {
        /// The key as it was written.
        key: String,
        /// The value as it was written.
        value: String,
        /// What would have been accepted.
        expected: &'static str,
    },
}
