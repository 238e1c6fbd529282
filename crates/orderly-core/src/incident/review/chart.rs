//! The rate of errors with what happened meanwhile, as numbers and as a drawing.

use super::inputs::{ChangeKind, Evidence, Series};
use crate::encode::html::escaped;
use crate::encode::one_line;
use crate::incident::entry::What;
use crate::incident::log::Log;
use crate::incident::mitigation::Step;
use crate::incident::state::Phase;
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::Serialize;
use std::fmt::Write as _;

const HOUR: i64 = 3600;
/// Hours that are shown before the first error and after the end.
const AROUND: (i64, i64) = (12, 3);
/// Longest text beside a mark.
const TEXT: usize = 120;

/// The drawing, in its own units.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 320.0;
/// Room at the left for numbers, at the top for the marks, at the right, and at the bottom for the hours.
const ROOM: (f64, f64, f64, f64) = (56.0, 30.0, 12.0, 26.0);
/// Lines of the grid, and labels of the hours, at most.
const GRID: u64 = 4;
const LABELS: i64 = 9;

/// The rate of errors by hour, and what happened meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// Errors by hour.
    pub series: Vec<Series>,
    /// What happened, in the order of time.
    pub marks: Vec<Mark>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What sort of thing.
    pub kind: MarkKind,
    /// What, in words.
    pub text: String,
}

/// What is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A release went out.
    Deploy,
    /// A flag was switched.
    Flag,
    /// The first error, as far as is known.
    Began,
    /// A watch would have raised an alarm by then.
    Alarm,
    /// It was declared.
    Declared,
    /// Something was done to end the impact.
    Mitigated,
    /// It was over.
    Resolved,
}

impl MarkKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Flag => "flag",
            Self::Began => "began",
            Self::Alarm => "alarm",
            Self::Declared => "declared",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
        }
    }
}

impl Chart {
    /// What is shown of an incident.
    pub(super) fn of(log: &Log, evidence: &Evidence, began_at: Timestamp, scrubber: &Scrubber) -> Self {
        let ends = match log.incident().phase() {
            Phase::Resolved { at } => at,
            Phase::Open => log.entries().iter().map(|logged| logged.entry.at).max().unwrap_or(began_at),
        };
        let from = began_at.as_second() - AROUND.0 * HOUR;
        let until = ends.as_second() + AROUND.1 * HOUR;
        let series = evidence.series.iter().filter_map(|series| clipped(series, from, until)).collect();
        let mut marks = marks(log, evidence, began_at, scrubber);
        marks.retain(|mark| (from..=until).contains(&mark.at.as_second()));
        marks.sort();
        marks.dedup();
        Self { series, marks }
    }

    /// The drawing; `None` when nothing was counted.
    pub(super) fn svg(&self) -> Option<String> {
        let begins = self.series.iter().map(|series| series.begins.as_second()).min()?;
        let ends = self.series.iter().map(|series| series.begins.as_second() + hours(series) * HOUR).max()?;
        let most = self.series.iter().flat_map(|series| &series.errors).copied().max().unwrap_or(0).max(1);
        let frame = Frame { begins, ends, most };
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Errors an hour, {} to {} UTC\">\n",
            minute(begins),
            minute(ends)
        );
        frame.grid(&mut svg);
        for (at, series) in self.series.iter().enumerate() {
            let title = escaped(series.project.as_str());
            let line = frame.line(series);
            let _ = writeln!(svg, "<path class=\"s s{}\" d=\"{line}\"><title>{title}</title></path>", at % 5);
        }
        for (number, mark) in (1..).zip(&self.marks) {
            let x = frame.x(mark.at.as_second());
            let (kind, text) = (mark.kind.word(), escaped(&mark.text));
            let (top, bottom) = (ROOM.1, HEIGHT - ROOM.3);
            let _ = writeln!(
                svg,
                "<g class=\"m {kind}\"><title>{text}</title><line x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\">{number}</text></g>",
                // Neighbours stand on two lines.
                top - if number % 2 == 0 { 4.0 } else { 16.0 },
            );
        }
        svg.push_str("</svg>\n");
        Some(svg)
    }
}

/// From time and count to a place.
struct Frame {
    begins: i64,
    ends: i64,
    most: u64,
}

impl Frame {
    fn x(&self, second: i64) -> f64 {
        let of = (self.ends - self.begins).max(1) as f64;
        let width = WIDTH - ROOM.0 - ROOM.2;
        ROOM.0 + width * ((second - self.begins) as f64 / of).clamp(0.0, 1.0)
    }

    fn y(&self, count: u64) -> f64 {
        let height = HEIGHT - ROOM.1 - ROOM.3;
        HEIGHT - ROOM.3 - height * count as f64 / self.most as f64
    }

    /// A series as a line of steps.
    fn line(&self, series: &Series) -> String {
        let begins = series.begins.as_second();
        let mut line = String::new();
        for (hour, count) in (0..).zip(&series.errors) {
            let (from, to) = (self.x(begins + hour * HOUR), self.x(begins + (hour + 1) * HOUR));
            let (move_or_line, y) = (if hour == 0 { 'M' } else { 'L' }, self.y(*count));
            let _ = write!(line, "{move_or_line}{from:.1} {y:.1}L{to:.1} {y:.1}");
        }
        line
    }

    fn grid(&self, svg: &mut String) {
        let steps = GRID.min(self.most);
        for step in 0..=steps {
            let count = self.most * step / steps;
            let (y, right) = (self.y(count), WIDTH - ROOM.2);
            let _ = writeln!(
                svg,
                "<line class=\"g\" x1=\"{}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/><text class=\"n\" x=\"{}\" y=\"{:.1}\">{count}</text>",
                ROOM.0,
                ROOM.0 - 6.0,
                y + 4.0,
            );
        }
        let every = (((self.ends - self.begins) / HOUR).max(1) as u64).div_ceil(LABELS as u64) as i64 * HOUR;
        let mut second = self.begins;
        while second <= self.ends {
            let (x, y) = (self.x(second), HEIGHT - 8.0);
            let _ = writeln!(svg, "<text class=\"h\" x=\"{x:.1}\" y=\"{y}\">{}</text>", clock(second));
            second += every;
        }
    }
}

fn marks(log: &Log, evidence: &Evidence, began_at: Timestamp, scrubber: &Scrubber) -> Vec<Mark> {
    let said = |text: &Untrusted<String>| one_line(scrubber.scrub(text).capped(TEXT).as_str());
    let mut marks = vec![Mark { at: began_at, kind: MarkKind::Began, text: "first error".to_owned() }];
    marks.extend(evidence.changes.iter().map(|change| {
        let kind = match change.kind {
            ChangeKind::Deploy => MarkKind::Deploy,
            ChangeKind::Flag => MarkKind::Flag,
        };
        Mark { at: change.at, kind, text: change.words(scrubber) }
    }));
    let first =
        evidence.alarms.iter().filter_map(|test| Some((test.fires?.by, test))).min_by_key(|(by, _)| *by);
    marks.extend(first.map(|(at, test)| {
        let text = format!("{} of {} would have been raised", test.detector, test.project);
        Mark { at, kind: MarkKind::Alarm, text }
    }));
    marks.extend(log.entries().iter().filter_map(|logged| {
        let (kind, text) = match &logged.entry.what {
            What::Declared { .. } => (MarkKind::Declared, "declared".to_owned()),
            What::Mitigated { how } => (MarkKind::Mitigated, format!("mitigation: {}", said(how))),
            What::Mitigation { step } => (MarkKind::Mitigated, done(step, log, scrubber)?),
            What::Resolved { how } => (MarkKind::Resolved, format!("resolved: {}", said(how))),
            _ => return None,
        };
        Some(Mark { at: logged.entry.at, kind, text })
    }));
    marks
}

/// The name of an option that a step says is done.
fn done(step: &Step, log: &Log, scrubber: &Scrubber) -> Option<String> {
    let number = step.done()?;
    let trial = log.incident().trials().iter().find(|trial| trial.number == number)?;
    let name = Untrusted::from(trial.intent.option.as_str());
    Some(format!("mitigation: {}", one_line(scrubber.scrub(&name).capped(TEXT).as_str())))
}

/// The hours of a series that lie within these seconds.
fn clipped(series: &Series, from: i64, until: i64) -> Option<Series> {
    let begins = |hour: i64| series.begins.as_second() + hour * HOUR;
    let mut inside = (0..hours(series)).filter(|hour| begins(*hour) + HOUR > from && begins(*hour) <= until);
    let (first, last) = (inside.clone().next()?, inside.next_back()?);
    let range = usize::try_from(first).ok()?..=usize::try_from(last).ok()?;
    Some(Series {
        project: series.project.clone(),
        begins: Timestamp::from_second(begins(first)).ok()?,
        errors: series.errors.get(range)?.to_vec(),
    })
}

fn hours(series: &Series) -> i64 {
    i64::try_from(series.errors.len()).unwrap_or(i64::MAX)
}

fn minute(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| String::new(), |at| at.strftime("%F %R").to_string())
}

fn clock(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| String::new(), |at| at.strftime("%R").to_string())
}
