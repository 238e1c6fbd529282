//! The connection that files.

use std::path::PathBuf;

use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::Job;
use crate::sentry::ingest::batch::{Batch, Work};
use crate::sentry::ingest::journal;
use crate::sentry::store::journal_position;
use crate::sentry::store::payloads::Dictionaries;
use crate::sentry::store::terms::KnownTerms;

/// Pages that the writer's connection keeps in memory: the upper levels of every index, so that an event is written
/// without reading. Negative numbers are KiB.
const CACHE: &str = "PRAGMA cache_size = -49152";

/// What would undo a single statement stays in memory; it is a page or two.
const UNDO: &str = "PRAGMA temp_store = MEMORY";

/// A commit waits for the disk.
const FOR_GOOD: &str = "PRAGMA synchronous = FULL";

/// The disk follows; after a power cut the newest commits may be gone, whole ones, and the journal has what they filed.
const WHEN_CONVENIENT: &str = "PRAGMA synchronous = NORMAL";

/// The writer's connection, opened when it is needed first, and again after a failure.
pub(super) struct OwnConnection {
    pool: SqlitePool,
    /// The folder of the journal, if there is one.
    folder: Option<PathBuf>,
    /// The first file of the journal that is still needed.
    first_segment: u32,
    open: Option<SqliteConnection>,
    known_terms: KnownTerms,
}

impl OwnConnection {
    pub(super) fn new(pool: SqlitePool, folder: Option<PathBuf>) -> Self {
        Self { pool, folder, first_segment: 0, open: None, known_terms: KnownTerms::default() }
    }

    /// Files jobs in one transaction.
    pub(super) async fn commit<'j>(
        &mut self,
        jobs: impl Iterator<Item = &'j Job>,
    ) -> Result<(), sqlx::Error> {
        let jobs: Vec<&Job> = jobs.collect();
        let mut connection = self.take().await?;
        let position = jobs.iter().filter_map(|job| job.position).max();
        let begins_file = position.is_some_and(|position| position.segment > self.first_segment);
        // What the journal has need not be waited for again; a file that is to be removed is needed no more.
        let for_good = self.folder.is_some() && (begins_file || jobs.iter().any(|job| job.written.is_some()));
        if for_good {
            sqlx::query(FOR_GOOD).execute(&mut connection).await?;
        }
        let works: Vec<&Work> = jobs.iter().map(|job| &job.work).collect();
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let stored = Batch::file(&mut tx, &works, &self.known_terms).await?;
        if let Some(position) = position {
            journal_position::set(&mut tx, position).await?;
        }
        tx.commit().await?;
        self.known_terms.commit(stored);
        if for_good {
            sqlx::query(WHEN_CONVENIENT).execute(&mut connection).await?;
        }
        self.open = Some(connection);
        if begins_file && let (Some(folder), Some(position)) = (self.folder.clone(), position) {
            self.first_segment = position.segment;
            tokio::task::spawn_blocking(move || journal::remove_before(&folder, position.segment));
        }
        Ok(())
    }

    /// Stores a dictionary for good.
    pub(super) async fn store(
        &mut self,
        dictionaries: &Dictionaries,
        project: i64,
        content: Vec<u8>,
    ) -> Result<(), sqlx::Error> {
        let mut connection = self.take().await?;
        if self.folder.is_some() {
            sqlx::query(FOR_GOOD).execute(&mut connection).await?;
        }
        dictionaries.insert(&mut connection, project, content).await?;
        if self.folder.is_some() {
            sqlx::query(WHEN_CONVENIENT).execute(&mut connection).await?;
        }
        self.open = Some(connection);
        Ok(())
    }

    /// Whoever takes it puts it back; after a failure there is a new one.
    async fn take(&mut self) -> Result<SqliteConnection, sqlx::Error> {
        match self.open.take() {
            Some(connection) => Ok(connection),
            None => self.connect().await,
        }
    }

    async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        let mut connection = self.pool.acquire().await?.detach();
        sqlx::query(CACHE).execute(&mut connection).await?;
        sqlx::query(UNDO).execute(&mut connection).await?;
        if self.folder.is_some() {
            sqlx::query(WHEN_CONVENIENT).execute(&mut connection).await?;
        }
        Ok(connection)
    }

    pub(super) async fn close(self) {
        if let Some(connection) = self.open
            && let Err(error) = connection.close().await
        {
            tracing::error!(%error, "the writer's connection did not close");
        }
    }
}
