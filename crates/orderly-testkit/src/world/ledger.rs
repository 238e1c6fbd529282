//! A ledger in memory: one lease with a rising epoch, one entry a key, and a last commit that a crash may lose.

use super::at;
use orderly_core::ids::{IssueId, RunId, TrackKey};
use orderly_core::sync::machine::{Journal, JournalEntry, StoreFailure};
use orderly_core::sync::snapshot::LastReport;
use orderly_core::time::Timestamp;
use std::collections::BTreeMap;

/// Seconds a lease lasts.
pub const LEASE: u64 = 120;

/// A ledger.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Entries by key.
    pub entries: BTreeMap<TrackKey, JournalEntry>,
    /// What was last reported.
    pub reports: BTreeMap<IssueId, LastReport>,
    lease: Option<Held>,
    epoch: u64,
    last: Option<Commit>,
}

/// A lease that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub holder: RunId,
    /// Fencing number.
    pub epoch: u64,
    /// Until when, in seconds of the world.
    pub until: u64,
}

/// The last commit of an entry: by whom, and what was there before.
#[derive(Clone, Debug)]
struct Commit {
    by: RunId,
    key: TrackKey,
    before: Option<JournalEntry>,
}

impl Ledger {
    /// Takes the lease, unless another run holds it.
    ///
    /// # Errors
    /// The holder.
    pub fn take(&mut self, holder: &RunId, second: u64) -> Result<Held, RunId> {
        if let Some(held) = &self.lease
            && held.until > second
        {
            return Err(held.holder.clone());
        }
        Ok(self.force(holder, second))
    }

    /// Takes the lease, whoever holds it.
    pub fn force(&mut self, holder: &RunId, second: u64) -> Held {
        self.epoch += 1;
        let held = Held { holder: holder.clone(), epoch: self.epoch, until: second + LEASE };
        self.lease = Some(held.clone());
        held
    }

    /// Renews a lease.
    ///
    /// # Errors
    /// When it changed hands.
    pub fn renew(&mut self, lease: &Held, second: u64) -> Result<Timestamp, StoreFailure> {
        self.check(lease)?;
        if let Some(held) = &mut self.lease {
            held.until = second + LEASE;
        }
        Ok(at(second + LEASE))
    }

    /// Gives a lease back.
    pub fn release(&mut self, lease: &Held) {
        if self.lease.as_ref().is_some_and(|held| held.epoch == lease.epoch) {
            self.lease = None;
        }
    }

    /// Who holds the lease.
    pub const fn holder(&self) -> Option<&Held> {
        self.lease.as_ref()
    }

    /// Keeps an entry, under a lease.
    ///
    /// # Errors
    /// When the lease changed hands.
    pub fn record(&mut self, lease: &Held, entry: &JournalEntry) -> Result<(), StoreFailure> {
        self.check(lease)?;
        self.write(&lease.holder, entry);
        Ok(())
    }

    /// Keeps an entry, whoever holds the lease.
    pub fn write(&mut self, by: &RunId, entry: &JournalEntry) {
        let before = self.entries.insert(entry.key.clone(), entry.clone());
        self.last = Some(Commit { by: by.clone(), key: entry.key.clone(), before });
    }

    /// Loses the last commit, when it was this run's; says which entry.
    pub fn lose_last(&mut self, by: &RunId) -> Option<TrackKey> {
        let commit = self.last.take_if(|commit| commit.by == *by)?;
        match commit.before {
            Some(before) => self.entries.insert(commit.key.clone(), before),
            None => self.entries.remove(&commit.key),
        };
        Some(commit.key)
    }

    /// Entries that are not at their end.
    pub fn open(&self) -> Journal {
        self.entries.values().filter(|entry| !entry.is_closed()).cloned().collect()
    }

    fn check(&self, lease: &Held) -> Result<(), StoreFailure> {
        match &self.lease {
            Some(held) if held.epoch == lease.epoch => Ok(()),
            Some(held) => Err(StoreFailure::LeaseLost { holder: held.holder.clone() }),
            None => Err(StoreFailure::LeaseLost { holder: RunId::new("nobody") }),
        }
    }
}
