//! Opens the ledger that the settings name.

use crate::config::{Config, LedgerPlace};
use crate::failure::{Failure, Kind};
use orderly_engine::ports::ledger::LedgerError;
use orderly_store::{LedgerLocation, SecretUrl, SqlLedger};

/// Opens the ledger; creates it when there is none.
///
/// # Errors
/// A usage failure for an address that is none, otherwise what the ledger says.
pub async fn open(config: &Config) -> Result<SqlLedger, Failure> {
    let location = location(&config.settings.ledger)?;
    SqlLedger::open(&location).await.map_err(|error| failed(&error))
}

/// Where the ledger is kept, in words; a password is never part of it.
///
/// # Errors
/// A usage failure for an address that is none.
pub fn place(config: &Config) -> Result<String, Failure> {
    location(&config.settings.ledger).map(|location| location.to_string())
}

/// Whether there is anything to read yet: opening would create an empty file.
pub fn exists(config: &Config) -> bool {
    match &config.settings.ledger {
        LedgerPlace::File(path) => path.exists(),
        LedgerPlace::Database(_) => true,
    }
}

fn location(place: &LedgerPlace) -> Result<LedgerLocation, Failure> {
    match place {
        LedgerPlace::File(path) => Ok(LedgerLocation::File(path.clone())),
        LedgerPlace::Database(url) => SecretUrl::parse(url).map(LedgerLocation::Database).map_err(|error| {
            Failure::new(Kind::Usage, "the ledger's database address cannot be used")
                .because(&error)
                .hint("an address looks like postgres://USER@HOST/DATABASE, with the password in PGPASSWORD")
        }),
    }
}

/// What a failing ledger means for the command.
pub fn failed(error: &LedgerError) -> Failure {
    let (kind, hint) = match error {
        LedgerError::Unreachable { .. } => {
            (Kind::Incomplete, "check that the place exists, is yours and can be written")
        }
        LedgerError::Failed { .. } => (
            Kind::Incomplete,
            "nothing further was sent; once the cause is gone, run the same command again: it goes on from the journal",
        ),
        LedgerError::Impossible { .. } => (
            Kind::Incomplete,
            "restore the ledger from a copy; Orderly does not guess what a damaged row meant",
        ),
        LedgerError::Newer { .. } => (Kind::Usage, "update this Orderly, or point it at another ledger"),
        LedgerError::LeaseLost { .. } => {
            (Kind::Refused, "let the other run finish, then run the same command again")
        }
    };
    Failure::new(kind, error.to_string()).hint(hint)
}
