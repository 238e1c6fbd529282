//! The one task that files what was sent. While one transaction is being committed, the next requests gather; they
//! become the next transaction. An event that comes alone is acknowledged when the [`Journal`] has it, everything else
//! after the commit that holds it. Whoever looks at the database first waits until it holds what was acknowledged
//! before ([`Writer::settled`]).

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::batch::{Batch, Work};
use super::budget::Held;
use super::journal::{self, Journal};
use crate::sentry::store::journal_position::{self, Position};
use crate::sentry::store::terms::KnownTerms;
use crate::sentry::webhooks::deliver::Bell;

/// Requests that may wait for the writer; more wait before they are read.
const QUEUE: usize = 1_024;

/// Requests in one transaction.
const LARGEST_BATCH: usize = 512;

/// What is filed in one transaction arrived within this time: all of it is judged by one moment of the servers' clock.
const LONGEST_BATCH: SignedDuration = SignedDuration::from_secs(2);

/// Pages that the writer's connection keeps in memory: the upper levels of every index, so that an event is written
/// without reading. Negative numbers are KiB.
const CACHE: &str = "PRAGMA cache_size = -49152";

/// A commit waits for the disk.
const FOR_GOOD: &str = "PRAGMA synchronous = FULL";

/// The disk follows; after a power cut the newest commits may be gone, whole ones, and the journal has what they filed.
const WHEN_CONVENIENT: &str = "PRAGMA synchronous = NORMAL";

/// How long a reader waits for what was acknowledged, at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the writer rests when the database refuses everything, as it does when the disk is full.
const REST: Duration = Duration::from_secs(1);

/// A handle on the writer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Jobs that were ever sent.
    sent: Arc<AtomicU64>,
    /// Jobs that are done.
    done: watch::Receiver<u64>,
}

/// The task itself, to stop it.
#[derive(Debug)]
pub(crate) struct WriterTask {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What one request brought, on its way into the database.
#[derive(Debug)]
pub(super) struct Job {
    pub work: Work,
    /// The memory that the work takes, given back when it is committed.
    _held: Option<Held>,
    /// Who waits for it; nobody any more when it was acknowledged before.
    written: Option<oneshot::Sender<Result<(), NotWritten>>>,
    /// Where it ends in the journal, if it is there.
    pub position: Option<Position>,
}

/// The work could not be written; nothing of it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database refused")]
pub(super) struct NotWritten;

impl Job {
    /// Tells whoever waits for it.
    pub(super) fn answer(&mut self, outcome: Result<(), NotWritten>) {
        if let Some(written) = self.written.take() {
            // Nobody listens any more when the client has gone away; the work is done all the same.
            let _ = written.send(outcome);
        }
    }
}

impl Writer {
    /// Starts the task. Without a journal everything is answered after its commit.
    ///
    /// # Errors
    /// When the system has no thread for the journal.
    pub(crate) fn start(
        pool: SqlitePool,
        bell: Bell,
        journal: Option<Journal>,
    ) -> std::io::Result<(Self, WriterTask)> {
        let (jobs, mut queue) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let (counter, done) = watch::channel(0);
        let mut left_over = Vec::new();
        let mut folder = None;
        if let Some(mut journal) = journal {
            left_over = journal.take_left_over();
            folder = Some(journal.folder());
            let (onward, journaled) = mpsc::channel(QUEUE);
            journal.start(std::mem::replace(&mut queue, journaled), onward)?;
        }
        let sent = Arc::new(AtomicU64::new(left_over.len() as u64));
        let left_over = left_over.into_iter().map(|one| Job {
            work: Work::of_event(one.project, one.event),
            _held: None,
            written: None,
            position: Some(one.end),
        });
        let filer = Filer {
            connection: OwnConnection::new(pool, folder),
            waiting: left_over.collect(),
            queue,
            stopped,
            sent: Arc::clone(&sent),
            done: counter,
            bell,
        };
        Ok((Self { jobs, sent, done }, WriterTask { stop, task: tokio::spawn(filer.run()) }))
    }

    /// Writes; returns when it is acknowledged: in the journal or committed.
    pub(super) async fn write(&self, work: Work, held: Held) -> Result<(), NotWritten> {
        let (written, answer) = oneshot::channel();
        let place = self.jobs.reserve().await.map_err(|_| NotWritten)?;
        // Nothing can come between these two, so that the numbers meet.
        self.sent.fetch_add(1, Ordering::SeqCst);
        place.send(Job { work, _held: Some(held), written: Some(written), position: None });
        answer.await.map_err(|_| NotWritten)?
    }

    /// Waits until everything that was acknowledged before is in the database. When the database takes nothing for long,
    /// it returns all the same.
    pub(crate) async fn settled(&self) {
        let sent = self.sent.load(Ordering::SeqCst);
        let mut done = self.done.clone();
        let settled = tokio::time::timeout(PATIENCE, done.wait_for(|done| *done >= sent)).await;
        if settled.is_err() {
            tracing::warn!("the database is behind what was acknowledged");
        }
    }
}

impl WriterTask {
    /// Files what was acknowledged, takes no more work, and ends.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer of events ended badly");
        }
    }
}

/// What the task works with.
struct Filer {
    connection: OwnConnection,
    /// Taken from the queue, in order.
    waiting: VecDeque<Job>,
    queue: mpsc::Receiver<Job>,
    stopped: oneshot::Receiver<()>,
    sent: Arc<AtomicU64>,
    done: watch::Sender<u64>,
    bell: Bell,
}

impl Filer {
    async fn run(mut self) {
        let mut is_stopping = false;
        loop {
            if self.waiting.is_empty() {
                if is_stopping && *self.done.borrow() >= self.sent.load(Ordering::SeqCst) {
                    break;
                }
                tokio::select! {
                    job = self.queue.recv() => match job {
                        Some(job) => self.waiting.push_back(job),
                        None => break,
                    },
                    _ = &mut self.stopped, if !is_stopping => {
                        is_stopping = true;
                        continue;
                    }
                }
            }
            while self.waiting.len() < LARGEST_BATCH
                && let Ok(job) = self.queue.try_recv()
            {
                self.waiting.push_back(job);
            }
            if self.file_next().await.is_err() {
                if is_stopping {
                    tracing::error!("events stay in the journal until the next start");
                    break;
                }
                tokio::time::sleep(REST).await;
            }
        }
        self.connection.close().await;
    }

    /// Files the next jobs together; if that fails, one by one, so that a bad one does not take the others along.
    async fn file_next(&mut self) -> Result<(), NotWritten> {
        let jobs = self.next_jobs();
        let together = self.connection.commit(jobs.iter()).await;
        let Err(error) = together else {
            jobs.into_iter().for_each(|job| self.finish(job, Ok(())));
            self.bell.ring();
            return Ok(());
        };
        tracing::warn!(%error, requests = jobs.len(), "a batch could not be written, trying one by one");
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            match self.connection.commit([&job].into_iter()).await {
                Ok(()) => self.finish(job, Ok(())),
                // It was acknowledged, and nothing is wrong with it.
                Err(error) if job.written.is_none() && !is_of_the_data(&error) => {
                    tracing::error!(%error, "acknowledged events wait for the database");
                    let rest: Vec<Job> = [job].into_iter().chain(jobs).collect();
                    rest.into_iter().rev().for_each(|job| self.waiting.push_front(job));
                    return Err(NotWritten);
                }
                Err(error) => {
                    tracing::error!(%error, "what was sent could not be written");
                    self.finish(job, Err(NotWritten));
                }
            }
        }
        self.bell.ring();
        Ok(())
    }

    fn next_jobs(&mut self) -> Vec<Job> {
        let first = self.waiting.front().map(|job| job.work.received).unwrap_or_default();
        let is_near = |job: &&Job| job.work.received.duration_since(first).abs() <= LONGEST_BATCH;
        let count = self.waiting.iter().take(LARGEST_BATCH).take_while(is_near).count();
        self.waiting.drain(..count).collect()
    }

    fn finish(&self, mut job: Job, outcome: Result<(), NotWritten>) {
        job.answer(outcome);
        self.done.send_modify(|done| *done += 1);
    }
}

/// Whether the same work will fail again: its project is gone, for example.
fn is_of_the_data(error: &sqlx::Error) -> bool {
    use sqlx::error::ErrorKind;
    match error {
        sqlx::Error::Database(error) => !matches!(error.kind(), ErrorKind::Other),
        sqlx::Error::RowNotFound => true,
        _ => false,
    }
}

/// The writer's connection, opened when it is needed first, and again after a failure.
struct OwnConnection {
    pool: SqlitePool,
    /// The folder of the journal, if there is one.
    folder: Option<PathBuf>,
    /// The first file of the journal that is still needed.
    first_segment: u32,
    open: Option<SqliteConnection>,
    known_terms: KnownTerms,
}

impl OwnConnection {
    fn new(pool: SqlitePool, folder: Option<PathBuf>) -> Self {
        Self { pool, folder, first_segment: 0, open: None, known_terms: KnownTerms::default() }
    }

    async fn commit<'j>(&mut self, jobs: impl Iterator<Item = &'j Job>) -> Result<(), sqlx::Error> {
        let jobs: Vec<&Job> = jobs.collect();
        let mut connection = match self.open.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
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

    async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        let mut connection = self.pool.acquire().await?.detach();
        sqlx::query(CACHE).execute(&mut connection).await?;
        if self.folder.is_some() {
            sqlx::query(WHEN_CONVENIENT).execute(&mut connection).await?;
        }
        Ok(connection)
    }

    async fn close(self) {
        if let Some(connection) = self.open
            && let Err(error) = connection.close().await
        {
            tracing::error!(%error, "the writer's connection did not close");
        }
    }
}
