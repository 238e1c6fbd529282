//! The page of active runs as a file that several processes share, and which runs of this machine are alive.
//!
//! Whoever changes the page holds a lock on a file beside it, so of many that want the same paths one wins. A run holds a
//! lock on a file of its own as long as its process lives: the system gives it back, whatever the process dies of.

use async_trait::async_trait;
use jiff::tz::TimeZone;
use orderly_core::active_runs::{Claim, Claimed, Conflict, Form, Page, RunEnd, claim, finish, lapse};
use orderly_core::ids::RunId;
use orderly_engine::ports::clock::Clock;
use orderly_engine::ports::repair::{ActiveRuns, Trouble};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A page in a file.
pub struct RunsFile {
    page: PathBuf,
    form: Form,
    /// Folder of the locks of runs.
    locks: PathBuf,
    run: RunId,
    clock: Arc<dyn Clock>,
    /// Held while the process lives.
    _alive: File,
}

impl RunsFile {
    /// Opens the page for a run of this process, and shows that the run is alive.
    ///
    /// # Errors
    /// When its folders cannot be written.
    pub fn open(page: &Path, locks: &Path, run: &RunId, clock: Arc<dyn Clock>) -> Result<Self, Trouble> {
        let in_the_house_of_others = page.components().any(|part| part.as_os_str() == ".claude");
        let form = if in_the_house_of_others { Form::Skill } else { Form::Own };
        for folder in [Some(locks), page.parent()].into_iter().flatten() {
            std::fs::create_dir_all(folder).map_err(|error| lost(folder, &error))?;
        }
        clear(locks);
        let own = lock_of(locks, run);
        let alive = open(&own)?;
        alive.lock().map_err(|error| lost(&own, &error))?;
        let (page, locks, run) = (page.to_owned(), locks.to_owned(), run.clone());
        Ok(Self { page, form, locks, run, clock, _alive: alive })
    }

    /// Changes the page while nobody else does.
    fn change<T>(&self, work: impl FnOnce(&mut Page) -> T) -> Result<T, Trouble> {
        let lock = self.locks.join("page.lock");
        let held = open(&lock)?;
        held.lock().map_err(|error| lost(&lock, &error))?;
        let text = match std::fs::read_to_string(&self.page) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(lost(&self.page, &error)),
        };
        let mut page = Page::parse(&text, self.form);
        let done = work(&mut page);
        let new = page.render(&TimeZone::system());
        if new != text {
            // Readers see the old page or the new one, never half of one.
            let beside = self.page.with_extension(format!("{}.new", self.run.as_str()));
            std::fs::write(&beside, new).map_err(|error| lost(&beside, &error))?;
            std::fs::rename(&beside, &self.page).map_err(|error| lost(&self.page, &error))?;
        }
        Ok(done)
    }

    fn dead(&self, run: &RunId) -> Result<bool, Trouble> {
        let path = lock_of(&self.locks, run);
        let file = match File::open(&path) {
            Ok(file) => file,
            // It never ran here, or it was cleared away: only its lease says when it is dead.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(lost(&path, &error)),
        };
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(lost(&path, &error)),
        }
    }

    /// Runs of the page that are known to be dead.
    fn dead_on(&self, page: &Page) -> Result<Vec<RunId>, Trouble> {
        let mut dead = Vec::new();
        for run in page.active.iter().filter_map(|entry| entry.run()) {
            if run != self.run && self.dead(&run)? {
                dead.push(run);
            }
        }
        Ok(dead)
    }
}

#[async_trait]
impl ActiveRuns for RunsFile {
    async fn claim(&self, wanted: &Claim) -> Result<Result<Claimed, Vec<Conflict>>, Trouble> {
        let now = self.clock.now();
        let zone = TimeZone::system();
        self.change(|page| {
            for run in self.dead_on(page)? {
                lapse(page, &run, now);
            }
            Ok(claim(page, wanted, now, &zone))
        })?
    }

    async fn finish(&self, run: &RunId, how: &RunEnd) -> Result<(), Trouble> {
        let now = self.clock.now();
        self.change(|page| finish(page, run, how, now, &TimeZone::system()))
    }

    async fn is_dead(&self, run: &RunId) -> Result<bool, Trouble> {
        if *run == self.run { Ok(false) } else { self.dead(run) }
    }
}

/// Removes the locks of runs that ended long ago: by now their leases say that they are dead.
fn clear(locks: &Path) {
    const LONG: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
    for entry in std::fs::read_dir(locks).into_iter().flatten().flatten() {
        let alive = entry.path().extension().is_some_and(|ending| ending == "alive");
        let old = entry
            .metadata()
            .and_then(|about| about.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LONG));
        if alive && old && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            // What stays behind is cleared by a later run.
            let _kept = std::fs::remove_file(entry.path());
        }
    }
}

fn lock_of(locks: &Path, run: &RunId) -> PathBuf {
    let name: String = run.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    locks.join(format!("{name}.alive"))
}

fn open(path: &Path) -> Result<File, Trouble> {
    let opened = File::options().create(true).truncate(false).write(true).read(true).open(path);
    opened.map_err(|error| lost(path, &error))
}

fn lost(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble(format!("{}: {error}", path.display()))
}
