//! The one task that files what was sent. While one transaction is being committed, the next requests gather; they
//! become the next transaction. An event that comes alone is acknowledged when the [`Journal`] has it, everything else
//! after the commit that holds it. Whoever looks at the database first waits until it holds what was acknowledged
//! before ([`Writer::settled`]).
//!
//! - [`hurry`]: when it does.
//! - [`connection`]: what it files with.

mod connection;
mod hurry;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use connection::OwnConnection;
pub(super) use hurry::Hurry;

use super::batch::Work;
use super::budget::Held;
use super::dictionary::{self, Samples};
use super::journal::Journal;
use crate::sentry::store::journal_position::Position;
use crate::sentry::store::payloads::Dictionaries;
use crate::sentry::webhooks::deliver::Bell;

/// Requests that may wait for the writer; more wait before they are read.
const QUEUE: usize = 4_096;

/// Requests in one transaction.
const LARGEST_BATCH: usize = 2_048;

/// What is filed in one transaction arrived within this time: all of it is judged by one moment of the servers' clock.
const LONGEST_BATCH: SignedDuration = SignedDuration::from_secs(2);

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
    hurry: Arc<Hurry>,
}

/// The task itself, to stop it.
#[derive(Debug)]
pub(crate) struct WriterTask {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    hurry: Arc<Hurry>,
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
    /// Whether nobody waits for it any more.
    pub(super) const fn is_answered(&self) -> bool {
        self.written.is_none()
    }

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
        dictionaries: Dictionaries,
    ) -> std::io::Result<(Self, WriterTask)> {
        let (jobs, mut queue) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let (counter, done) = watch::channel(0);
        let hurry = Arc::new(Hurry::default());
        let mut left_over = Vec::new();
        let mut folder = None;
        if let Some(mut journal) = journal {
            left_over = journal.take_left_over();
            folder = Some(journal.folder());
            let (onward, journaled) = mpsc::channel(QUEUE);
            journal.start(std::mem::replace(&mut queue, journaled), onward, Arc::clone(&hurry))?;
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
            samples: Samples::default(),
            dictionaries,
            waiting: left_over.collect(),
            queue,
            stopped,
            sent: Arc::clone(&sent),
            done: counter,
            hurry: Arc::clone(&hurry),
            bell,
        };
        let task = tokio::spawn(filer.run());
        Ok((Self { jobs, sent, done, hurry: Arc::clone(&hurry) }, WriterTask { stop, task, hurry }))
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
        if *done.borrow() >= sent {
            return;
        }
        let waiting = self.hurry.wait();
        let settled = tokio::time::timeout(PATIENCE, done.wait_for(|done| *done >= sent)).await;
        drop(waiting);
        if settled.is_err() {
            tracing::warn!("the database is behind what was acknowledged");
        }
    }
}

impl WriterTask {
    /// Files what was acknowledged, takes no more work, and ends.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        self.hurry.tell();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer of events ended badly");
        }
    }
}

/// What the task works with.
struct Filer {
    connection: OwnConnection,
    /// What the next dictionaries are made of.
    samples: Samples,
    dictionaries: Dictionaries,
    /// Taken from the queue, in order.
    waiting: VecDeque<Job>,
    queue: mpsc::Receiver<Job>,
    stopped: oneshot::Receiver<()>,
    sent: Arc<AtomicU64>,
    done: watch::Sender<u64>,
    hurry: Arc<Hurry>,
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
            let nobody_waits = self.waiting.iter().all(Job::is_answered);
            if nobody_waits && !is_stopping {
                // Cut short by whoever waits, not by each that comes: waking for every one would cost what this saves.
                self.hurry.linger().await;
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
            let learned = self.look_at(&jobs);
            jobs.into_iter().for_each(|job| self.finish(job, Ok(())));
            self.bell.ring();
            self.learn(learned).await;
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

    /// The events that dictionaries are to be made of now, by project.
    fn look_at(&mut self, jobs: &[Job]) -> Vec<(i64, Vec<Vec<u8>>)> {
        let events = jobs.iter().filter_map(|job| Some((job.work.project, job.work.event.as_deref()?)));
        let mut made_of = Vec::new();
        for (project, event) in events {
            let count = || self.dictionaries.count(project);
            let samples = self.samples.look(project, count, &event.hashes.app, &event.payload);
            made_of.extend(samples.map(|samples| (project, samples)));
        }
        made_of
    }

    /// Makes dictionaries. Without one, events take more room; nothing else depends on it.
    async fn learn(&mut self, made_of: Vec<(i64, Vec<Vec<u8>>)>) {
        for (project, samples) in made_of {
            let events: Vec<Vec<u8>> =
                samples.iter().filter_map(|payload| self.dictionaries.decode(payload).ok()).collect();
            let content = dictionary::content(&events);
            if let Err(error) = self.connection.store(&self.dictionaries, project, content).await {
                tracing::warn!(%error, "what events are packed against could not be stored");
            }
        }
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
