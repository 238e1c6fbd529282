//! What a failure of the database means for the person who reads it.

use crate::location::SecretUrl;
use orderly_engine::ports::ledger::LedgerError;
use sqlx::Error;

/// Which database it is; failures have their own codes in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Turns errors of the driver into errors of the ledger, without secrets.
#[derive(Clone)]
pub(crate) struct Failures {
    pub(crate) engine: Engine,
    pub(crate) place: String,
    pub(crate) secret: Option<SecretUrl>,
}

impl Failures {
    /// The ledger cannot be reached at all.
    pub(crate) fn unreachable(&self, error: &Error) -> LedgerError {
        LedgerError::Unreachable { place: self.place.clone(), why: self.why(error) }
    }

    /// An operation did not happen.
    pub(crate) fn failed(&self, what: impl Into<String>, error: &Error) -> LedgerError {
        LedgerError::Failed { what: what.into(), why: self.why(error) }
    }

    /// The end of a transaction was asked for.
    pub(crate) fn failed_at_commit(&self, what: impl Into<String>, error: &Error) -> LedgerError {
        let why = self.why(error);
        let why = if is_outcome_unknown(error) {
            format!("{why}. Whether it is stored is not known: the next run reads it and goes on from there")
        } else {
            why
        };
        LedgerError::Failed { what: what.into(), why }
    }

    fn why(&self, error: &Error) -> String {
        let why = match (error, self.engine) {
            (Error::Database(answer), engine) => {
                let code = answer.code().unwrap_or_default();
                let message = answer.message();
                match engine {
                    Engine::Sqlite => of_sqlite(code.parse().unwrap_or_default(), message),
                    Engine::Postgres => of_postgres(&code, message),
                }
            }
            (Error::Io(why), Engine::Postgres) => format!(
                "the connection to the database failed ({why}): check that it runs and can be reached from here"
            ),
            (Error::Tls(why), _) => {
                format!("no safe connection to the database ({why}): check `sslmode` and certificates")
            }
            (Error::WorkerCrashed, _) => "the thread that serves the ledger ended".to_owned(),
            (other, _) => other.to_string(),
        };
        match &self.secret {
            Some(secret) => secret.hide_in(why),
            None => why,
        }
    }
}

/// Whether the connection itself is of no use any more, so that another one may do better.
pub(crate) fn is_of_the_connection(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Protocol(_) | Error::Tls(_) | Error::WorkerCrashed => true,
        // 57P01-57P05: the server shuts down, crashed, starts up, or ended idle sessions. Class 08: connection.
        Error::Database(answer) => answer
            .code()
            .is_some_and(|code| code.starts_with("57P") || (code.len() == 5 && code.starts_with("08"))),
        _ => false,
    }
}

fn is_outcome_unknown(error: &Error) -> bool {
    is_of_the_connection(error)
}

/// SQLite's primary result codes, <https://www.sqlite.org/rescode.html>; the extended ones carry them in the low byte.
pub(crate) fn is_busy(error: &Error) -> bool {
    let code =
        error.as_database_error().and_then(|answer| answer.code()).and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

fn of_sqlite(code: i32, message: &str) -> String {
    match code & 0xff {
        5 | 6 => format!(
            "another process kept it locked for too long ({message}); run again when that one is done"
        ),
        3 | 8 | 23 => format!(
            "it may only be read here ({message}): check who owns the file and its folder, their modes, and whether the disk is mounted for writing"
        ),
        10 => format!(
            "the disk answered with an error ({message}, code {code}): check the disk, its free space and quota"
        ),
        11 => format!(
            "the file is damaged ({message}): put a copy back, or move it away and begin with an empty one; items that exist are found again by their ids"
        ),
        13 => format!(
            "the disk is full ({message}): free some space and run again; what was stored before is whole"
        ),
        14 => {
            format!("the file cannot be opened ({message}): check that it and its folder exist and are yours")
        }
        26 => format!("the file is no ledger ({message}): choose another path"),
        _ => format!("{message} (code {code})"),
    }
}

/// PostgreSQL's SQLSTATEs, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(state: &str, message: &str) -> String {
    match state {
        "53100" => {
            format!(
                "the disk of the database is full ({message}): free some space there and run again; what was stored before is whole"
            )
        }
        "25006" => {
            format!("the database may only be read ({message}): name the primary server, not a standby")
        }
        "42501" => format!(
            "the database user lacks a right ({message}): it must own the ledger's tables and be allowed to create them once"
        ),
        "28000" | "28P01" => format!("the database refused user or password ({message})"),
        "3D000" => format!("{message}: create it first (`createdb`)"),
        "53300" => format!("the database has no connection left ({message})"),
        "55P03" | "57014" => {
            format!("the database took too long ({message}); run again when its other work is done")
        }
        "57P01" | "57P02" | "57P03" => format!("the database is going down or starting up ({message})"),
        _ => format!("{message} (SQLSTATE {state})"),
    }
}

#[cfg(test)]
mod tests;
