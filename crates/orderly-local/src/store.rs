//! Where the local servers keep their data: one SQLite file for both sides.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};

use crate::error::LocalError;

/// The format written today; bumped when a table changes in a way an older program cannot read.
const DATA_FORMAT: i64 = 2;

/// Pages of 4 KiB that the log may hold before it is written into the database: a page that is written again and
/// again, as those of counters are, is written there once.
const CHECKPOINT_PAGES: &str = "8000";

/// Where the data lives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DataLocation {
    /// In a private temporary directory that is removed when the servers stop.
    #[default]
    Ephemeral,
    /// In this directory, which is created when it does not exist.
    Dir(PathBuf),
}

/// The open database. It holds the directory's lock and, if ephemeral, the directory itself.
#[derive(Debug)]
pub struct Store {
    pool: SqlitePool,
    dir: PathBuf,
    // Fields are dropped in order: the directory goes last.
    _lock: File,
    ephemeral: Option<EphemeralDir>,
}

impl Store {
    /// Opens or creates the database and its tables.
    ///
    /// # Errors
    /// When the directory cannot be used, is served by another process, or holds newer data.
    pub async fn open(location: &DataLocation) -> Result<Self, LocalError> {
        let (dir, ephemeral) = match location {
            DataLocation::Ephemeral => {
                let dir = EphemeralDir::create()?;
                (dir.path.clone(), Some(dir))
            }
            DataLocation::Dir(path) => {
                create_private_dir(path)?;
                (path.clone(), None)
            }
        };
        let lock = lock_dir(&dir)?;
        let file = dir.join("local.sqlite3");
        private_file(&file)?;
        let pool = connect(&file, ephemeral.is_some()).await?;
        check_format(&pool, &file).await?;
        apply_schema(&pool, include_str!("sentry/schema.sql")).await?;
        Ok(Self { pool, dir, _lock: lock, ephemeral })
    }

    /// The directory, unless it goes when the servers stop.
    pub fn lasting_dir(&self) -> Option<&Path> {
        self.ephemeral.is_none().then_some(self.dir.as_path())
    }

    /// The connections; cheap to clone.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Waits for running queries and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Creates tables and indexes; every statement is `IF NOT EXISTS`, so it may run on each start.
///
/// # Errors
/// When the database refuses a statement.
pub async fn apply_schema(pool: &SqlitePool, sql: &'static str) -> Result<(), LocalError> {
    sqlx::raw_sql(sql).execute(pool).await.map_err(LocalError::database("create the tables"))?;
    Ok(())
}

async fn connect(file: &Path, ephemeral: bool) -> Result<SqlitePool, LocalError> {
    // An acknowledged event survives a power cut, except where nothing is meant to survive.
    let synchronous = if ephemeral { SqliteSynchronous::Off } else { SqliteSynchronous::Full };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .statement_cache_capacity(200)
        .busy_timeout(Duration::from_secs(20));
    SqlitePoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options)
        .await
        .map_err(LocalError::database("open the local database"))
}

async fn check_format(pool: &SqlitePool, file: &Path) -> Result<(), LocalError> {
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(pool)
        .await
        .map_err(LocalError::database("read the data format"))?;
    if found > DATA_FORMAT {
        return Err(LocalError::NewerData { path: file.to_owned(), found, known: DATA_FORMAT });
    }
    sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {DATA_FORMAT}")))
        .execute(pool)
        .await
        .map_err(LocalError::database("write the data format"))?;
    Ok(())
}

/// A directory with a random name, only ours, removed on drop.
#[derive(Debug)]
struct EphemeralDir {
    path: PathBuf,
}

impl EphemeralDir {
    fn create() -> Result<Self, LocalError> {
        let path = std::env::temp_dir().join(format!("orderly-local-{}", uuid::Uuid::new_v4().simple()));
        create_private_dir(&path)?;
        Ok(Self { path })
    }
}

impl Drop for EphemeralDir {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the temporary data directory stays behind");
        }
    }
}

fn create_private_dir(path: &Path) -> Result<(), LocalError> {
    let failed = |source| LocalError::DataDir { doing: "create", path: path.to_owned(), source };
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed)
}

/// Makes sure the file exists and only its owner can read it; SQLite gives its side files the same mode.
fn private_file(path: &Path) -> Result<File, LocalError> {
    let failed = |source| LocalError::DataDir { doing: "open", path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed)
}

fn lock_dir(dir: &Path) -> Result<File, LocalError> {
    let path = dir.join("lock");
    let file = private_file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LocalError::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(LocalError::DataDir { doing: "lock", path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_opener_of_the_same_directory_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let location = DataLocation::Dir(dir.path().join("data"));
        let first = Store::open(&location).await.unwrap();
        let error = Store::open(&location).await.unwrap_err();
        assert!(matches!(error, LocalError::InUse { .. }), "{error}");
        first.close().await;
        drop(first);
        Store::open(&location).await.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_can_read_the_data() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let store = Store::open(&DataLocation::Dir(data.clone())).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700);
        for entry in std::fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        store.close().await;
    }

    #[tokio::test]
    async fn an_ephemeral_store_leaves_nothing_behind() {
        let store = Store::open(&DataLocation::Ephemeral).await.unwrap();
        let path = store.ephemeral.as_ref().unwrap().path.clone();
        assert!(path.is_dir());
        store.close().await;
        drop(store);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn data_of_a_newer_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let location = DataLocation::Dir(dir.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        sqlx::query("PRAGMA user_version = 99").execute(store.pool()).await.unwrap();
        store.close().await;
        drop(store);
        let error = Store::open(&location).await.unwrap_err();
        assert!(matches!(error, LocalError::NewerData { found: 99, .. }), "{error}");
    }
}
