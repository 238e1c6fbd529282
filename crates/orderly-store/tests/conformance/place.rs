//! A ledger that outlives the program that opened it.

use orderly_store::{LedgerLocation, SqlLedger};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions as _};

/// Which database keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A ledger in a database, and the way around Orderly to the same database.
#[derive(Clone, Debug)]
pub struct Place {
    pub kind: Kind,
    pub location: LedgerLocation,
    /// What the driver calls it.
    pub url: String,
}

impl Place {
    pub async fn open(&self) -> SqlLedger {
        SqlLedger::open(&self.location).await.unwrap()
    }

    /// A connection past Orderly.
    pub async fn connect(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        if let LedgerLocation::File(path) = &self.location {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        self.url.parse::<AnyConnectOptions>().unwrap().connect().await.unwrap()
    }
}
