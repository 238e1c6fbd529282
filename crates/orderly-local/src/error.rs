//! What can keep the local servers from starting or running.

use std::path::PathBuf;

/// A failure of the local servers themselves (a refused request is an HTTP answer, not this).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// A directory or file could not be made or opened.
    #[error("cannot {doing} {}: {source}; choose another directory with --data or free this one", path.display())]
    DataDir {
        /// What was tried, for example `create`.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Another process serves this data directory.
    #[error(
        "{} is in use by another running `orderly local`; stop that one or choose another directory with --data",
        path.display()
    )]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// The data was written by a newer version.
    #[error(
        "{} has data format {found}, this version knows up to {known}; use a newer orderly or another directory",
        path.display()
    )]
    NewerData {
        /// The database file.
        path: PathBuf,
        /// The format in the file.
        found: i64,
        /// The newest format this version reads.
        known: i64,
    },
    /// The database refused.
    #[error("cannot {doing}: {source}")]
    Database {
        /// What was tried, for example `create the tables`.
        doing: &'static str,
        /// The database's reason.
        source: sqlx::Error,
    },
    /// The system has no thread left.
    #[error("cannot start the thread of {of}: {source}; other programs may run too many")]
    Thread {
        /// What it would do.
        of: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A port could not be taken.
    #[error("cannot listen on 127.0.0.1:{port} for the {side}: {source}; choose another port, or 0 for any")]
    Bind {
        /// `Sentry side` or `tracker`.
        side: &'static str,
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A server stopped on its own.
    #[error("the {side} stopped: {reason}")]
    Stopped {
        /// `Sentry side` or `tracker`.
        side: &'static str,
        /// What ended it.
        reason: String,
    },
    /// The configuration cannot be served.
    #[error("{what} {value:?} cannot be used: {why}")]
    Config {
        /// Which setting, for example `project`.
        what: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it and what would be right.
        why: &'static str,
    },
    /// A webhook's address.
    #[error("webhooks cannot be sent to {url:?}: {why}")]
    Webhook {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: crate::sentry::webhooks::address::BadAddress,
    },
    /// A stored row cannot be what it claims to be.
    #[error("table {table}, row {key}: {why}")]
    CorruptRow {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// What is impossible about it.
        why: String,
    },
}

impl LocalError {
    /// For `map_err`: a database failure while `doing` something.
    pub fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { doing, source }
    }
}
