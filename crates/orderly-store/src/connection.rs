//! The one connection of a ledger: opened with the settings that make a commit durable, replaced when it breaks.

use crate::failure::{Engine, Failures, is_busy, is_of_the_connection};
use crate::location::LedgerLocation;
use crate::private_file;
use crate::schema::{self, Exclusion};
use orderly_engine::ports::ledger::LedgerError;
use sqlx::any::{Any, AnyArguments, AnyConnectOptions, AnyRow};
use sqlx::query::Query;
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// How long one answer of PostgreSQL may take; a dead network says nothing at all. A little longer than the server's
/// own limit in [`POSTGRES_SETTINGS`], whose message is the better one.
const ANSWER_WITHIN: Duration = Duration::from_secs(35);

/// How long another process may hold the lock of a file; the same as in [`SQLITE_SETTINGS`].
const LOCK_WITHIN: Duration = Duration::from_secs(10);

const SQLITE_SETTINGS: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA trusted_schema = OFF; PRAGMA fullfsync = ON;
    PRAGMA synchronous = FULL;";

/// A commit that returns is on the disk, also where the server's configuration says otherwise; and a runner that died
/// without a word holds no lock for long.
const POSTGRES_SETTINGS: &str = "SELECT set_config('synchronous_commit', 'on', false)
      WHERE current_setting('synchronous_commit') = 'off';
    SET default_transaction_isolation = 'read committed';
    SET lock_timeout = '20s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s';
    SET client_min_messages = 'warning';";

/// Makes connections and lends the one there is.
pub(crate) struct Connections {
    options: AnyConnectOptions,
    failures: Failures,
    slot: Mutex<Option<AnyConnection>>,
    /// A database in memory lives as long as some connection to it does.
    _keeper: Option<Mutex<AnyConnection>>,
}

impl Connections {
    pub(crate) async fn open(location: &LedgerLocation) -> Result<Self, LedgerError> {
        sqlx::any::install_default_drivers();
        let engine = match location {
            LedgerLocation::File(_) | LedgerLocation::Memory => Engine::Sqlite,
            LedgerLocation::Database(_) => Engine::Postgres,
        };
        let secret = match location {
            LedgerLocation::Database(url) => Some(url.clone()),
            LedgerLocation::File(_) | LedgerLocation::Memory => None,
        };
        let failures = Failures { engine, place: location.to_string(), secret };
        let mut opened =
            Self { options: options(location, &failures)?, failures, slot: Mutex::new(None), _keeper: None };
        let mut first = opened.connect().await.map_err(|error| opened.failures.unreachable(&error))?;
        let exclusion = match engine {
            Engine::Sqlite => Exclusion::WholeFile,
            Engine::Postgres => Exclusion::Advisory,
        };
        schema::migrate(&mut first, exclusion, &opened.failures).await?;
        if matches!(location, LedgerLocation::Memory) {
            opened._keeper = Some(Mutex::new(first));
        } else {
            opened.slot = Mutex::new(Some(first));
        }
        Ok(opened)
    }

    pub(crate) fn place(&self) -> &str {
        &self.failures.place
    }

    pub(crate) async fn close(&self) {
        if let Some(connection) = self.slot.lock().await.take() {
            // A goodbye that fails changes nothing: what was committed is durable.
            let _gone_either_way = self.in_time(connection.close()).await;
        }
    }

    /// A session that only reads: each statement sees what is committed when it runs.
    pub(crate) async fn read(&self, what: impl Into<String>) -> Result<Session<'_>, LedgerError> {
        let mut session = self.session(what).await?;
        if self.failures.engine == Engine::Postgres && session.reused == Reused::Yes {
            // The server may have gone while nobody asked.
            if self.in_time(session.connection.ping()).await.is_err() {
                session.renew().await?;
            }
        }
        Ok(session)
    }

    /// A session in a transaction. It ends with [`Session::commit`] or [`Session::give_up`]; dropped before, it ends
    /// its connection and with it the transaction.
    pub(crate) async fn begin(&self, what: impl Into<String>) -> Result<Session<'_>, LedgerError> {
        let mut session = self.session(what).await?;
        match session.raw("BEGIN").await {
            Err(error) if is_of_the_connection(&error) && session.reused == Reused::Yes => {
                session.renew().await?;
                session.raw("BEGIN").await.map_err(|error| session.failed(&error))?;
            }
            other => other.map_err(|error| session.failed(&error))?,
        }
        Ok(session)
    }

    async fn session(&self, what: impl Into<String>) -> Result<Session<'_>, LedgerError> {
        let mut slot = self.slot.lock().await;
        let (connection, reused) = match slot.take() {
            Some(connection) => (connection, Reused::Yes),
            None => (self.connect().await.map_err(|error| self.failures.unreachable(&error))?, Reused::No),
        };
        Ok(Session { home: self, slot, connection, reused, what: what.into() })
    }

    async fn connect(&self) -> Result<AnyConnection, sqlx::Error> {
        let mut connection = self.in_time(self.options.connect()).await?;
        match self.failures.engine {
            Engine::Sqlite => {
                connection.execute(sqlx::raw_sql(SQLITE_SETTINGS)).await?;
                write_ahead(&mut connection).await?;
            }
            Engine::Postgres => {
                self.in_time(connection.execute(sqlx::raw_sql(POSTGRES_SETTINGS))).await?;
            }
        }
        Ok(connection)
    }

    /// PostgreSQL's answers are waited for with a limit. SQLite has its own, and no network to be silent.
    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        match self.failures.engine {
            Engine::Sqlite => answer.await,
            Engine::Postgres => tokio::time::timeout(ANSWER_WITHIN, answer).await.unwrap_or_else(|_| {
                let why = format!("no answer within {} s", ANSWER_WITHIN.as_secs());
                Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, why)))
            }),
        }
    }
}

fn options(location: &LedgerLocation, failures: &Failures) -> Result<AnyConnectOptions, LedgerError> {
    static MEMORIES: AtomicU64 = AtomicU64::new(0);
    let unreachable = |why: String| LedgerError::Unreachable { place: failures.place.clone(), why };
    let url = match location {
        LedgerLocation::File(path) => {
            let file = private_file::prepare(path).map_err(|error| unreachable(error.to_string()))?;
            let text = file.to_str().ok_or_else(|| unreachable("its path is not UTF-8".to_owned()))?;
            format!("sqlite://{}?mode=rw", percent_encoded(text))
        }
        LedgerLocation::Memory => {
            // Only a name that is an URI itself is shared between connections.
            format!("sqlite:file:orderly-ledger-{}?mode=memory", MEMORIES.fetch_add(1, Ordering::Relaxed))
        }
        LedgerLocation::Database(url) => url.expose().to_string(),
    };
    let options: AnyConnectOptions = url.parse().map_err(|error| failures.unreachable(&error))?;
    // A failure is told once, by whoever handles it.
    Ok(options.disable_statement_logging())
}

/// A path as an URL spells it: everything but letters, digits and what separates them.
fn percent_encoded(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::with_capacity(path.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
        encoded
    })
}

/// Switches a file to write-ahead logging. Doing so needs the file for itself for a moment, and SQLite's own waiting
/// does not cover that.
async fn write_ahead(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let deadline = Instant::now() + LOCK_WITHIN;
    loop {
        match connection.fetch_one(sqlx::raw_sql("PRAGMA journal_mode = WAL")).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => return Err(error),
            Ok(row) => {
                let mode: String = row.try_get(0)?;
                return if matches!(mode.as_str(), "wal" | "memory") {
                    Ok(())
                } else {
                    Err(sqlx::Error::Protocol(format!(
                        "this file system cannot do write-ahead logging (SQLite stays in mode `{mode}`): use a local disk"
                    )))
                };
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reused {
    Yes,
    No,
}

/// The connection, lent for one operation. Only an orderly end gives it back: after a failure or a cancelled operation
/// nobody knows its state, so it is thrown away.
pub(crate) struct Session<'a> {
    home: &'a Connections,
    slot: MutexGuard<'a, Option<AnyConnection>>,
    connection: AnyConnection,
    reused: Reused,
    what: String,
}

impl Session<'_> {
    /// All rows of a statement that reads `table`.
    pub(crate) async fn rows(
        &mut self,
        table: &'static str,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, LedgerError> {
        match self.home.in_time(query.fetch_all(&mut self.connection)).await {
            Ok(rows) => Ok(rows),
            // A value that is not even of a type there is: too early to know in which row.
            Err(
                sqlx::Error::Decode(why)
                | sqlx::Error::ColumnDecode { source: why, .. }
                | sqlx::Error::AnyDriverError(why),
            ) => {
                let key = format!("one of the rows read to {}", self.what);
                Err(LedgerError::Impossible { table, key, why: why.to_string() })
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Runs a statement that writes and says how many rows it touched.
    pub(crate) async fn change(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<u64, LedgerError> {
        let done = self.home.in_time(query.execute(&mut self.connection)).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.failed(&error))
    }

    /// Returns once everything is durable.
    pub(crate) async fn commit(mut self) -> Result<(), LedgerError> {
        match self.raw("COMMIT").await {
            Ok(()) => {
                self.done();
                Ok(())
            }
            Err(error) => Err(self.home.failures.failed_at_commit(self.what, &error)),
        }
    }

    /// Takes everything back.
    pub(crate) async fn give_up(mut self) {
        // Without an orderly ROLLBACK the connection is dropped, which comes to the same.
        if self.raw("ROLLBACK").await.is_ok() {
            self.done();
        }
    }

    /// Ends a session that only read.
    pub(crate) fn done(self) {
        let Self { mut slot, connection, .. } = self;
        *slot = Some(connection);
    }

    fn failed(&self, error: &sqlx::Error) -> LedgerError {
        self.home.failures.failed(self.what.clone(), error)
    }

    async fn renew(&mut self) -> Result<(), LedgerError> {
        self.connection =
            self.home.connect().await.map_err(|error| self.home.failures.unreachable(&error))?;
        self.reused = Reused::No;
        Ok(())
    }

    async fn raw(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        self.home.in_time(self.connection.execute(sqlx::raw_sql(statement))).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests;
