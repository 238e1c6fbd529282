//! A recording as files that people can read, and back: whatever a folder holds, only what was recorded is played.

use super::recording::{Gathered, NotRecorded, Recording, Rules};
use super::series::Line;
use crate::answer::{Cause, Looked};
use crate::digest;
use crate::encode::one_line;
use crate::ids::{Digest, ProjectSlug};
use crate::incident::audience::Audience;
use crate::incident::entry::IncidentKey;
use crate::incident::log::{Broken, Log, Logged};
use crate::time::Timestamp;
use crate::watch::{FreshIssue, Observed, Seen, SentryAlert, Unseen, WeekOfProject};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The file that says what a recording is made of.
pub const MANIFEST: &str = "manifest.json";
/// Larger files are not read.
pub const MOST_BYTES: usize = 16 << 20;
/// Version of the form of recordings.
const VERSION: u32 = 1;
/// Longer logs, series and lists of projects are not played.
const MOST_ENTRIES: usize = 5000;
const MOST_HOURS: usize = 1000;
const MOST_PROJECTS: usize = 1000;
/// Characters of what a hostile file says of itself, at most.
const QUOTED: usize = 120;

/// The files of a recording, each with its name in the folder.
pub type Files = Vec<(&'static str, String)>;

/// A file of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The log: an entry a line.
    Log,
    /// The rules that it was handled by.
    Rules,
    /// What was counted by hour: a project a line.
    Series,
    /// What else a watch sees: new issues, alerts of Sentry.
    Watch,
    /// What the investigation rests on.
    Investigation,
    /// What the review rests on.
    Evidence,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Log, Self::Rules, Self::Series, Self::Watch, Self::Investigation, Self::Evidence];

    /// The name of its file.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Log => "log.jsonl",
            Self::Rules => "rules.json",
            Self::Series => "series.jsonl",
            Self::Watch => "watch.json",
            Self::Investigation => "investigation.json",
            Self::Evidence => "evidence.json",
        }
    }
}

/// What a recording is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// Which incident.
    pub incident: IncidentKey,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who may hear its details.
    pub audience: Audience,
    /// Entries of its log.
    pub entries: usize,
    /// What the log ends with where it was written.
    pub written: Digest,
    /// What it ends with here, scrubbed.
    pub recorded: Digest,
    /// The other files.
    pub files: Vec<Listed>,
    /// What could not be looked at.
    pub unseen: Vec<String>,
}

/// A file of a recording, as its manifest lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name in the folder.
    pub file: String,
    /// Its size.
    pub bytes: usize,
    /// SHA-256 over it.
    pub sha256: Digest,
}

/// Files that are no recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecording {
    /// Nobody wrote this form of recordings, or a newer Orderly did.
    #[error("it was recorded in version {found} of the form; this Orderly plays version {VERSION}")]
    Version {
        /// The version.
        found: u64,
    },
    /// A file cannot be read as what it should be.
    #[error("{file} is not what a recording holds: {why}")]
    Unreadable {
        /// The file.
        file: &'static str,
        /// Why not.
        why: String,
    },
    /// The manifest names a file that is none of a recording: it may lie anywhere.
    #[error("{MANIFEST} names `{name}`, which is no file of a recording")]
    Foreign {
        /// As it is named.
        name: String,
    },
    /// The manifest does not name a file, or names it twice.
    #[error("{MANIFEST} does not name {file} once")]
    Unlisted {
        /// The file.
        file: &'static str,
    },
    /// A file was changed.
    #[error("{file} was changed since it was recorded: its digest is another")]
    Changed {
        /// The file.
        file: &'static str,
    },
    /// The log is none.
    #[error("the log cannot have been recorded: {0}")]
    Log(#[from] Broken),
    /// It would take too long, or too much memory.
    #[error("{file} holds more than is played: {what}")]
    TooMuch {
        /// The file.
        file: &'static str,
        /// What it has too much of.
        what: &'static str,
    },
}

/// What a watch sees beside the hours.
#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
enum Watch {
    Saw { fresh: Vec<FreshIssue>, week: Vec<WeekOfProject>, alerts: Vec<SentryAlert>, unseen: Vec<Unseen> },
    CouldNotLook { cause: Cause },
}

impl Recording {
    /// Its files, the manifest last: a folder without one is no recording.
    ///
    /// # Errors
    /// When one of them would not be read again.
    pub fn files(&self) -> Result<(Manifest, Files), NotRecorded> {
        let Gathered { watched, known, evidence } = &self.gathered;
        let (lines, watch) = match watched {
            Looked::Saw(Seen { observed, fresh, week, alerts, unseen }) => {
                let (fresh, week) = (fresh.clone(), week.clone());
                let (alerts, unseen) = (alerts.clone(), unseen.clone());
                let lines = observed.iter().map(Line::from).collect();
                (lines, Watch::Saw { fresh, week, alerts, unseen })
            }
            Looked::CouldNotLook(cause) => (Vec::new(), Watch::CouldNotLook { cause: cause.clone() }),
        };
        let mut files = Vec::new();
        for part in Part::ALL {
            let text = match part {
                Part::Log => jsonl(part, self.log.entries()),
                Part::Rules => json(part.file(), &self.rules),
                Part::Series => jsonl(part, &lines),
                Part::Watch => json(part.file(), &watch),
                Part::Investigation => json(part.file(), known),
                Part::Evidence => json(part.file(), evidence),
            }?;
            files.push((part.file(), text));
        }
        let listed = |(file, text): &(&str, String)| Listed {
            file: (*file).to_owned(),
            bytes: text.len(),
            sha256: digest::of_bytes(text.as_bytes()),
        };
        let manifest = Manifest {
            version: VERSION,
            incident: self.log.incident().key().clone(),
            at: self.at,
            audience: self.log.incident().audience(),
            entries: self.log.entries().len(),
            written: self.written.clone(),
            recorded: self.log.last().digest.clone(),
            files: files.iter().map(listed).collect(),
            unseen: self.unseen(),
        };
        files.push((MANIFEST, json(MANIFEST, &manifest)?));
        if let Some((file, text)) = files.iter().find(|(_, text)| text.len() > MOST_BYTES) {
            return Err(NotRecorded::TooLarge { file, bytes: text.len() });
        }
        Ok((manifest, files))
    }

    /// Reads the files of a recording back.
    ///
    /// # Errors
    /// When they are not what was recorded.
    pub fn read(manifest: &Manifest, files: &BTreeMap<Part, Vec<u8>>) -> Result<Self, BadRecording> {
        for (part, listed) in Part::ALL.into_iter().zip(&manifest.files) {
            let sound = |bytes: &&Vec<u8>| digest::of_bytes(bytes) == listed.sha256;
            if files.get(&part).filter(sound).is_none() {
                return Err(BadRecording::Changed { file: part.file() });
            }
        }
        let bytes = |part: Part| files.get(&part).map_or(&[][..], Vec::as_slice);
        let log: Vec<Logged> = lines(Part::Log, bytes(Part::Log), MOST_ENTRIES, "entries")?;
        let log = Log::read(manifest.incident.clone(), log)?;
        let told = (log.entries().len(), &log.last().digest, log.incident().audience());
        if told != (manifest.entries, &manifest.recorded, manifest.audience) {
            return Err(BadRecording::Changed { file: Part::Log.file() });
        }
        let projects: Vec<Line> = lines(Part::Series, bytes(Part::Series), MOST_PROJECTS, "projects")?;
        let observed: Vec<Observed> = projects.into_iter().map(Observed::from).collect();
        let watched = match value(Part::Watch.file(), bytes(Part::Watch))? {
            Watch::Saw { fresh, week, alerts, unseen } => {
                Looked::Saw(bounded(Seen { observed, fresh, week, alerts, unseen })?)
            }
            Watch::CouldNotLook { cause } => Looked::CouldNotLook(cause),
        };
        let known = value(Part::Investigation.file(), bytes(Part::Investigation))?;
        let evidence = value(Part::Evidence.file(), bytes(Part::Evidence))?;
        let rules: Rules = value(Part::Rules.file(), bytes(Part::Rules))?;
        let gathered = Gathered { watched, known, evidence };
        Ok(Self { at: manifest.at, written: manifest.written.clone(), rules, log, gathered })
    }
}

impl Manifest {
    /// Reads a manifest. It names the files of a recording, each once, and no other.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, BadRecording> {
        let found: Value = value(MANIFEST, bytes)?;
        if let Some(version) = found.get("version").and_then(Value::as_u64)
            && version != u64::from(VERSION)
        {
            return Err(BadRecording::Version { found: version });
        }
        let mut manifest: Self = typed(MANIFEST, found)?;
        let known = |listed: &Listed| Part::ALL.iter().position(|part| part.file() == listed.file);
        if let Some(foreign) = manifest.files.iter().find(|listed| known(listed).is_none()) {
            return Err(BadRecording::Foreign { name: quoted(&foreign.file) });
        }
        for part in Part::ALL {
            if manifest.files.iter().filter(|listed| listed.file == part.file()).count() != 1 {
                return Err(BadRecording::Unlisted { file: part.file() });
            }
        }
        manifest.files.sort_by_key(known);
        Ok(manifest)
    }
}

/// Hours of hostile files must not keep anybody waiting.
fn bounded(seen: Seen) -> Result<Seen, BadRecording> {
    let too_much = |what| BadRecording::TooMuch { file: Part::Series.file(), what };
    let mut projects: Vec<&ProjectSlug> = seen.observed.iter().map(|one| &one.project).collect();
    projects.sort();
    if projects.windows(2).any(|two| two[0] == two[1]) {
        return Err(too_much("a project twice"));
    }
    for Observed { errors, crashes, failures, slow, .. } in &seen.observed {
        let longest = [errors.len(), crashes.len(), failures.len(), slow.parts.len()];
        if longest.into_iter().any(|hours| hours > MOST_HOURS) {
            return Err(too_much("hours"));
        }
    }
    Ok(seen)
}

/// JSON for people: spread out.
fn json<T: Serialize>(what: &'static str, value: &T) -> Result<String, NotRecorded> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| NotRecorded::Json { what, why: error.to_string() })
}

/// One line each.
fn jsonl<T: Serialize>(part: Part, values: &[T]) -> Result<String, NotRecorded> {
    let mut text = String::new();
    for value in values {
        let line = serde_json::to_string(value)
            .map_err(|error| NotRecorded::Json { what: part.file(), why: error.to_string() })?;
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

fn lines<T: DeserializeOwned>(
    part: Part,
    bytes: &[u8],
    most: usize,
    what: &'static str,
) -> Result<Vec<T>, BadRecording> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let all = lines.take(most + 1).map(|line| value(part.file(), line)).collect::<Result<Vec<T>, _>>()?;
    if all.len() > most {
        return Err(BadRecording::TooMuch { file: part.file(), what });
    }
    Ok(all)
}

fn value<T: DeserializeOwned>(file: &'static str, bytes: &[u8]) -> Result<T, BadRecording> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| unreadable(file, &error))?;
    typed(file, settle(value))
}

fn typed<T: DeserializeOwned>(file: &'static str, value: Value) -> Result<T, BadRecording> {
    serde_json::from_value(value).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &'static str, error: &serde_json::Error) -> BadRecording {
    BadRecording::Unreadable { file, why: quoted(&error.to_string()) }
}

/// What a hostile file says, on one line.
fn quoted(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= QUOTED { line } else { line.chars().take(QUOTED).chain(['…']).collect() }
}

/// The value as it is read back.
pub(super) fn settled<T: Serialize + DeserializeOwned>(
    what: &'static str,
    value: &T,
) -> Result<T, NotRecorded> {
    serde_json::to_value(value)
        .and_then(|value| serde_json::from_value(settle(value)))
        .map_err(|error| NotRecorded::Json { what, why: error.to_string() })
}

/// Fractions have 15 digits, as many as are read back exactly whatever reads them.
pub(super) fn settle(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let rounded = number.as_f64().and_then(|number| format!("{number:.14e}").parse().ok());
            Value::from(rounded.unwrap_or(0.0_f64))
        }
        Value::Array(items) => items.into_iter().map(settle).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, settle(field))).collect(),
        value => value,
    }
}
