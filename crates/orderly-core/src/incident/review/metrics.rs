//! How long things took, from the log alone.

use crate::incident::clock::{ClockPolicy, Standing, Task, duties};
use crate::incident::command::Role;
use crate::incident::entry::What;
use crate::incident::log::Log;
use crate::incident::state::{Incident, Phase};
use crate::time::{Now, Seconds, Timestamp};
use serde::Serialize;

/// How long things took. What did not happen is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metrics {
    /// First error, as far as is known.
    pub began_at: Timestamp,
    /// From the first error to the declaration, in seconds.
    pub to_detect: Seconds,
    /// From the declaration to a commander.
    pub to_acknowledge: Option<Seconds>,
    /// From the declaration to the first hypothesis that a contributing factor confirms.
    pub to_right_hypothesis: Option<Seconds>,
    /// From the first error to the mitigation that provably worked; before one did, to the first that was done.
    pub to_mitigate: Option<Seconds>,
    /// Whether that was measured.
    pub mitigation_measured: bool,
    /// From the first error to the end.
    pub to_resolve: Option<Seconds>,
    /// Updates that were given.
    pub updates: u32,
    /// Those of them that came too late.
    pub late: u32,
    /// By how much they were late at most.
    pub latest: Seconds,
}

impl Metrics {
    /// Of a log.
    pub(super) fn of(log: &Log, policy: &ClockPolicy) -> Self {
        let incident = log.incident();
        let began_at = incident.began_at();
        let declared = incident.declared_at();
        let lates: Vec<Seconds> = log
            .stages()
            .filter(|(_, entry)| matches!(entry.what, What::Informed { .. }))
            .map(|(before, entry)| lateness(&before, policy, entry.at))
            .collect();
        let whats = || log.entries().iter().map(|logged| &logged.entry);
        let commander = whats().find_map(|entry| match entry.what {
            What::Appointed { role: Role::Commander, .. } => Some(entry.at),
            _ => None,
        });
        let right = whats().filter_map(|entry| match entry.what {
            What::Learned { confirms: Some(entry), .. } => incident.hypothesis(entry),
            _ => None,
        });
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            began_at,
            to_detect: since(began_at, declared),
            to_acknowledge: commander.map(|at| since(declared, at)),
            to_right_hypothesis: right.min().map(|at| since(declared, at)),
            to_mitigate: incident.mitigated_at().map(|at| since(began_at, at)),
            mitigation_measured: incident.is_measured(),
            to_resolve: match incident.phase() {
                Phase::Open => None,
                Phase::Resolved { at } => Some(since(began_at, at)),
            },
            updates: count(lates.len()),
            late: count(lates.iter().filter(|late| late.0 > 0).count()),
            latest: lates.into_iter().max().unwrap_or(Seconds(0)),
        }
    }

    /// Name and value of each, in words.
    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let span = |span: Option<Seconds>| span.map_or_else(|| "did not happen".to_owned(), spoken);
        let Self { updates, late, latest, .. } = self;
        let measured = if self.mitigation_measured { " (its effect was measured)" } else { "" };
        let updates = match late {
            0 => format!("{updates}, none of them late"),
            _ => format!("{updates}, {late} of them late (at most {})", spoken(*latest)),
        };
        vec![
            ("First error", self.began_at.strftime("%F %T UTC").to_string()),
            ("To detect", spoken(self.to_detect)),
            ("To acknowledge", span(self.to_acknowledge)),
            ("To the first right hypothesis", span(self.to_right_hypothesis)),
            ("To mitigate", span(self.to_mitigate) + measured),
            ("To resolve", span(self.to_resolve)),
            ("Updates", updates),
        ]
    }
}

fn since(from: Timestamp, to: Timestamp) -> Seconds {
    Seconds(Now(to).seconds_since(from))
}

/// How late an update came, by what was due before it.
fn lateness(before: &Incident, policy: &ClockPolicy, at: Timestamp) -> Seconds {
    let telling = |task| matches!(task, Task::Notice | Task::Scope | Task::Update);
    duties(before, policy, Now(at))
        .into_iter()
        .filter_map(|duty| match duty.standing {
            Standing::Overdue { by } if telling(duty.task) => Some(by),
            _ => None,
        })
        .max()
        .unwrap_or(Seconds(0))
}

/// A span as people say it, in its two largest units.
pub(in crate::incident) fn spoken(span: Seconds) -> String {
    let (days, hours, minutes, seconds) =
        (span.0 / 86_400, span.0 / 3600 % 24, span.0 / 60 % 60, span.0 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {seconds} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
