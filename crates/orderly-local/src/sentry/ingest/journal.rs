//! What was acknowledged and is not filed yet, on disk. Filing many events at once costs much less for each of them,
//! and nobody has to wait for it: an event is acknowledged when the journal has it, and filed with the next ones.
//!
//! - [`record`]: an event as bytes.
//! - [`files`]: where the bytes are.
//!
//! A thread writes what has arrived while it wrote before, waits once for the disk, answers, and hands all of it on in
//! the same order. The transaction that files events also writes how far in the journal they reach, so that after a
//! crash each is filed once.

mod files;
mod record;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;

use files::Files;
pub(super) use files::LeftOver;

use super::batch::Work;
use super::writer::{Job, NotWritten};
use crate::sentry::store::journal_position::Position;

/// How long the first of some events waits for others.
const GATHER: Duration = Duration::from_micros(500);

/// Events that are written together, at most.
const AT_ONCE: usize = 256;

/// A journal that was opened.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    files: Files,
    left_over: Vec<LeftOver>,
}

impl Journal {
    /// Opens the journal in this folder; everything before `filed` is in the database.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn open(folder: &Path, filed: Position) -> io::Result<Self> {
        let (files, left_over) = Files::open(folder, filed)?;
        Ok(Self { folder: folder.to_owned(), files, left_over })
    }

    /// What was acknowledged and is not filed, in order.
    pub(super) fn take_left_over(&mut self) -> Vec<LeftOver> {
        std::mem::take(&mut self.left_over)
    }

    /// The folder of its files.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Starts the thread, which ends when no more jobs can come.
    pub(super) fn start(self, arriving: mpsc::Receiver<Job>, onward: mpsc::Sender<Job>) -> io::Result<()> {
        let run = move || run(self.files, arriving, &onward);
        std::thread::Builder::new().name("ingest-journal".to_owned()).spawn(run).map(drop)
    }
}

/// Files of the journal of which everything is filed, and stays filed after a power cut, are removed.
pub(super) fn remove_before(folder: &Path, segment: u32) {
    if let Err(error) = files::remove_before(folder, segment) {
        tracing::warn!(%error, "old files of the journal of ingest stay behind");
    }
}

fn run(mut files: Files, mut arriving: mpsc::Receiver<Job>, onward: &mpsc::Sender<Job>) {
    let mut bytes = Vec::new();
    while let Some(first) = arriving.blocking_recv() {
        // One wait for the disk, and one for the processor, serve all that come meanwhile.
        std::thread::sleep(GATHER);
        let mut jobs = vec![first];
        while jobs.len() < AT_ONCE
            && let Ok(job) = arriving.try_recv()
        {
            jobs.push(job);
        }
        bytes.clear();
        let ends: Vec<Option<u64>> = jobs
            .iter()
            .map(|job| {
                let event = job.work.only_event()?;
                record::encode(&mut bytes, job.work.project, event);
                Some(bytes.len() as u64)
            })
            .collect();
        let start = if bytes.is_empty() { Ok(Position::default()) } else { files.append(&bytes) };
        if let Err(error) = &start {
            tracing::error!(%error, "the journal of ingest could not be written");
        }
        for (mut job, end) in jobs.into_iter().zip(ends) {
            match (end, &start) {
                (Some(end), Ok(start)) => {
                    job.position = Some(Position { offset: start.offset + end, ..*start });
                    job.answer(Ok(()));
                }
                (Some(_), Err(_)) => {
                    job.answer(Err(NotWritten));
                    job.work = Work { received: job.work.received, ..Work::default() };
                }
                // It is answered when it is in the database.
                (None, _) => {}
            }
            if onward.blocking_send(job).is_err() {
                return;
            }
        }
    }
}
