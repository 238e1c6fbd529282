//! From what was gathered to competing hypotheses.

use super::attack::{Attack, attack};
use super::blamed::{Blamed, Clue, Suspected, weigh_changes};
use super::inputs::{Compared, Known, LeadKnown, Window};
use super::join::{Join, JoinKey, joins};
use super::lift::{FlagFound, Lift, flags, lifts};
use super::work::{Work, work};
use crate::answer::Cause;
use crate::blame::Verdict;
use crate::encode::one_line;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// Suspects less probable than this are no hypotheses.
const LEAST: f64 = 0.02;
/// Changes that are hypotheses.
const MOST: usize = 5;
/// A rise so soon after a change speaks for it.
const SOON: i64 = 15 * 60;

/// What an investigation comes to. All text of it may leave: it is scrubbed and on one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Findings {
    /// What was counted.
    pub window: Window,
    /// When the rate most probably rose.
    pub onset: Option<Timestamp>,
    /// What may be said.
    pub named: Named,
    /// What may be behind it, the likeliest first; their probabilities sum to 1 with those that are too small to be one.
    pub hypotheses: Vec<Hypothesis>,
    /// Its issues: what fails, how often, for whom.
    pub issues: Vec<LeadFound>,
    /// The same incident in other projects.
    pub joins: Vec<Join>,
    /// Tags that its errors have more often.
    pub lifts: Vec<Lift>,
    /// What they were compared with.
    pub compared: Compared,
    /// Flags.
    pub flags: Vec<FlagFound>,
    /// Where the time goes, and where requests break.
    pub work: Vec<Work>,
    /// Its own reading where security is touched.
    pub attack: Option<Attack>,
    /// What changed, the likeliest first.
    pub changes: Vec<Suspected>,
    /// What could not be looked at.
    pub gaps: Vec<(String, Cause)>,
}

/// What may be said about the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// The first of the changes.
    Change,
    /// None of the changes.
    NoneOfThese,
    /// Somebody means harm.
    Attack,
    /// The rate did not rise.
    NoRise,
    /// Nothing is probable enough to be said.
    Nothing,
}

/// Something that may be behind an incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hypothesis {
    /// In words.
    pub text: String,
    /// How probable it is, 0 to 1.
    pub probability: f64,
    /// What speaks for it.
    pub evidence: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
}

/// An issue of the incident, as it fails.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadFound {
    /// Id.
    pub id: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Title.
    pub title: String,
    /// Events since the rise.
    pub events: u64,
    /// Events a minute since the rise.
    pub per_minute: f64,
    /// Users since the rise.
    pub users: u64,
    /// First event ever.
    pub first_seen: Timestamp,
    /// Whether it is new with the rise.
    pub new: bool,
    /// Where own code fails.
    pub frame: Option<String>,
}

/// What is behind an incident, as far as what was gathered shows.
pub fn investigate(known: &Known, scrubber: &Scrubber) -> Findings {
    let joins = joins(known, scrubber);
    let felt: BTreeSet<ProjectSlug> = joins.iter().map(|join| join.project.clone()).collect();
    let blamed = weigh_changes(known, &felt, scrubber);
    let attack = attack(known);
    let lifts = lifts(&known.tags, known.compared, scrubber);
    let work = work(&known.traces, scrubber);
    let named = match blamed.verdict {
        Verdict::Change(_) => Named::Change,
        Verdict::NoneOfThese if attack.as_ref().is_some_and(Attack::is_likely) => Named::Attack,
        Verdict::NoneOfThese => Named::NoneOfThese,
        Verdict::NoRise => Named::NoRise,
        Verdict::Abstain => Named::Nothing,
    };
    let issues = known.leads.iter().map(|lead| lead_found(lead, known, &blamed, scrubber)).collect();
    let hypotheses = hypotheses(&blamed, attack.as_ref(), &joins, &lifts, &work);
    Findings {
        window: known.window,
        onset: blamed.onset,
        named,
        hypotheses,
        issues,
        joins,
        lifts,
        compared: known.compared,
        flags: flags(&known.flags, scrubber),
        work,
        attack,
        changes: blamed.suspected,
        gaps: known.gaps.clone(),
    }
}

fn lead_found(lead: &LeadKnown, known: &Known, blamed: &Blamed, scrubber: &Scrubber) -> LeadFound {
    let onset = blamed.onset.unwrap_or(known.window.from);
    let minutes = (known.window.until.as_second() - onset.as_second()).max(60) as f64 / 60.0;
    LeadFound {
        id: lead.id,
        short_id: lead.short_id.clone(),
        project: lead.project.clone(),
        title: one_line(scrubber.scrub(&lead.title).capped(120).as_str()),
        events: lead.events,
        per_minute: lead.events as f64 / minutes,
        users: lead.users,
        first_seen: lead.first_seen,
        new: lead.first_seen.as_second() >= onset.as_second() - SOON,
        frame: lead.frames.first().map(|own| one_line(&own.frame.to_string())),
    }
}

fn hypotheses(
    blamed: &Blamed,
    attack: Option<&Attack>,
    joins: &[Join],
    lifts: &[Lift],
    work: &[Work],
) -> Vec<Hypothesis> {
    let changes = blamed.suspected.iter().filter(|change| change.probability >= LEAST).take(MOST);
    let mut all: Vec<Hypothesis> = changes.map(of_change).collect();
    if blamed.elsewhere >= LEAST {
        all.push(elsewhere(blamed, attack, joins, lifts, work));
    }
    if blamed.no_rise >= LEAST {
        all.push(Hypothesis {
            text: "the rate did not rise: what is seen is usual".to_owned(),
            probability: blamed.no_rise,
            evidence: Vec::new(),
            against: Vec::new(),
        });
    }
    all.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    all
}

fn of_change(change: &Suspected) -> Hypothesis {
    let (mut evidence, mut against) = (Vec::new(), Vec::new());
    match change.lag {
        Some(lag) if (0..=SOON).contains(&lag) => {
            evidence.push(format!("the rate rose {} after it", span(lag)));
        }
        // A bin begins before what happens in it.
        Some(lag) if (-300..0).contains(&lag) => {
            evidence.push("the rate rose in the same minutes".to_owned());
        }
        Some(lag) if lag > 0 => against.push(format!("the rate rose only {} after it", span(lag))),
        Some(lag) => against.push(format!("the rate rose {} before it", span(-lag))),
        None => {}
    }
    for (clue, factor) in &change.clues {
        let text = format!("{clue} (factor {factor:.2})");
        if *factor > 1.0 {
            evidence.push(text);
        } else if *factor < 1.0 || matches!(clue, Clue::FlagOdds { .. }) {
            against.push(text);
        }
    }
    let text = match change.kind {
        "flag" => format!("the flag {}", change.what),
        "setting" => format!("the setting: {}", change.what),
        kind => format!("the {kind} of {}", change.what),
    };
    Hypothesis { text, probability: change.probability, evidence, against }
}

fn elsewhere(
    blamed: &Blamed,
    attack: Option<&Attack>,
    joins: &[Join],
    lifts: &[Lift],
    work: &[Work],
) -> Hypothesis {
    let (mut evidence, mut against) = (Vec::new(), Vec::new());
    match blamed.suspected.iter().filter_map(|change| change.lag.filter(|lag| *lag >= 0)).min() {
        Some(lag) if lag > SOON => {
            evidence.push(format!("the last change was {} before the rate rose", span(lag)));
        }
        Some(_) => against.push("something changed shortly before the rate rose".to_owned()),
        None => evidence.push("nothing changed in the hours before, as far as is known".to_owned()),
    }
    let likely = attack.filter(|attack| attack.is_likely());
    if let Some(attack) = likely {
        evidence.extend(attack.signals.iter().map(ToString::to_string));
    }
    evidence.extend(work.iter().take(2).map(|work| {
        format!("in {} of {} traces `{} {}` {}", work.traces, work.of, work.op, work.description, work.strain)
    }));
    evidence.extend(
        lifts.iter().take(2).map(|lift| {
            format!("{}: {} {:.1} times as often as usual", lift.key, lift.value, lift.lift.value)
        }),
    );
    let traced = joins.iter().filter(|join| matches!(join.key, JoinKey::Trace { .. }));
    let traced: BTreeSet<&ProjectSlug> = traced.map(|join| &join.project).collect();
    if !traced.is_empty() {
        let names: Vec<&str> = traced.iter().map(|project| project.as_str()).collect();
        evidence.push(format!("the same requests fail in {}", names.join(", ")));
    }
    let text = match likely {
        Some(_) => "an attack: none of the changes explains it",
        None => "none of the changes: a dependency, load, data, or something nobody told Sentry of",
    };
    Hypothesis { text: text.to_owned(), probability: blamed.elsewhere, evidence, against }
}

/// Seconds in words for people.
fn span(seconds: i64) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=7200 => format!("{} min", seconds / 60),
        _ => format!("{:.0} h", seconds as f64 / 3600.0),
    }
}
