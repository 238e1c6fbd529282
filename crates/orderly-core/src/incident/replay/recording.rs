//! What is recorded of an incident: the log, and the answers that everything else was decided from. It is scrubbed when it
//! is made: there is no other.

use super::entries::{people, scrubbed};
use super::files::settled;
use super::gathered::Clean;
use super::people::Cast;
use crate::answer::Looked;
use crate::ids::{Digest, OrgSlug, SentryHost};
use crate::incident::clock::ClockPolicy;
use crate::incident::entry::{Entry, IncidentKey};
use crate::incident::log::Log;
use crate::incident::refused::Refused;
use crate::incident::review::Evidence;
use crate::incident::severity::SeverityPolicy;
use crate::investigate::Known;
use crate::scrub::Scrubber;
use crate::time::{Now, Timestamp};
use crate::watch::{Seen, WatchPolicy};
use serde::{Deserialize, Serialize};

/// An incident as it can be played again. Texts are scrubbed, people have names without addresses, and where errors came
/// from is told apart but not told.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    pub(super) at: Timestamp,
    pub(super) written: Digest,
    pub(super) rules: Rules,
    pub(super) log: Log,
    pub(super) gathered: Gathered,
}

/// The answers that an incident is decided from, beside its log; what could not be looked at is among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    /// What a watch sees.
    pub watched: Looked<Seen>,
    /// What an investigation rests on.
    pub known: Looked<Known>,
    /// What a review rests on.
    pub evidence: Evidence,
}

/// The rules that it was handled by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// What is due when.
    pub clock: ClockPolicy,
    /// What makes an incident how bad.
    pub severity: SeverityPolicy,
    /// How careful the detectors are.
    pub watch: WatchPolicy,
}

/// Why an incident cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// Without secrets and addresses an entry cannot have been written.
    #[error("entry {sequence} cannot be recorded without what may not leave: {why}")]
    Entry {
        /// Its place.
        sequence: u32,
        /// Why not.
        why: Refused,
    },
    /// It cannot be written as JSON.
    #[error("{what} cannot be written as JSON: {why}")]
    Json {
        /// What.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// It would be refused when it is read.
    #[error("{file} would have {bytes} bytes, more than are read back; name fewer projects with --project")]
    TooLarge {
        /// The file.
        file: &'static str,
        /// Its size.
        bytes: usize,
    },
}

impl Recording {
    /// Records an incident as it stands `now`.
    ///
    /// # Errors
    /// When an entry means something else without what is scrubbed.
    pub fn of(
        log: &Log,
        gathered: Gathered,
        rules: Rules,
        scrubber: &Scrubber,
        now: Now,
    ) -> Result<Self, NotRecorded> {
        let clean = Clean { scrubber };
        let named = log.entries().iter().flat_map(|logged| people(&logged.entry));
        let cast = Cast::of(named, scrubber);
        let key = key(log.incident().key(), &clean);
        let entries = log.entries().iter().map(|logged| scrubbed(&logged.entry, &cast, scrubber));
        let recorded = chained(key, entries.collect::<Result<_, _>>()?)?;
        let Gathered { watched, known, evidence } = gathered;
        let watched = match watched {
            Looked::Saw(seen) => Looked::Saw(clean.seen(seen)),
            Looked::CouldNotLook(cause) => Looked::CouldNotLook(clean.cause(cause)),
        };
        let known = match known {
            Looked::Saw(known) => Looked::Saw(settled("the investigation", &clean.known(known))?),
            Looked::CouldNotLook(cause) => Looked::CouldNotLook(clean.cause(cause)),
        };
        let evidence = settled("the evidence", &clean.evidence(evidence))?;
        Ok(Self {
            at: now.0,
            written: log.last().digest.clone(),
            rules: settled("the rules", &rules)?,
            log: recorded,
            gathered: Gathered { watched: settled_seen(watched)?, known, evidence },
        })
    }

    /// When it was recorded.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The log as it was recorded.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// What it was handled by.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What was gathered.
    pub const fn gathered(&self) -> &Gathered {
        &self.gathered
    }

    /// What could not be looked at, in words.
    pub fn unseen(&self) -> Vec<String> {
        let Gathered { watched, known, evidence } = &self.gathered;
        let mut unseen = Vec::new();
        match watched {
            Looked::Saw(seen) => {
                unseen.extend(seen.unseen.iter().map(|one| format!("watch: {}: {}", one.what, one.cause)));
                let began = self.log.incident().began_at();
                let first = seen.observed.iter().filter_map(|one| one.errors.first()).map(|hour| hour.begins);
                if let Some(first) = first.min().filter(|first| *first > began) {
                    unseen.push(format!("watch: the hours before {first}, when it had begun already"));
                }
            }
            Looked::CouldNotLook(cause) => unseen.push(format!("watch: {cause}")),
        }
        match known {
            Looked::Saw(known) => {
                unseen
                    .extend(known.gaps.iter().map(|(what, cause)| format!("investigation: {what}: {cause}")));
            }
            Looked::CouldNotLook(cause) => unseen.push(format!("investigation: {cause}")),
        }
        unseen.extend(evidence.unseen.iter().map(|(what, cause)| format!("review: {what}: {cause}")));
        unseen.iter().map(|text| crate::encode::one_line(text)).collect()
    }
}

/// Where the incident was seen; an address of a machine is none that helps anybody.
fn key(key: &IncidentKey, clean: &Clean<'_>) -> IncidentKey {
    IncidentKey {
        host: SentryHost::new(clean.string(key.host.as_str())),
        org: OrgSlug::new(clean.string(key.org.as_str())),
        number: key.number,
    }
}

/// The entries as a log of their own: each was admitted before, and has to be admitted still.
fn chained(key: IncidentKey, entries: Vec<Entry>) -> Result<Log, NotRecorded> {
    let refused = |sequence| move |why| NotRecorded::Entry { sequence, why };
    let mut entries = (1..).zip(entries);
    let (first, declared) = entries.next().expect("a log begins with its declaration");
    let begun = Log::begun(key, declared).map_err(refused(first))?;
    entries.try_fold(begun, |log, (sequence, entry)| log.and(entry).map_err(refused(sequence)))
}

/// Alerts have fractions; hours have none.
fn settled_seen(watched: Looked<Seen>) -> Result<Looked<Seen>, NotRecorded> {
    Ok(match watched {
        Looked::Saw(mut seen) => {
            seen.alerts = settled("the alerts", &seen.alerts)?;
            Looked::Saw(seen)
        }
        unseen @ Looked::CouldNotLook(_) => unseen,
    })
}
