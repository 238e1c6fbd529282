//! The one task that writes what was sent. While one transaction is being committed, the next requests gather; they
//! become the next transaction. A request is answered after the commit that holds it.

use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::batch::{Batch, Work};
use super::budget::Held;
use crate::clock::Clock;
use crate::sentry::store::terms::KnownTerms;

/// Requests that may wait for the writer; more wait before they are read.
const QUEUE: usize = 1_024;

/// Requests in one transaction.
const LARGEST_BATCH: usize = 512;

/// Pages that the writer's connection keeps in memory: the upper levels of every index, so that an event is written
/// without reading. Negative numbers are KiB.
const CACHE: &str = "PRAGMA cache_size = -49152";

/// A handle on the writer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// The task itself, to stop it.
#[derive(Debug)]
pub(crate) struct WriterTask {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Job {
    work: Work,
    /// The memory that the work takes, given back when it is committed.
    _held: Held,
    written: oneshot::Sender<Result<(), NotWritten>>,
}

/// The work could not be written; nothing of it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database refused")]
pub(super) struct NotWritten;

impl Writer {
    /// Starts the task.
    pub(crate) fn start(pool: SqlitePool, clock: Clock) -> (Self, WriterTask) {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(pool, clock, queue, stopped));
        (Self { jobs }, WriterTask { stop, task })
    }

    /// Writes; returns when it is committed.
    pub(super) async fn write(&self, work: Work, held: Held) -> Result<(), NotWritten> {
        let (written, answer) = oneshot::channel();
        self.jobs.send(Job { work, _held: held, written }).await.map_err(|_| NotWritten)?;
        answer.await.map_err(|_| NotWritten)?
    }
}

impl WriterTask {
    /// Takes no more work, writes what is queued, and ends.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer of events ended badly");
        }
    }
}

async fn run(
    pool: SqlitePool,
    clock: Clock,
    mut queue: mpsc::Receiver<Job>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut connection = OwnConnection { pool, open: None, known_terms: KnownTerms::default() };
    loop {
        let first = tokio::select! {
            job = queue.recv() => job,
            _ = &mut stopped, if !queue.is_closed() => {
                queue.close();
                continue;
            }
        };
        let Some(first) = first else { break };
        let mut jobs = vec![first];
        while jobs.len() < LARGEST_BATCH
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        connection.commit_all(&clock, jobs).await;
    }
    connection.close().await;
}

/// The writer's connection, opened when it is needed first, and again after a failure.
struct OwnConnection {
    pool: SqlitePool,
    open: Option<SqliteConnection>,
    known_terms: KnownTerms,
}

impl OwnConnection {
    /// Commits the jobs together; if that fails, one by one, so that a bad one does not take the others along.
    async fn commit_all(&mut self, clock: &Clock, jobs: Vec<Job>) {
        let works: Vec<&Work> = jobs.iter().map(|job| &job.work).collect();
        let together = self.commit(clock, &works).await;
        if let Err(error) = &together {
            tracing::warn!(%error, requests = works.len(), "a batch could not be written, trying one by one");
        }
        for job in jobs {
            let outcome = match &together {
                Ok(()) => Ok(()),
                Err(_) => self.commit(clock, &[&job.work]).await.map_err(|error| {
                    tracing::error!(%error, "what was sent could not be written");
                    NotWritten
                }),
            };
            // Nobody listens any more when the client has gone away; the work is done all the same.
            let _ = job.written.send(outcome);
        }
    }

    async fn commit(&mut self, clock: &Clock, works: &[&Work]) -> Result<(), sqlx::Error> {
        let mut connection = match self.open.take() {
            Some(connection) => connection,
            None => {
                let mut connection = self.pool.acquire().await?.detach();
                sqlx::query(CACHE).execute(&mut connection).await?;
                connection
            }
        };
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let added = Batch::file(&mut tx, clock.now(), works, &self.known_terms).await?;
        tx.commit().await?;
        self.known_terms.commit(added);
        self.open = Some(connection);
        Ok(())
    }

    async fn close(self) {
        if let Some(connection) = self.open
            && let Err(error) = connection.close().await
        {
            tracing::error!(%error, "the writer's connection did not close");
        }
    }
}
