//! From a row to values, naming table and key where a value cannot be.

use jiff::Timestamp;
use orderly_engine::ports::ledger::LedgerError;
use sqlx::any::{Any, AnyRow};
use sqlx::{Decode, Row as _, Type};

/// A point in time as it is stored; the last second of time, which reading refuses, is cut off.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond().min(Timestamp::MAX.as_second() * 1_000_000)
}

/// A row that knows where it stands.
pub(crate) struct Columns<'r> {
    row: &'r AnyRow,
    table: &'static str,
    key: String,
}

impl<'r> Columns<'r> {
    /// `key` lists the columns of the primary key, which only have to be legible here, not right.
    pub(crate) fn new(row: &'r AnyRow, table: &'static str, key: &[&str]) -> Self {
        let part = |column: &&str| {
            let text = row.try_get::<String, _>(*column);
            text.or_else(|_| row.try_get::<i64, _>(*column).map(|n| n.to_string()))
                .unwrap_or_else(|_| "(illegible)".to_owned())
        };
        Self { row, table, key: key.iter().map(part).collect::<Vec<_>>().join("/") }
    }

    pub(crate) fn impossible(&self, why: impl Into<String>) -> LedgerError {
        LedgerError::Impossible { table: self.table, key: self.key.clone(), why: why.into() }
    }

    fn get<T: Decode<'r, Any> + Type<Any>>(&self, column: &str) -> Result<T, LedgerError> {
        self.row.try_get(column).map_err(|error| self.impossible(format!("`{column}`: {error}")))
    }

    pub(crate) fn text(&self, column: &str) -> Result<String, LedgerError> {
        self.get(column)
    }

    pub(crate) fn optional_text(&self, column: &str) -> Result<Option<String>, LedgerError> {
        self.get(column)
    }

    pub(crate) fn integer(&self, column: &str) -> Result<i64, LedgerError> {
        self.get(column)
    }

    /// A count that is never negative and fits 32 bits.
    pub(crate) fn count(&self, column: &str) -> Result<u32, LedgerError> {
        let found = self.integer(column)?;
        u32::try_from(found).map_err(|_| self.impossible(format!("`{column}` cannot be {found}")))
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, LedgerError> {
        self.as_time(column, self.integer(column)?)
    }

    pub(crate) fn optional_time(&self, column: &str) -> Result<Option<Timestamp>, LedgerError> {
        let found: Option<i64> = self.get(column)?;
        found.map(|micros| self.as_time(column, micros)).transpose()
    }

    fn as_time(&self, column: &str, micros: i64) -> Result<Timestamp, LedgerError> {
        Timestamp::from_microsecond(micros).map_err(|error| self.impossible(format!("`{column}`: {error}")))
    }

    /// A Sentry issue id in the one spelling it has.
    pub(crate) fn issue(&self, column: &str) -> Result<orderly_core::ids::IssueId, LedgerError> {
        let text = self.text(column)?;
        match text.parse::<u64>() {
            Ok(id) if id.to_string() == text => Ok(orderly_core::ids::IssueId(id)),
            _ => Err(self.impossible(format!("`{column}` is {text:?}, no issue id"))),
        }
    }
}
