//! What an investigation rests on.

use crate::answer::Cause;
use crate::diagnose::Evidence;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::incident::severity::Touch;
use crate::normal::frame::{NormalFrame, RawFrame, normal};
use crate::normal::platform::Platform;
use crate::source::{Traced, likely_path};
use crate::time::{Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a gap is called when releases and deploys could not be looked at.
pub const RELEASES: &str = "releases and deploys";
/// What a gap is called when the log of feature flags could not be looked at.
pub const FLAG_LOG: &str = "the log of feature flags";

/// Everything that was gathered about an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// When errors were counted.
    pub window: Window,
    /// Its issues, the leading one first.
    pub leads: Vec<LeadKnown>,
    /// Their errors together, bin by bin.
    pub counts: Vec<u64>,
    /// All errors of each project, in the same bins.
    pub by_project: BTreeMap<ProjectSlug, Vec<u64>>,
    /// What changed in the window.
    pub changes: Vec<Changed>,
    /// Other issues that had errors since the rise.
    pub neighbours: Vec<Neighbour>,
    /// Releases that several projects report since the rise.
    pub shared_releases: Vec<SharedRelease>,
    /// Traces of a sample of its errors, in which other errors were looked for.
    pub trace_ids: Vec<String>,
    /// Some of them, whole.
    pub traces: Vec<Trace>,
    /// How often its errors have a tag since the rise, and how often what they are compared with has it.
    pub tags: Vec<TagCount>,
    /// What they are compared with.
    pub compared: Compared,
    /// Flags that were evaluated for its errors, and for others since the change.
    pub flags: Vec<FlagCount>,
    /// Where a sample of its errors came from, newest first.
    pub sources: Vec<Source>,
    /// Where errors of the same issues came from before the rise.
    pub sources_before: Vec<IpAddr>,
    /// What of it touches money or security, with the pattern that says so.
    pub touches: BTreeMap<Touch, String>,
    /// What could not be looked at.
    pub gaps: Vec<(String, Cause)>,
}

/// A window of equal bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Length of a bin.
    pub bin: Seconds,
}

impl Default for Window {
    fn default() -> Self {
        Self { from: Timestamp::UNIX_EPOCH, until: Timestamp::UNIX_EPOCH, bin: Seconds(300) }
    }
}

impl Window {
    /// The whole bins of `back` seconds that end at `at` or shortly before; a day or two by five minutes, more by less.
    pub fn before(at: Timestamp, back: Seconds) -> Self {
        let bin = match back.0 {
            0..=172_800 => 300,
            172_801..=1_036_800 => 1800,
            _ => 3600,
        };
        let until = at.as_second().div_euclid(bin) * bin;
        let length = i64::try_from(back.0).unwrap_or(i64::MAX).div_euclid(bin).max(2) * bin;
        let time = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let bin = Seconds(bin.unsigned_abs());
        Self { from: time(until.saturating_sub(length)), until: time(until), bin }
    }

    /// When a bin begins.
    pub fn begins(&self, bin: usize) -> Timestamp {
        let seconds = i64::try_from(self.bin.0.saturating_mul(bin as u64)).unwrap_or(i64::MAX);
        Timestamp::from_second(self.from.as_second().saturating_add(seconds)).unwrap_or(self.until)
    }

    /// The bin of a time, and how much of it was over by then, from 0 to below 1; `None` outside.
    pub fn bin_of(&self, at: Timestamp) -> Option<(usize, f64)> {
        let length = self.bin.0.max(1);
        let since = u64::try_from(at.as_second() - self.from.as_second()).ok()?;
        let bin = usize::try_from(since / length).ok()?;
        (at < self.until).then_some((bin, (since % length) as f64 / length as f64))
    }
}

/// An issue of the incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadKnown {
    /// Id.
    pub id: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Title.
    pub title: Untrusted<String>,
    /// First event ever.
    pub first_seen: Timestamp,
    /// The release that its first event had.
    pub first_release: Option<Untrusted<String>>,
    /// Events since the rise.
    pub events: u64,
    /// Users since the rise.
    pub users: u64,
    /// Own frames of its latest crash, crash first.
    pub frames: Vec<Own>,
}

/// A frame of own code, in the form in which frames compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Place and function.
    pub frame: NormalFrame,
    /// The file, as it is most likely tracked.
    pub path: Option<String>,
}

impl Own {
    /// The own frames of a crash, crash first.
    pub fn frames(evidence: &Evidence) -> Vec<Self> {
        let text = |text: &Option<Untrusted<String>>| {
            text.as_ref().map(|text| text.as_raw_str().to_owned()).unwrap_or_default()
        };
        let own = evidence.in_app_frames().map(|frame| {
            let platform = Platform::of(frame.platform.as_ref().unwrap_or(&evidence.platform).as_raw_str());
            let (module, file) = (text(&frame.module), text(&frame.file));
            let raw = RawFrame { function: frame.function.as_raw_str(), module: &module, file: &file };
            let path = likely_path(&Traced { frame, platform, original: None });
            Self { frame: normal(platform, &raw), path }
        });
        own.collect()
    }
}

/// An issue that does not belong to the incident and had errors since the rise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Id.
    pub id: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Title.
    pub title: Untrusted<String>,
    /// Events since the rise.
    pub events: u64,
    /// Of the traces that were looked for, those in which it has errors.
    pub shared_traces: Vec<String>,
    /// Own frames of its latest crash.
    pub frames: Vec<Own>,
}

/// A release that several projects report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedRelease {
    /// Version.
    pub release: Untrusted<String>,
    /// Errors of it since the rise, by project.
    pub events: BTreeMap<ProjectSlug, u64>,
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// When it began, where that is known.
    pub began: Option<Timestamp>,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub by: Option<Untrusted<String>>,
    /// What.
    pub what: ChangedWhat,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedWhat {
    /// A release went out.
    Deploy(Deployed),
    /// A feature flag.
    Flag {
        /// Its name.
        flag: Untrusted<String>,
        /// `created`, `updated`, `deleted`.
        action: Untrusted<String>,
    },
    /// A setting of Sentry.
    Setting {
        /// What happened: `alertrule.edit`.
        event: Untrusted<String>,
        /// In words.
        note: Untrusted<String>,
    },
}

/// A release that went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// Version.
    pub release: Untrusted<String>,
    /// Where to, if it was deployed; a release without deploys was only made known.
    pub environment: Option<Untrusted<String>>,
    /// Projects.
    pub projects: Vec<ProjectSlug>,
    /// First lines of its commits.
    pub commits: Vec<Untrusted<String>>,
    /// Files that its commits changed; `None`: nobody told Sentry.
    pub files: Option<Vec<Untrusted<String>>>,
}

/// A trace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Id: 32 hex digits.
    pub id: String,
    /// Spans, parents before children.
    pub spans: Vec<Span>,
}

/// A span of a trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The span that it is part of, by its place among the spans.
    pub parent: Option<usize>,
    /// Project.
    pub project: ProjectSlug,
    /// The transaction that it is part of.
    pub transaction: Untrusted<String>,
    /// Operation: `db`, `http.client`.
    pub op: Untrusted<String>,
    /// What it did.
    pub description: Untrusted<String>,
    /// How it ended: `ok`.
    pub status: Untrusted<String>,
    /// Milliseconds.
    pub millis: f64,
    /// Whether it is the transaction itself.
    pub whole: Whole,
}

/// Whether a span is a whole transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// It is.
    Transaction,
    /// It is part of one.
    Part,
}

/// How often a tag has a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCount {
    /// Key.
    pub key: Untrusted<String>,
    /// Value.
    pub value: Untrusted<String>,
    /// Errors of the incident that have it, of all that have the key.
    pub failing: (u64, u64),
    /// The same of what they are compared with.
    pub usual: (u64, u64),
}

/// What the errors of an incident are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// Transactions of the same projects at the same time.
    Transactions,
    /// Transactions of the same projects in the whole window: since the rise there were too few.
    TransactionsOfWindow,
    /// Other errors at the same time.
    OtherErrors,
    /// There was nothing to compare them with.
    #[default]
    Nothing,
}

/// How often a flag was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagCount {
    /// Its name.
    pub flag: Untrusted<String>,
    /// Errors of the incident since the rise: with it on, with it off.
    pub failing: (u64, u64),
    /// Other errors since the same time.
    pub others: (u64, u64),
}

/// Where an error came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Address.
    pub address: IpAddr,
    /// Whom it was about.
    pub account: Option<Untrusted<String>>,
}
