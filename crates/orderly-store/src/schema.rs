//! The versions of the tables: forward only, one transaction each.
//!
//! A change of a stored form, also of the JSON in a column or of what counts as open, is a new migration.

use crate::failure::Failures;
use orderly_engine::ports::ledger::LedgerError;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection as _, Row as _, SqlSafeStr as _};

/// The version that this Orderly writes.
pub const KNOWN: i64 = 4;

/// Table that holds the versions; not sqlx's usual name, because a team's database may serve other programs as well.
pub const VERSIONS: &str = "ledger_versions";

/// All versions of the tables up to [`KNOWN`].
pub fn migrator() -> Migrator {
    let texts = [
        ("ledger", include_str!("../migrations/0001_ledger.sql")),
        ("cases", include_str!("../migrations/0002_cases.sql")),
        ("backlog", include_str!("../migrations/0003_backlog.sql")),
        ("incidents", include_str!("../migrations/0004_incidents.sql")),
    ];
    let all = (1..).zip(texts).map(|(version, (name, text))| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(all.collect());
    migrator.dangerous_set_table_name(VERSIONS);
    migrator
}

/// How migrations are kept apart when several runners open a ledger at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exclusion {
    /// One transaction that locks the whole file before anything is read (SQLite).
    WholeFile,
    /// The advisory lock that sqlx takes (PostgreSQL).
    Advisory,
}

/// Brings the tables to [`KNOWN`].
pub(crate) async fn migrate(
    connection: &mut AnyConnection,
    exclusion: Exclusion,
    failures: &Failures,
) -> Result<(), LedgerError> {
    let result = match exclusion {
        Exclusion::WholeFile => migrate_file(connection).await,
        Exclusion::Advisory => run(connection).await,
    };
    match result {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(missing)) => Err(too_new(connection, missing, failures).await),
        Err(MigrateError::VersionMismatch(version)) => Err(LedgerError::Impossible {
            table: VERSIONS,
            key: version.to_string(),
            why: "its tables were made by another text than this Orderly has for that version".to_owned(),
        }),
        Err(MigrateError::Dirty(version)) => Err(LedgerError::Impossible {
            table: VERSIONS,
            key: version.to_string(),
            why: "it was left half done".to_owned(),
        }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(failures.failed("bring its tables up to date", &error))
        }
        Err(other) => Err(failures.failed("bring its tables up to date", &sqlx::Error::from(other))),
    }
}

async fn migrate_file(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    let mut whole = connection.begin_with("BEGIN IMMEDIATE").await?;
    run(&mut whole).await?;
    Ok(whole.commit().await?)
}

/// As `Migrator::run`, whose `Acquire` keeps the compiler from seeing that the future may move between threads; sqlx has
/// this entrance for that reason.
async fn run(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    migrator().run_direct(None, connection, false).await
}

async fn too_new(connection: &mut AnyConnection, missing: i64, failures: &Failures) -> LedgerError {
    let newest =
        sqlx::query("SELECT MAX(version) AS version FROM ledger_versions").fetch_one(connection).await;
    match newest.and_then(|row| row.try_get::<i64, _>("version")) {
        Ok(found) if found > KNOWN => LedgerError::Newer { found, known: KNOWN },
        Ok(_) => LedgerError::Impossible {
            table: VERSIONS,
            key: missing.to_string(),
            why: "there never was such a version".to_owned(),
        },
        Err(error) => failures.failed("tell its version", &error),
    }
}
