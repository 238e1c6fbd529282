//! One run on the page.

use crate::ids::RunId;
use crate::time::{Now, Timestamp};
use jiff::civil;
use jiff::tz::TimeZone;

/// The two ways in which an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Orderly's own: UTC to the second, with the end of the lease.
    Own,
    /// The form that skills of coding agents share: local time to the minute, `/skill — slug`.
    Skill,
}

/// When a run began, as its entry says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An exact time.
    Exact(Timestamp),
    /// The clock on the wall of the machine that wrote it.
    Local(civil::DateTime),
}

impl Moment {
    /// `2026-11-21T12:30:00Z` or `2026-11-21 12:30`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(exact) = text.parse::<Timestamp>() {
            return Some(Self::Exact(exact));
        }
        civil::DateTime::strptime("%Y-%m-%d %H:%M", text).ok().map(Self::Local)
    }

    /// Whole seconds before `now`; 0 when it lies ahead, and when the local time never was.
    pub fn age(self, now: Now, zone: &TimeZone) -> u64 {
        let at = match self {
            Self::Exact(at) => Some(at),
            Self::Local(local) => zone.to_ambiguous_timestamp(local).compatible().ok(),
        };
        at.map_or(0, |at| now.seconds_since(at))
    }
}

/// How a run ended, as its entry tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// With these commits; none when there was nothing to commit.
    Completed(Vec<String>),
    /// Without, and why.
    Aborted(String),
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// At work, or dead without a word.
    Started,
    /// Over.
    Ended(RunEnd),
    /// Words that no known status is spelled with.
    Other(String),
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it began; `None` when that cannot be read.
    pub began: Option<Moment>,
    /// `orderly fix — 20261121T123000Z-ab12cd` or `/skill — slug`.
    pub title: String,
    /// Where the run came from.
    pub source: String,
    /// Declared paths.
    pub paths: Vec<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// Until when it holds its paths; only runs of Orderly say so.
    pub lease: Option<Timestamp>,
    /// The text it was read from; what nobody changes is written back as it was.
    pub(super) raw: Option<String>,
}

impl Entry {
    /// An entry of a run of Orderly that begins.
    pub fn starting(
        run: &RunId,
        issues: &[String],
        paths: Vec<String>,
        began: Now,
        lease: Timestamp,
    ) -> Self {
        Self {
            began: Some(Moment::Exact(began.0)),
            title: own_title(run),
            source: format!("Sentry {}", issues.join(", ")),
            paths,
            status: RunStatus::Started,
            lease: Some(lease),
            raw: None,
        }
    }

    /// Whether it is the entry of a run.
    pub fn is_of(&self, run: &RunId) -> bool {
        self.title.ends_with(run.as_str())
    }

    /// The run of Orderly that it is of.
    pub fn run(&self) -> Option<RunId> {
        let titles = ["orderly fix — ", "/orderly-fix — "];
        titles.iter().find_map(|title| self.title.strip_prefix(title)).map(RunId::new)
    }

    /// The entry as lines.
    pub(super) fn render(&self, form: Form, zone: &TimeZone) -> String {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let began = match (self.began, form) {
            (Some(Moment::Exact(at)), Form::Own) => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            (Some(Moment::Exact(at)), Form::Skill) => {
                at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
            }
            (Some(Moment::Local(at)), _) => at.strftime("%Y-%m-%d %H:%M").to_string(),
            (None, _) => "?".to_owned(),
        };
        let title = match form {
            Form::Own => self.title.clone(),
            Form::Skill => self.title.replacen("orderly fix — ", "/orderly-fix — ", 1),
        };
        let paths: Vec<String> = self.paths.iter().map(|path| format!("`{path}`")).collect();
        let mut text = format!(
            "- **[{began}] {title}**\n  - **Source:** {}\n  - **Paths:** {}\n  - **Status:** {}\n",
            self.source,
            paths.join(", "),
            self.status.words(),
        );
        if let (Some(lease), RunStatus::Started) = (self.lease, &self.status) {
            text.push_str(&format!("  - **Lease:** until {}\n", lease.strftime("%Y-%m-%dT%H:%M:%SZ")));
        }
        text
    }

    /// Reads an entry from its lines; `None` when they are no entry.
    pub(super) fn parse(block: &str) -> Option<Self> {
        let mut lines = block.lines();
        let head = lines.next()?.strip_prefix("- **[")?;
        let (began, title) = head.split_once(']')?;
        let title = title.trim().trim_end_matches("**").trim().to_owned();
        let mut entry = Self {
            began: Moment::parse(began),
            title,
            source: String::new(),
            paths: Vec::new(),
            status: RunStatus::Other(String::new()),
            lease: None,
            raw: Some(block.to_owned()),
        };
        for line in lines {
            let Some((name, value)) = field(line) else { continue };
            match name {
                "source" => entry.source = value.to_owned(),
                "paths" => entry.paths = listed(value),
                "status" => entry.status = RunStatus::parse(value),
                "lease" => entry.lease = value.trim_start_matches("until").trim().parse().ok(),
                _ => {}
            }
        }
        Some(entry)
    }
}

fn own_title(run: &RunId) -> String {
    format!("orderly fix — {run}")
}

/// `  - **Name:** value`
fn field(line: &str) -> Option<(&'static str, &str)> {
    let rest = line.trim_start().strip_prefix("- **")?;
    let (name, value) = rest.split_once(":**")?;
    let known = ["source", "paths", "status", "lease"];
    known.into_iter().find(|known| name.eq_ignore_ascii_case(known)).map(|known| (known, value.trim()))
}

/// Paths in code spans; without any, whatever commas separate.
fn listed(value: &str) -> Vec<String> {
    let spans: Vec<String> = value.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let all = if spans.is_empty() { value.split(',').map(|p| p.trim().to_owned()).collect() } else { spans };
    all.into_iter().filter(|path| !path.is_empty()).collect()
}

impl RunStatus {
    fn parse(text: &str) -> Self {
        let inside = |word: &str| -> Option<String> {
            let rest = text.strip_prefix(word)?.trim();
            Some(rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')).unwrap_or(rest).trim().to_owned())
        };
        if text.starts_with("started") {
            return Self::Started;
        }
        if let Some(commits) = inside("completed") {
            let commits = commits.trim_start_matches("commits:").trim_start_matches("commit:");
            let commits = commits.split(',').map(|c| c.trim().to_owned()).filter(|c| !c.is_empty());
            return Self::Ended(RunEnd::Completed(commits.collect()));
        }
        if let Some(reason) = inside("aborted") {
            return Self::Ended(RunEnd::Aborted(reason));
        }
        Self::Other(text.to_owned())
    }

    fn words(&self) -> String {
        match self {
            Self::Started => "started".to_owned(),
            Self::Ended(RunEnd::Completed(commits)) if commits.is_empty() => "completed".to_owned(),
            Self::Ended(RunEnd::Completed(commits)) => {
                let word = if commits.len() == 1 { "commit" } else { "commits" };
                format!("completed ({word}: {})", commits.join(", "))
            }
            Self::Ended(RunEnd::Aborted(reason)) => format!("aborted ({reason})"),
            Self::Other(words) => words.clone(),
        }
    }
}
