//! A recording from the first alarm to the review. It is a function of the recording alone: no clock, no place, no order
//! of hashes has a say.

use super::compare::Compared;
use super::recording::Recording;
use super::watched::{Alarm, alarms};
use crate::answer::Looked;
use crate::diagnose::EventWords;
use crate::ids::Digest;
use crate::incident::audience::Audience;
use crate::incident::clock::{Standing, Task, duties};
use crate::incident::entry::{IncidentKey, What};
use crate::incident::review::Review;
use crate::incident::severity::{Severity, assess};
use crate::incident::state::Incident;
use crate::incident::view::{IncidentView, TimelineView};
use crate::investigate::{Findings, investigate};
use crate::scrub::Scrubber;
use crate::time::{Now, Timestamp};
use crate::watch::Raised;
use serde::Serialize;
use std::collections::BTreeSet;

/// Whoever plays a recording has its details before them.
const LISTENER: Audience = Audience::Restricted;
/// Characters of a title in an alarm.
const TITLE: usize = 120;

/// An incident, played.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replay {
    /// Which incident.
    pub incident: IncidentKey,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What its log ends with.
    pub digest: Digest,
    /// What happened, in the order in which it would have been heard of.
    pub steps: Vec<Step>,
    /// How it stood when it was recorded.
    pub state: IncidentView,
    /// Every entry as it is shown.
    pub timeline: Vec<TimelineView>,
    /// What was behind it.
    pub investigation: Looked<Findings>,
    /// What it took.
    pub review: Review,
    /// What the detectors would have said when, beside what people did.
    pub compared: Compared,
    /// What could not be looked at when it was recorded.
    pub unseen: Vec<String>,
    /// Everything that is told after the last step, as a page.
    #[serde(skip)]
    pub ending: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// When it would have been heard of.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: Played,
    /// How the incident stood then; `None`: it was not declared yet.
    pub state: Option<IncidentView>,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Played {
    /// A detector of the watch would have raised an alarm by now.
    Alarm {
        /// The alarm.
        alarm: Raised,
        /// For errors: so many of them in the hour were enough.
        at_least: Option<u64>,
        /// In words.
        text: String,
    },
    /// Somebody wrote something into the log.
    Entry {
        /// As it is shown. It may tell of something earlier.
        entry: TimelineView,
        /// What its numbers come to by the rules that were recorded, where that is something else.
        judged_otherwise: Option<Severity>,
    },
    /// Something should have been done by now.
    Overdue {
        /// What.
        task: Task,
        /// In words.
        text: String,
    },
}

/// Plays a recording.
pub fn play(recording: &Recording) -> Replay {
    let scrubber = Scrubber::built_in();
    let log = recording.log();
    let incident = log.incident();
    let (rules, now) = (recording.rules(), Now(recording.at()));
    let alarms = alarms(recording);
    let timeline = log.timeline(&scrubber, LISTENER);
    let investigation = match &recording.gathered().known {
        Looked::Saw(known) => Looked::Saw(investigate(known, &scrubber)),
        Looked::CouldNotLook(cause) => Looked::CouldNotLook(cause.clone()),
    };
    let evidence = &recording.gathered().evidence;
    let review = Review::of(log, evidence, &rules.clock, &scrubber, (now, LISTENER));
    let mut replay = Replay {
        incident: incident.key().clone(),
        recorded_at: recording.at(),
        digest: log.last().digest.clone(),
        steps: steps(recording, &alarms, &timeline, &scrubber),
        state: IncidentView::of(incident, &rules.clock, &scrubber, now),
        compared: Compared::of(recording, &alarms),
        unseen: recording.unseen(),
        timeline,
        investigation,
        review,
        ending: String::new(),
    };
    replay.ending = replay.ending(recording, &scrubber);
    replay
}

fn steps(
    recording: &Recording,
    alarms: &[Alarm],
    timeline: &[TimelineView],
    scrubber: &Scrubber,
) -> Vec<Step> {
    let mut steps: Vec<Step> = alarms.iter().map(|alarm| step_of(alarm, scrubber)).collect();
    let log = recording.log();
    let clock = &recording.rules().clock;
    let mut after: Vec<Incident> = log.stages().map(|(before, _)| before).collect();
    after.push(log.incident().clone());
    // What was told later is heard later, whenever it happened.
    let heard: Vec<Timestamp> = log
        .entries()
        .iter()
        .scan(Timestamp::MIN, |latest, logged| {
            *latest = logged.entry.at.max(*latest);
            Some(*latest)
        })
        .collect();
    let mut told = BTreeSet::new();
    for (number, (logged, incident)) in log.entries().iter().zip(&after).enumerate() {
        let at = heard[number];
        let judged_otherwise = match &logged.entry.what {
            What::Assessed { assessment } => {
                let again = assess(&assessment.facts, &recording.rules().severity).severity;
                (again != assessment.severity).then_some(again)
            }
            _ => None,
        };
        let state = |at| Some(IncidentView::of(incident, clock, scrubber, Now(at)));
        let entry = timeline.iter().find(|entry| entry.sequence == logged.sequence).cloned();
        steps.extend(entry.map(|entry| Step {
            at,
            what: Played::Entry { entry, judged_otherwise },
            state: state(at),
        }));
        // What became due before the next entry came.
        let next = heard.get(number + 1).copied().unwrap_or(recording.at());
        let overdue = duties(incident, clock, Now(next)).into_iter();
        for duty in overdue.filter(|duty| matches!(duty.standing, Standing::Overdue { .. })) {
            if told.insert((duty.task, duty.due)) {
                let at = duty.due.max(at);
                let what = Played::Overdue { task: duty.task, text: duty.task.to_string() };
                steps.push(Step { at, what, state: state(at) });
            }
        }
    }
    // Entries keep their order; an alarm of the same second comes before them, what became due after.
    steps.sort_by_key(|step| (step.at, step.what.rank()));
    let declared = heard.first().copied();
    let mut state: Option<IncidentView> = None;
    for step in &mut steps {
        match (&step.state, &step.what) {
            (Some(own), _) => state = Some(own.clone()),
            (None, Played::Alarm { .. }) if declared.is_some_and(|declared| step.at > declared) => {
                step.state.clone_from(&state);
            }
            (None, _) => {}
        }
    }
    steps
}

fn step_of(alarm: &Alarm, scrubber: &Scrubber) -> Step {
    let words = EventWords { scrubber, longest: TITLE };
    let Alarm { at, raised, at_least } = alarm;
    let from = at_least.map_or_else(String::new, |least| format!("; from {least} an hour on"));
    let text = format!("{}: {}{from}", raised.project, raised.words(&words));
    Step {
        at: *at,
        what: Played::Alarm { alarm: raised.clean(&words), at_least: *at_least, text },
        state: None,
    }
}

impl Played {
    const fn rank(&self) -> u8 {
        match self {
            Self::Alarm { .. } => 0,
            Self::Entry { .. } => 1,
            Self::Overdue { .. } => 2,
        }
    }
}
