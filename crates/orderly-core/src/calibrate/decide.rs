//! The thresholds of each project: from its own examples, from the whole backlog's, or the shipped ones, whichever of
//! them first has enough to say something.

use super::bound::{Basis, Beyond, Risk, Threshold, contradicts, threshold};
use super::examples::Example;
use super::likeness::Likeness;
use super::shipped;
use crate::ids::ProjectSlug;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Of what is known, at most this share may be called new. What is called new may be filed, so few examples must not
/// make it look rarer than it is.
pub const LEAK: Risk = Risk::Surely(0.05);
/// Of what is new, at most this share may be called the same as something known. Nothing is filed or linked on it.
pub const FALSE_MERGE: Risk = Risk::OnAverage(0.01);

/// Thresholds by project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// Projects whose thresholds differ from [`Calibration::otherwise`].
    pub projects: BTreeMap<ProjectSlug, Thresholds>,
    /// Every other project.
    pub otherwise: Thresholds,
}

/// Between which scores nobody can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Below it, it is new. `None`: it is never proven to be new.
    pub new_below: Option<Threshold>,
    /// Above it, it is the same. `None`: it is never said to be the same.
    pub same_above: Option<Threshold>,
}

/// What a best score says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// It is the best candidate again.
    Same,
    /// It may be.
    Undecided,
    /// It is none of the candidates.
    New,
}

impl Default for Calibration {
    /// The shipped thresholds, for a team without examples of its own.
    fn default() -> Self {
        Self { projects: BTreeMap::new(), otherwise: Thresholds::shipped() }
    }
}

impl Calibration {
    /// The thresholds of a project.
    pub fn of(&self, project: &ProjectSlug) -> &Thresholds {
        self.projects.get(project).unwrap_or(&self.otherwise)
    }
}

impl Thresholds {
    /// The shipped thresholds.
    pub fn shipped() -> Self {
        Self { new_below: Some(shipped::new_below()), same_above: Some(shipped::same_above()) }
    }

    /// What a best score says. Where the thresholds overlap both answers could be given, so neither is: what is promised
    /// of each still holds.
    pub fn call(&self, best: Likeness) -> Call {
        let new = self.new_below.as_ref().is_some_and(|threshold| best < threshold.at);
        let same = self.same_above.as_ref().is_some_and(|threshold| best > threshold.at);
        match (new, same) {
            (true, false) => Call::New,
            (false, true) => Call::Same,
            (true, true) | (false, false) => Call::Undecided,
        }
    }
}

/// Learns the thresholds from examples; their order does not matter.
pub fn calibrate(examples: &[Example]) -> Calibration {
    let otherwise = Thresholds {
        new_below: risked_threshold(examples, Beyond::Below, Basis::Backlog)
            .or_else(|| unless_contradicted(shipped::new_below(), examples, Beyond::Below)),
        same_above: risked_threshold(examples, Beyond::Above, Basis::Backlog)
            .or_else(|| unless_contradicted(shipped::same_above(), examples, Beyond::Above)),
    };
    let names: BTreeSet<&ProjectSlug> =
        examples.iter().filter_map(|example| example.project.as_ref()).collect();
    let of_project = |name: &&ProjectSlug| {
        let own: Vec<Example> =
            examples.iter().filter(|example| example.project.as_ref() == Some(*name)).cloned().collect();
        let side = |beyond, of_all: &Option<Threshold>| {
            risked_threshold(&own, beyond, Basis::Project((*name).clone()))
                .or_else(|| unless_contradicted(of_all.clone()?, &own, beyond))
        };
        let thresholds = Thresholds {
            new_below: side(Beyond::Below, &otherwise.new_below),
            same_above: side(Beyond::Above, &otherwise.same_above),
        };
        (thresholds != otherwise).then(|| ((*name).clone(), thresholds))
    };
    let projects = names.iter().filter_map(of_project).collect();
    Calibration { projects, otherwise }
}

/// The threshold of one side from these examples alone; `None` when they are too few.
pub fn risked_threshold(examples: &[Example], beyond: Beyond, basis: Basis) -> Option<Threshold> {
    threshold(risked(examples, beyond), beyond, risk(beyond), basis)
}

/// A borrowed threshold, unless what is known here speaks against it.
fn unless_contradicted(borrowed: Threshold, examples: &[Example], beyond: Beyond) -> Option<Threshold> {
    let risked = risked(examples, beyond);
    let wrong = risked.iter().filter(|score| match beyond {
        Beyond::Below => **score < borrowed.at,
        Beyond::Above => **score > borrowed.at,
    });
    (!contradicts(wrong.count(), risked.len(), risk(beyond).level())).then_some(borrowed)
}

/// The scores for which the answer on this side would be wrong.
fn risked(examples: &[Example], beyond: Beyond) -> Vec<Likeness> {
    let is_risked = |example: &&Example| match beyond {
        Beyond::Below => example.truth.is_known(),
        // What belongs elsewhere would be merged with the wrong item.
        Beyond::Above => example.truth != super::examples::Truth::Known,
    };
    examples.iter().filter(is_risked).map(|example| example.best).collect()
}

const fn risk(beyond: Beyond) -> Risk {
    match beyond {
        Beyond::Below => LEAK,
        Beyond::Above => FALSE_MERGE,
    }
}
