//! How a measurement fails.

use std::path::PathBuf;

/// Why there are no numbers.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The data cannot be read.
    #[error("the labelled rows in {} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line is not a row of this task.
    #[error("line {line} of {} is not a row of this task", .path.display())]
    NotARow {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// There is nothing to measure.
    #[error("{} has no rows", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The predictions cannot be written.
    #[error("the predictions cannot be written to {}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
