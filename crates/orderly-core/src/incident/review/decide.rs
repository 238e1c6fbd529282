//! The review: what the log and the evidence come to, and what is still missing from it.

use super::chart::Chart;
use super::inputs::{BackTest, Change, ChangeKind, Evidence, Fired};
use super::metrics::{Metrics, spoken};
use crate::encode::one_line;
use crate::incident::action::Filing;
use crate::incident::audience::Audience;
use crate::incident::clock::ClockPolicy;
use crate::incident::draft::reach;
use crate::incident::entry::{Author, Lesson, What};
use crate::incident::log::Log;
use crate::incident::mitigation::{TrialView, Verdict};
use crate::incident::severity::Severity;
use crate::incident::state::{Incident, Phase};
use crate::scrub::Scrubber;
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::Serialize;

/// A change this long before the first error is worth a look.
const SHORTLY: u64 = 2 * 3600;
/// Patterns that are shown.
const MOST_PATTERNS: usize = 10;
/// Characters of a name.
const NAME: usize = 120;

/// A review: scrubbed, without control characters. Every surface shows this.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Review {
    /// `INC-7`.
    pub id: String,
    /// What it was called.
    pub title: String,
    /// How bad it was at its worst.
    pub worst: Severity,
    /// How long things took.
    pub metrics: Metrics,
    /// How far it reached.
    pub impact: Vec<String>,
    /// Which errors there were, the most frequent first.
    pub patterns: Vec<PatternView>,
    /// What was changed shortly before the first error.
    pub changed_before: Vec<String>,
    /// What was tried to end it, each with its measured effect.
    pub tried: Vec<String>,
    /// What contributed to it; more than one thing as a rule.
    pub factors: Vec<String>,
    /// Which alarms would have been raised.
    pub detection: Vec<DetectionView>,
    /// What was seen late or not at all, and what would have shown it.
    pub gaps: Vec<String>,
    /// What went well.
    pub went_well: Vec<String>,
    /// What is to be done.
    pub actions: Vec<ActionView>,
    /// What is missing from the review.
    pub missing: Vec<Missing>,
    /// What could not be looked at for it.
    pub unseen: Vec<String>,
    /// The rate of errors with what happened meanwhile.
    pub chart: Chart,
    /// Whom it is for: of a restricted incident everybody hears only how bad it was and how long things took.
    pub audience: Audience,
}

/// Errors that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PatternView {
    /// Type of the error.
    pub kind: String,
    /// Where it happened.
    pub transaction: String,
    /// In which release.
    pub release: String,
    /// How often.
    pub events: u64,
    /// How many users met it.
    pub users: u64,
}

/// An alarm that would have been raised, or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetectionView {
    /// The alarm.
    #[serde(flatten)]
    pub test: BackTest,
    /// In words.
    pub text: String,
}

/// Something that is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionView {
    /// Number, from 1.
    pub number: u32,
    /// What.
    pub text: String,
    /// Who does it.
    pub owner: String,
    /// Until when.
    pub due: Timestamp,
    /// How somebody else can tell that it is done.
    pub verify: String,
    /// Its item in the tracker.
    pub item: Option<String>,
    /// What shows that it is done.
    pub evidence: Option<String>,
    /// How long it has been open, or was.
    pub age: Seconds,
    /// How long it has been overdue.
    pub overdue: Option<Seconds>,
}

/// What is missing from a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It goes on.
    Resolution,
    /// Whether what was tried worked.
    Effect,
    /// Nothing has one cause.
    Factors,
    /// Which hypothesis was right.
    Hypothesis,
    /// Whether it could have been seen earlier.
    Gaps,
    /// What went well.
    WentWell,
    /// Something to be done.
    Actions,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Resolution => "it is not resolved",
            Self::Effect => "whether what was tried worked: `orderly incident effect` measures it",
            Self::Factors => "contributing factors: name at least two",
            Self::Hypothesis => "which hypothesis was right: a factor that --confirms its entry",
            Self::Gaps => "what was seen late, and what would have shown it",
            Self::WentWell => "what went well",
            Self::Actions => "actions, each with owner, due date and how it is verified",
        })
    }
}

impl Review {
    /// The review of an incident as its log and the evidence tell it by `now`, for this audience.
    pub fn of(
        log: &Log,
        evidence: &Evidence,
        policy: &ClockPolicy,
        scrubber: &Scrubber,
        (now, listener): (Now, Audience),
    ) -> Self {
        let whole = Self { audience: listener, ..Self::whole(log, evidence, policy, scrubber, now) };
        if log.incident().audience().tells_details_to(listener) {
            return whole;
        }
        Self {
            id: whole.id,
            title: Audience::WITHHELD.to_owned(),
            worst: whole.worst,
            metrics: whole.metrics,
            impact: Vec::new(),
            patterns: Vec::new(),
            changed_before: Vec::new(),
            tried: Vec::new(),
            factors: Vec::new(),
            detection: Vec::new(),
            gaps: Vec::new(),
            went_well: Vec::new(),
            actions: Vec::new(),
            missing: whole.missing,
            unseen: Vec::new(),
            chart: Chart { series: Vec::new(), marks: Vec::new() },
            audience: listener,
        }
    }

    fn whole(log: &Log, evidence: &Evidence, policy: &ClockPolicy, scrubber: &Scrubber, now: Now) -> Self {
        let incident = log.incident();
        let text = |text: &Untrusted<String>| one_line(scrubber.scrub(text).as_str());
        let lessons = |wanted: Lesson| -> Vec<String> {
            let told = log.entries().iter().filter_map(|logged| match &logged.entry.what {
                What::Learned { lesson, text, .. } if *lesson == wanted => Some(text),
                _ => None,
            });
            told.map(text).collect()
        };
        let metrics = Metrics::of(log, policy);
        let detection: Vec<DetectionView> =
            evidence.alarms.iter().map(|test| detection(test, incident.declared_at())).collect();
        let mut gaps: Vec<String> = gap(&detection, incident.declared_at()).into_iter().collect();
        gaps.extend(lessons(Lesson::Gap));
        let mut review = Self {
            id: incident.key().to_string(),
            title: one_line(scrubber.scrub(incident.title()).capped(NAME).as_str()),
            worst: log
                .stages()
                .map(|(before, _)| before.severity())
                .chain([incident.severity()])
                .max()
                .unwrap_or(Severity::Sev4),
            impact: impact(log, evidence),
            patterns: patterns(evidence, scrubber),
            changed_before: changed_before(&evidence.changes, metrics.began_at, scrubber),
            tried: TrialView::all(incident, scrubber).into_iter().map(|trial| trial.text).collect(),
            factors: lessons(Lesson::Factor),
            detection,
            gaps,
            went_well: lessons(Lesson::WentWell),
            actions: ActionView::all(incident, scrubber, now),
            missing: Vec::new(),
            unseen: evidence
                .unseen
                .iter()
                .map(|(what, cause)| one_line(&format!("{what}: {cause}")))
                .collect(),
            chart: Chart::of(log, evidence, metrics.began_at, scrubber),
            metrics,
            audience: Audience::Restricted,
        };
        let supposed = log.entries().iter().any(|logged| incident.hypothesis(logged.sequence).is_some());
        review.missing = [
            (incident.phase() == Phase::Open, Missing::Resolution),
            (unmeasured(incident), Missing::Effect),
            (review.factors.len() < 2, Missing::Factors),
            (supposed && review.metrics.to_right_hypothesis.is_none(), Missing::Hypothesis),
            (review.gaps.is_empty(), Missing::Gaps),
            (review.went_well.is_empty(), Missing::WentWell),
            (review.actions.is_empty(), Missing::Actions),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect();
        review
    }
}

impl ActionView {
    /// The actions of an incident.
    pub fn all(incident: &Incident, scrubber: &Scrubber, now: Now) -> Vec<Self> {
        let text = |text: &Untrusted<String>| one_line(scrubber.scrub(text).as_str());
        let view = |(number, planned): (u32, &crate::incident::Planned)| {
            let end = planned.closed.as_ref().map_or(now.0, |(at, _)| *at);
            let overdue = now.seconds_since(planned.action.due);
            Self {
                number,
                text: text(&planned.action.text),
                owner: one_line(&planned.action.owner.called()),
                due: planned.action.due,
                verify: text(&planned.action.verify),
                item: match &planned.filing {
                    Some(Filing::Filed(item)) => Some(one_line(item.key.as_str())),
                    Some(Filing::Intended(_)) | None => None,
                },
                evidence: planned.closed.as_ref().map(|(_, evidence)| text(evidence)),
                age: Seconds(Now(end).seconds_since(planned.at)),
                overdue: (planned.closed.is_none() && overdue > 0).then_some(Seconds(overdue)),
            }
        };
        (1..).zip(incident.actions()).map(view).collect()
    }

    /// How it stands, in words.
    pub fn state(&self) -> String {
        match (&self.evidence, self.overdue) {
            (Some(evidence), _) => format!("done: {evidence}"),
            (None, Some(by)) => format!("overdue for {}", spoken(by)),
            (None, None) => "open".to_owned(),
        }
    }
}

/// The numbers with most users, and all errors that were counted.
fn impact(log: &Log, evidence: &Evidence) -> Vec<String> {
    let counted =
        log.entries().iter().filter_map(|logged| match (&logged.entry.what, &logged.entry.author) {
            (What::Assessed { assessment }, Author::Orderly) => Some(&assessment.facts),
            _ => None,
        });
    let worst = counted.max_by_key(|facts| (facts.users, facts.events)).map(reach);
    let all: u64 = evidence.patterns.iter().map(|pattern| pattern.events).sum();
    let errors = (all > 0).then(|| format!("{all} errors of its issues from beginning to end"));
    worst.into_iter().chain(errors).collect()
}

fn patterns(evidence: &Evidence, scrubber: &Scrubber) -> Vec<PatternView> {
    let name = |text: &Untrusted<String>| one_line(scrubber.scrub(text).capped(NAME).as_str());
    let view = |pattern: &super::Pattern| PatternView {
        kind: name(&pattern.kind),
        transaction: name(&pattern.transaction),
        release: one_line(scrubber.scrub_version(&pattern.release).capped(NAME).as_str()),
        events: pattern.events,
        users: pattern.users,
    };
    evidence.patterns.iter().take(MOST_PATTERNS).map(view).collect()
}

/// Whether something is in force whose effect nobody could tell, and nothing provably worked since.
fn unmeasured(incident: &Incident) -> bool {
    let open = incident.trials().iter().filter(|trial| trial.in_force_since().is_some());
    !incident.is_measured() && open.into_iter().any(|trial| !trial.verdict().is_some_and(Verdict::is_final))
}

fn changed_before(changes: &[Change], began_at: Timestamp, scrubber: &Scrubber) -> Vec<String> {
    let shortly =
        |change: &&Change| change.at <= began_at && Now(began_at).seconds_since(change.at) <= SHORTLY;
    let words = |change: &Change| {
        let before = spoken(Seconds(Now(began_at).seconds_since(change.at)));
        format!("{}, {before} before the first error", change.words(scrubber))
    };
    changes.iter().filter(shortly).map(words).collect()
}

impl Change {
    /// `release backend@1.4.2`.
    pub(super) fn words(&self, scrubber: &Scrubber) -> String {
        let name = one_line(scrubber.scrub_version(&self.what).capped(NAME).as_str());
        match self.kind {
            ChangeKind::Deploy => format!("release {name}"),
            ChangeKind::Flag => format!("flag {name}"),
        }
    }
}

fn detection(test: &BackTest, declared_at: Timestamp) -> DetectionView {
    let BackTest { project, detector, fires, falsely, hours } = test;
    let falsely = format!("{falsely} alarms in the {hours} hours before");
    let text = match fires {
        None => format!("{detector} of {project} would not have been raised; {falsely}"),
        Some(Fired { by, sum, at_least }) => {
            let from =
                at_least.map_or_else(String::new, |least| format!(" (from {least} errors an hour on)"));
            format!(
                "{detector} of {project} would have been raised by {}{from}, {}: {} seen, {:.1} expected; {falsely}",
                by.strftime("%F %R UTC"),
                compared(*by, declared_at),
                sum.observed,
                sum.expected,
            )
        }
    };
    DetectionView { test: test.clone(), text }
}

/// `4 min 0 s before it was declared`.
pub(in crate::incident) fn compared(by: Timestamp, declared_at: Timestamp) -> String {
    if by <= declared_at {
        format!("{} before it was declared", spoken(Seconds(Now(declared_at).seconds_since(by))))
    } else {
        format!("{} after it was declared", spoken(Seconds(Now(by).seconds_since(declared_at))))
    }
}

/// The gap that the recorded hours show by themselves: nothing would have seen it, or something would have sooner.
fn gap(detection: &[DetectionView], declared_at: Timestamp) -> Option<String> {
    let fired = detection.iter().filter_map(|view| Some((view.test.fires?.by, view)));
    match fired.min_by_key(|(by, _)| *by) {
        Some((by, view)) if by < declared_at => {
            let BackTest { project, detector, .. } = &view.test;
            Some(format!("{detector} of {project} could have told it {}", compared(by, declared_at)))
        }
        // Whatever could have been raised, people were as quick.
        Some(_) => None,
        None if detection.is_empty() => None,
        None => {
            Some("no detector of orderly watch would have raised an alarm over what was recorded".to_owned())
        }
    }
}
