//! The entries of an incident in their order. Each carries a digest over itself and the one before, so that nothing before
//! the last can be changed, left out or put in unseen. An end that was cut off is not seen: keep the digest of the page.

use super::entry::{Entry, IncidentKey};
use super::refused::Refused;
use super::state::Incident;
use crate::digest;
use crate::ids::Digest;
use serde::{Deserialize, Serialize};

/// Version of the stored form of entries.
pub const LOG_VERSION: u32 = 1;

/// An entry in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// Its place, from 1.
    pub sequence: u32,
    /// Over this entry, its place and everything before.
    pub digest: Digest,
    /// The entry.
    pub entry: Entry,
}

/// The log of an incident, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    incident: Incident,
    entries: Vec<Logged>,
}

/// A stored log that no Orderly wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is not what its digest says.
    #[error(
        "entry {sequence} is not what was written: it, or one before it, was changed, left out or put in"
    )]
    Changed {
        /// Its place.
        sequence: u32,
    },
    /// An entry that would have been refused.
    #[error("entry {sequence} cannot have been written: {why}")]
    Refused {
        /// Its place.
        sequence: u32,
        /// Why.
        why: Refused,
    },
    /// There is none.
    #[error("it has no entry")]
    Empty,
}

impl Log {
    /// A log that begins.
    ///
    /// # Errors
    /// When the entry is no declaration.
    pub fn begun(key: IncidentKey, entry: Entry) -> Result<Self, Refused> {
        let incident = Incident::declared(key, &entry)?;
        let logged = chained(incident.key(), None, entry);
        Ok(Self { incident, entries: vec![logged] })
    }

    /// Reads a stored log back.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn read(key: IncidentKey, entries: Vec<Logged>) -> Result<Self, Broken> {
        let mut all = entries.into_iter();
        let first = all.next().ok_or(Broken::Empty)?;
        let refused = |sequence| move |why| Broken::Refused { sequence, why };
        let mut log = Self::begun(key, first.entry.clone()).map_err(refused(1))?;
        if log.last() != &first {
            return Err(Broken::Changed { sequence: first.sequence });
        }
        for logged in all {
            log = log.and(logged.entry.clone()).map_err(refused(logged.sequence))?;
            if log.last() != &logged {
                return Err(Broken::Changed { sequence: logged.sequence });
            }
        }
        Ok(log)
    }

    /// The log with a further entry.
    ///
    /// # Errors
    /// Why the entry is refused.
    pub fn and(mut self, entry: Entry) -> Result<Self, Refused> {
        self.incident = self.incident.after(&entry)?;
        let logged = chained(self.incident.key(), Some(self.last()), entry);
        self.entries.push(logged);
        Ok(self)
    }

    /// What it comes to.
    pub const fn incident(&self) -> &Incident {
        &self.incident
    }

    /// The entries in their order.
    pub fn entries(&self) -> &[Logged] {
        &self.entries
    }

    /// The incident before each entry but the first, with that entry.
    pub(super) fn stages(&self) -> impl Iterator<Item = (Incident, &Entry)> {
        let first = self.entries.first().map(|logged| &logged.entry);
        let mut next = first.and_then(|entry| Incident::declared(self.incident.key().clone(), entry).ok());
        self.entries.iter().skip(1).map_while(move |logged| {
            let before = next.take()?;
            next = before.after(&logged.entry).ok();
            Some((before, &logged.entry))
        })
    }

    /// The last entry.
    ///
    /// # Panics
    /// Never: a log begins with its declaration.
    pub fn last(&self) -> &Logged {
        self.entries.last().expect("a log begins with its declaration")
    }
}

fn chained(key: &IncidentKey, before: Option<&Logged>, entry: Entry) -> Logged {
    let sequence = before.map_or(1, |before| before.sequence.saturating_add(1));
    let digest = digest::of(&(LOG_VERSION, key, before.map(|before| &before.digest), sequence, &entry));
    Logged { sequence, digest, entry }
}
