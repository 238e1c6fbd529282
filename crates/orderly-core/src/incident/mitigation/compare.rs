//! The options side by side: by what speaks for them, how they are taken back, how soon they show, and who feels them.

use super::ground::{Ground, Strength, aim};
use super::measure::Verdict;
use super::option::{Kind, Mitigation, Reach};
use super::step::Order;
use super::template::{Argv, Slot, Values};
use super::trial::{Trial, TrialState};
use crate::ids::{IssueId, ShortId};
use crate::incident::state::Incident;
use crate::investigate::Findings;
use crate::noise::ReleaseSeen;
use crate::scrub::Scrubber;
use crate::time::Seconds;
use serde::Serialize;

/// What options are compared over.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// What is configured.
    pub options: &'a [Mitigation],
    /// What was found.
    pub found: &'a Findings,
    /// Releases that are known, whenever they went out.
    pub releases: &'a [ReleaseSeen],
    /// What a person said that stands in the commands.
    pub given: &'a Values,
}

/// An option beside others. All text of it may be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// What it is called.
    pub name: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What speaks for it.
    pub evidence: Ground,
    /// How it is taken back, in words.
    pub reversibility: String,
    /// From its end to its effect; `None`: nobody said.
    pub time_to_effect: Option<Seconds>,
    /// Who feels it.
    pub blast_radius: Reach,
    /// What is done; `None` while something is missing.
    #[serde(skip)]
    pub order: Option<Order>,
    /// The exact command, as people would type it.
    pub command: Option<String>,
    /// The exact command that takes it back.
    #[serde(skip)]
    pub undo: Option<Argv>,
    /// The same, as people would type it.
    #[serde(rename = "undo")]
    pub undo_command: Option<String>,
    /// Places of its commands for which nothing is known.
    pub missing: Vec<String>,
    /// The last time it was tried, and what came of it.
    pub tried: Option<Tried>,
    /// What its places are filled with, as far as that is known.
    #[serde(skip)]
    pub values: Values,
    #[serde(skip)]
    rank: u8,
}

/// How an option was tried before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// Number of the trial.
    pub trial: u32,
    /// How it stands.
    pub state: TrialState,
    /// Its effect, where it was measured.
    pub effect: Option<Verdict>,
}

impl Compared {
    /// Whether it may come next: something speaks for it, or nothing against it, and it was not tried yet.
    pub fn is_open(&self) -> bool {
        let over = self.tried.as_ref().is_some_and(|tried| {
            matches!(tried.effect, Some(Verdict::No | Verdict::Partly))
                || !matches!(tried.state, TrialState::TakenBack { .. } | TrialState::NotDone { .. })
        });
        !over && self.evidence.strength != Strength::Against
    }
}

/// Compares. Evidence comes first: an option that is easily taken back and does nothing only costs time. What was tried and
/// did not do it comes last.
pub fn compare(over: Comparison<'_>, scrubber: &Scrubber) -> Vec<Compared> {
    let leading = over.incident.issues().first().map(|owned| (owned.issue.id, &owned.issue.short_id));
    let mut all: Vec<Compared> =
        over.options.iter().filter_map(|option| judged(option, over, leading, scrubber)).collect();
    let failed = |one: &Compared| {
        one.tried.as_ref().is_some_and(|tried| matches!(tried.effect, Some(Verdict::No | Verdict::Partly)))
    };
    all.sort_by(|a, b| {
        let key = |one: &Compared| {
            let soon = one.time_to_effect.map_or(u64::MAX, |span| span.0);
            (failed(one), one.evidence.strength, one.rank, soon, one.blast_radius)
        };
        let likelier =
            b.evidence.probability.unwrap_or(0.0).total_cmp(&a.evidence.probability.unwrap_or(0.0));
        let ((fa, sa, ..), (fb, sb, ..)) = (key(a), key(b));
        (fa, sa)
            .cmp(&(fb, sb))
            .then(likelier)
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| a.name.cmp(&b.name))
    });
    all
}

/// `None`: a hotfix of an incident that has no issue.
fn judged(
    option: &Mitigation,
    over: Comparison<'_>,
    leading: Option<(IssueId, &ShortId)>,
    scrubber: &Scrubber,
) -> Option<Compared> {
    let aimed = aim(option, over.found, over.releases, scrubber);
    let values = over.given.clone().or(&aimed.values);
    let (order, undo, missing) = option.order(&values, leading)?;
    let tried = over.incident.trials().iter().rev().find(|trial| trial.intent.option == option.name);
    Some(Compared {
        name: option.name.clone(),
        kind: option.kind,
        evidence: aimed.ground,
        reversibility: option.reversibility.words(),
        time_to_effect: option.time_to_effect,
        blast_radius: option.reach,
        command: order.as_ref().map(ToString::to_string),
        order,
        undo_command: undo.as_ref().map(ToString::to_string),
        undo,
        missing: missing.iter().map(ToString::to_string).collect(),
        tried: tried.map(Trial::tried),
        rank: option.reversibility.rank(),
        values,
    })
}

impl Mitigation {
    /// What is done, how it is taken back, and what is missing for either; `None` for a hotfix without an issue.
    pub fn order(
        &self,
        values: &Values,
        leading: Option<(IssueId, &ShortId)>,
    ) -> Option<(Option<Order>, Option<Argv>, Vec<Slot>)> {
        let mut missing = Vec::new();
        let order = match (&self.command, self.kind) {
            (_, Kind::Hotfix) => {
                let (issue, short_id) = leading?;
                Some(Order::Repair { issue, short_id: short_id.clone() })
            }
            (None, _) => Some(Order::ByHand),
            (Some(template), _) => match template.fill(values) {
                Ok(argv) => Some(Order::Command { argv }),
                Err(slots) => {
                    missing.extend(slots);
                    None
                }
            },
        };
        let undo = match &self.reversibility {
            super::Reversibility::Command(template) => match template.fill(values) {
                Ok(argv) => Some(argv),
                Err(slots) => {
                    missing.extend(slots);
                    None
                }
            },
            super::Reversibility::ByHand | super::Reversibility::Never(_) => None,
        };
        missing.sort();
        missing.dedup();
        // What could not be taken back as promised is not begun.
        Some((order.filter(|_| missing.is_empty()), undo, missing))
    }
}

impl Trial {
    fn tried(&self) -> Tried {
        let effect = self.measured.as_ref().map(|(_, measured)| measured.verdict);
        Tried { trial: self.number, state: self.state.clone(), effect }
    }
}
