//! The table and the numbers as people and scripts see them: scrubbed, without control characters. Every surface shows
//! this and computes nothing of its own.

use super::stats::{Named, Stats};
use super::table::{Hidden, Repair, Row, Table, Totals};
use crate::answer::Cause;
use crate::diagnose::{Diagnosis, EventWords, Said, diagnose};
use crate::encode::terminal;
use crate::ids::{Digest, IssueId, ProjectSlug, ShortId};
use crate::noise::Rule;
use crate::rank::Score;
use crate::scrub::Scrubber;
use crate::sync::snapshot::{FrameOrigin, Level};
use crate::time::{Seconds, Timestamp};
use serde::Serialize;

/// Characters of a title.
const TITLE: usize = 120;
/// Frames of a trace that are shown.
const FRAMES: usize = 30;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableView {
    /// Version of this form.
    pub version: u32,
    /// What a choice can be tied to.
    pub digest: Digest,
    /// When it was made.
    pub made_at: Timestamp,
    /// Organization.
    pub org: String,
    /// How far back counts go, in seconds.
    pub window: Seconds,
    /// Sums.
    pub totals: Totals,
    /// What is shown.
    pub rows: Vec<RowView>,
    /// What is not.
    pub hidden: Vec<HiddenView>,
    /// What could not be looked at.
    pub gaps: Vec<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowView {
    /// Number, from 1.
    pub number: u32,
    /// Id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Severity.
    pub level: Level,
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
    /// First event ever.
    pub first_seen: Timestamp,
    /// Last event.
    pub last_seen: Timestamp,
    /// Platform.
    pub platform: Option<String>,
    /// Title.
    pub title: String,
    /// Rebuilt permalink.
    pub permalink: String,
    /// How much it weighs, and why.
    pub score: Score,
    /// The rule that would hide it, were there not so many events or users.
    pub guarded: Option<String>,
    /// Why it is left to a person, if it is.
    pub left_to_a_person: Option<String>,
    /// Numbers of rows that may be the same mistake.
    pub related: Vec<u32>,
    /// What is probably wrong: one line a sentence, each with its evidence; empty without a closer look.
    pub diagnosis: Vec<String>,
    /// The trace, crash frame first, with the source lines that the event has.
    #[serde(skip)]
    pub trace: Vec<FrameView>,
}

/// A frame of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// `charge in app/pay.py:12`.
    pub place: String,
    /// Whose code it is.
    pub origin: FrameOrigin,
    /// Source lines with their numbers.
    pub source: Vec<(u32, String)>,
    /// The line of the position.
    pub line: Option<u32>,
}

/// What is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HiddenView {
    /// Id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
    /// The rule.
    pub rule: Rule,
    /// What it saw.
    pub because: String,
}

/// What a name has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedView {
    /// The name.
    pub name: String,
    /// Issues.
    pub issues: u64,
    /// Events.
    pub events: u64,
}

impl Table {
    /// As people see it.
    pub fn view(&self, scrubber: &Scrubber) -> TableView {
        let see = See { scrubber };
        TableView {
            version: self.version,
            digest: self.digest(),
            made_at: self.made_at,
            org: self.site.org.to_string(),
            window: self.window,
            totals: self.totals.clone(),
            rows: self.rows.iter().map(|row| see.row(row)).collect(),
            hidden: self.hidden.iter().map(|hidden| see.hidden(hidden)).collect(),
            gaps: self.gaps.iter().map(|gap| gap_words(&gap.what, gap.cause.as_ref())).collect(),
        }
    }
}

impl Stats {
    /// Names as people see them: scrubbed, but with the hashes that releases are named by.
    pub fn names(named: &[Named], scrubber: &Scrubber) -> Vec<NamedView> {
        let see = See { scrubber };
        let view =
            |n: &Named| NamedView { name: see.words().version(&n.name), issues: n.issues, events: n.events };
        named.iter().map(view).collect()
    }
}

fn gap_words(what: &str, cause: Option<&Cause>) -> String {
    match cause {
        Some(cause) => format!("{what} {}", terminal::visible(&cause.to_string())),
        None => what.to_owned(),
    }
}

struct See<'a> {
    scrubber: &'a Scrubber,
}

impl See<'_> {
    const fn words(&self) -> EventWords<'_> {
        EventWords { scrubber: self.scrubber, longest: TITLE }
    }

    fn said(&self, says: &[Said]) -> String {
        let piece = |said: &Said| match said {
            Said::Words(words) => words.clone(),
            Said::Event(text) => self.words().version(text),
        };
        says.iter().map(piece).collect()
    }

    fn row(&self, row: &Row) -> RowView {
        let issue = &row.issue;
        let diagnosis = row.evidence.as_ref().map(diagnose);
        RowView {
            number: issue.number,
            id: issue.id,
            short_id: issue.short_id.clone(),
            project: issue.project.clone(),
            level: issue.level,
            events: issue.events,
            users: issue.users,
            first_seen: issue.first_seen,
            last_seen: issue.last_seen,
            platform: issue.platform.as_ref().map(|platform| self.words().of(platform)),
            title: self.words().of(&issue.title),
            permalink: issue.permalink.clone(),
            score: row.score.clone(),
            guarded: row.guarded.as_ref().map(|n| format!("{}: {}", n.rule, self.said(&n.because))),
            left_to_a_person: match &row.repair {
                Repair::Anyone => None,
                Repair::Person { reason } => Some(reason.clone()),
            },
            related: row.related.clone(),
            diagnosis: diagnosis.as_ref().map(|d| self.sentences(d)).unwrap_or_default(),
            trace: self.trace(row),
        }
    }

    fn sentences(&self, diagnosis: &Diagnosis) -> Vec<String> {
        diagnosis.bullets.iter().map(|bullet| bullet.line(self.scrubber)).collect()
    }

    fn trace(&self, row: &Row) -> Vec<FrameView> {
        let chain = row.evidence.iter().flat_map(|evidence| evidence.exceptions.iter().rev());
        let Some(frames) = chain.map(|e| &e.frames).find(|frames| !frames.is_empty()) else {
            return Vec::new();
        };
        let words = self.words();
        let view = |frame: &crate::diagnose::Frame| FrameView {
            place: words.place(frame),
            origin: frame.origin,
            source: frame.context.iter().map(|source| (source.line, words.code(&source.text))).collect(),
            line: frame.position.map(|position| position.line),
        };
        frames.iter().take(FRAMES).map(view).collect()
    }

    fn hidden(&self, hidden: &Hidden) -> HiddenView {
        HiddenView {
            id: hidden.id,
            short_id: hidden.short_id.clone(),
            project: hidden.project.clone(),
            events: hidden.events,
            users: hidden.users,
            rule: hidden.rule,
            because: self.said(&hidden.because),
        }
    }
}
