//! What the detectors would have said when, beside what people did when.

use super::recording::Recording;
use super::watched::Alarm;
use crate::answer::Looked;
use crate::incident::clock::{Standing, duties};
use crate::incident::command::Role;
use crate::incident::entry::{NoteKind, What};
use crate::incident::review::{compared, spoken};
use crate::time::{Now, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

/// Detectors and people beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What came first of each kind, in the order of time.
    pub moments: Vec<Moment>,
    /// What that comes to, in sentences.
    pub text: Vec<String>,
}

/// A moment of an incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Moment {
    /// When; of an alarm, at the latest.
    pub at: Timestamp,
    /// Whose.
    pub side: Side,
    /// In words.
    pub text: String,
}

/// Whose moment it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A detector's.
    Detectors,
    /// A person's.
    People,
}

impl Compared {
    /// Of a recording, and the alarms of its time.
    pub(super) fn of(recording: &Recording, alarms: &[Alarm]) -> Self {
        let mut firsts = BTreeSet::new();
        let mut moments: Vec<Moment> = alarms
            .iter()
            .filter(|alarm| firsts.insert((&alarm.raised.project, alarm.raised.detector.word())))
            .map(|alarm| {
                let text = format!("{} of {}", alarm.raised.detector.word(), alarm.raised.project);
                Moment { at: alarm.at, side: Side::Detectors, text }
            })
            .collect();
        let text = sentences(recording, moments.first());
        moments.extend(people(recording));
        moments.sort();
        Self { moments, text }
    }
}

/// What people did for the first time.
fn people(recording: &Recording) -> Vec<Moment> {
    let mut firsts = BTreeSet::new();
    let moment =
        |(at, text): (Timestamp, &'static str)| Moment { at, side: Side::People, text: text.to_owned() };
    let entries = recording.log.entries().iter().map(|logged| &logged.entry);
    entries
        .filter_map(|entry| {
            let text = match &entry.what {
                What::Declared { .. } => "declared",
                What::Appointed { role: Role::Commander, .. } => "a commander",
                What::Informed { .. } => "people told",
                What::Noted { kind: NoteKind::Hypothesis, .. } => "the first hypothesis",
                What::Mitigated { .. } => "a mitigation",
                What::Mitigation { step } if step.done().is_some() => "a mitigation",
                What::Resolved { .. } => "resolved",
                _ => return None,
            };
            firsts.insert(text).then_some((entry.at, text))
        })
        .map(moment)
        .collect()
}

fn sentences(recording: &Recording, first: Option<&Moment>) -> Vec<String> {
    let incident = recording.log.incident();
    let mut text = vec![match (&recording.gathered.watched, first) {
        (Looked::CouldNotLook(cause), _) => format!("Nobody can say which alarm was possible: {cause}."),
        (Looked::Saw(_), None) => "No detector would have raised an alarm in its time.".to_owned(),
        (Looked::Saw(_), Some(first)) => format!(
            "The first alarm, {}, was possible by {}: {}.",
            first.text,
            first.at.strftime("%F %R UTC"),
            compared(first.at, incident.declared_at()),
        ),
    }];
    let late: Vec<String> = duties(incident, &recording.rules.clock, Now(recording.at))
        .into_iter()
        .filter_map(|duty| match duty.standing {
            Standing::Done { late, .. } if late.0 > 0 => {
                Some(format!("{} ({} late)", duty.task, spoken(late)))
            }
            Standing::Missed => Some(format!("{} (never)", duty.task)),
            Standing::Overdue { by } => Some(format!("{} (overdue by {})", duty.task, spoken(by))),
            Standing::Done { .. } | Standing::Due { .. } => None,
        })
        .collect();
    text.push(if late.is_empty() {
        "Everything that was due was done in time.".to_owned()
    } else {
        format!("Not in time: {}.", late.join("; "))
    });
    text.iter().map(|line| crate::encode::one_line(line)).collect()
}
