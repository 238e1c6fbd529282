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
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use files::Files;
pub(super) use files::LeftOver;

use super::batch::Work;
use super::writer::{Hurry, Job, NotWritten};
use crate::sentry::store::journal_position::Position;
use crate::sentry::store::payloads::Dictionaries;

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
    /// Opens the journal in this folder; everything before `filed` is in the database, and so are these dictionaries.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn open(folder: &Path, filed: Position, dictionaries: &Dictionaries) -> io::Result<Self> {
        let (files, left_over) = Files::open(folder, filed, dictionaries)?;
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

    /// Starts the thread, which ends when no more jobs can come. It tells of jobs that are not answered by it.
    pub(super) fn start(
        self,
        arriving: mpsc::Receiver<Job>,
        onward: mpsc::Sender<Job>,
        hurry: Arc<Hurry>,
    ) -> io::Result<()> {
        let run = move || run(self.files, arriving, &onward, &hurry);
        std::thread::Builder::new().name("ingest-journal".to_owned()).spawn(run).map(drop)
    }
}

/// Files of the journal of which everything is filed, and stays filed after a power cut, are removed.
pub(super) fn remove_before(folder: &Path, segment: u32) {
    if let Err(error) = files::remove_before(folder, segment) {
        tracing::warn!(%error, "old files of the journal of ingest stay behind");
    }
}

fn run(mut files: Files, mut arriving: mpsc::Receiver<Job>, onward: &mpsc::Sender<Job>, hurry: &Hurry) {
    let mut bytes = Vec::new();
    if let Err(error) = files.prepare() {
        tracing::warn!(%error, "no file of the journal of ingest could be made beforehand");
    }
    while let Some(first) = arriving.blocking_recv() {
        // One wait for the disk, and one for the processor, serve all that come meanwhile.
        std::thread::sleep(GATHER);
        let mut jobs = vec![first];
        while jobs.len() < AT_ONCE
            && let Ok(job) = arriving.try_recv()
        {
            jobs.push(job);
        }
        let ends = write(&mut files, &mut bytes, &jobs);
        if let Err(error) = &ends {
            tracing::error!(%error, "the journal of ingest could not be written");
        }
        for (number, mut job) in jobs.into_iter().enumerate() {
            match &ends {
                Ok(ends) => {
                    job.position = ends[number];
                    // Everything else is answered when it is in the database.
                    if job.position.is_some() {
                        job.answer(Ok(()));
                    }
                }
                Err(_) if job.work.only_event().is_some() => {
                    job.answer(Err(NotWritten));
                    job.work = Work { received: job.work.received, ..Work::default() };
                }
                Err(_) => {}
            }
            let is_awaited = !job.is_answered();
            if onward.blocking_send(job).is_err() {
                return;
            }
            if is_awaited {
                hurry.tell();
            }
        }
    }
}

/// Writes the events among these jobs that came alone; where each of them ends.
fn write(files: &mut Files, bytes: &mut Vec<u8>, jobs: &[Job]) -> io::Result<Vec<Option<Position>>> {
    let events = || jobs.iter().map(|job| job.work.only_event());
    let size: u64 = events().flatten().map(record::size).sum();
    if size == 0 {
        return Ok(vec![None; jobs.len()]);
    }
    let start = files.room_for(size)?;
    bytes.clear();
    let ends = jobs.iter().zip(events()).map(|(job, event)| {
        record::encode(bytes, start.segment, job.work.project, event?);
        Some(Position { offset: start.offset + bytes.len() as u64, ..start })
    });
    let ends = ends.collect();
    files.append(bytes)?;
    Ok(ends)
}
