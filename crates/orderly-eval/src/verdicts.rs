//! What the engine says beyond a ranking: the same, new, or undecided, each by thresholds that were learned from the
//! answers whose cause has been revealed, and shipped ones until then.

use crate::metrics::share;
use crate::report::{Group, Metric};
use orderly_core::calibrate::bound::Beyond;
use orderly_core::calibrate::decide::risked_threshold;
use orderly_core::calibrate::{Basis, Call, Example, Likeness, Thresholds, Truth, calibrate};
use std::collections::{BTreeMap, BTreeSet};

/// The answers of one project so far.
#[derive(Debug, Default)]
pub struct Judge {
    examples: Vec<Example>,
}

/// A verdict and what was true.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    call: Call,
    truth: Truth,
    best: Likeness,
}

impl Judge {
    /// What a best score says, before its truth is known.
    pub fn call(&self, best: Option<f64>) -> Call {
        calibrate(&self.examples).otherwise.call(Likeness::of(best.unwrap_or_default()))
    }

    /// Learns the truth about an answer.
    pub fn learn(&mut self, call: Call, best: Option<f64>, truth: Truth) -> Judged {
        let best = Likeness::of(best.unwrap_or_default());
        self.examples.push(Example { project: None, best, truth });
        Judged { call, truth, best }
    }
}

/// The same answers with other verdicts: each by the thresholds that the answers to the rows of all other projects teach.
/// `projects` has the project of each answer.
pub fn left_out(judged: &[Judged], projects: &[&str]) -> Vec<Judged> {
    let names: BTreeSet<&str> = projects.iter().copied().collect();
    let of_others = |name: &str| {
        let others = judged.iter().zip(projects).filter(|(_, project)| **project != name);
        calibrate(&others.map(|(one, _)| one.example()).collect::<Vec<_>>()).otherwise
    };
    let thresholds: BTreeMap<&str, Thresholds> =
        names.into_iter().map(|name| (name, of_others(name))).collect();
    let call = |(one, project): (&Judged, &&str)| Judged { call: thresholds[project].call(one.best), ..*one };
    judged.iter().zip(projects).map(call).collect()
}

impl Judged {
    const fn example(&self) -> Example {
        Example { project: None, best: self.best, truth: self.truth }
    }
}

/// The word of a verdict in predictions.
pub const fn word(call: Call) -> &'static str {
    match call {
        Call::Same => "duplicate",
        Call::Undecided => "undecided",
        Call::New => "new",
    }
}

/// How right the verdicts were.
pub fn group(judged: &[Judged]) -> Group {
    let count = |wanted: &dyn Fn(&Judged) -> bool| judged.iter().filter(|one| wanted(one)).count();
    let (known, new) = (count(&|one| one.truth.is_known()), count(&|one| !one.truth.is_known()));
    let same = |one: &Judged| one.call == Call::Same;
    let is_new = |one: &Judged| one.call == Call::New;
    let right = count(&|one| same(one) && one.truth == Truth::Known);
    let certified = count(&|one| is_new(one) && !one.truth.is_known());
    let shares = [
        ("precision", share(right, count(&same))),
        ("recall", share(right, known)),
        ("false_merge_rate", share(count(&|one| same(one) && !one.truth.is_known()), new)),
        ("wrong_item_rate", share(count(&|one| same(one) && one.truth == Truth::KnownElsewhere), known)),
        ("new_precision", share(certified, count(&is_new))),
        ("certified_new", share(certified, new)),
        ("leak", share(count(&|one| is_new(one) && one.truth.is_known()), known)),
    ];
    let mut metrics: Vec<Metric> = shares.map(|(name, value)| Metric::share(name, value)).into();
    let undecided = |one: &Judged| one.call == Call::Undecided;
    metrics.push(Metric::count("undecided_duplicates", count(&|one| undecided(one) && one.truth.is_known())));
    metrics.push(Metric::count("undecided_new", count(&|one| undecided(one) && !one.truth.is_known())));
    metrics.push(Metric::share("undecided", share(count(&undecided), judged.len())));
    // What the shipped thresholds are made from.
    let examples: Vec<Example> = judged.iter().map(Judged::example).collect();
    for (name, beyond) in [("threshold_new", Beyond::Below), ("threshold_same", Beyond::Above)] {
        let threshold = risked_threshold(&examples, beyond, Basis::Backlog);
        metrics.push(Metric::share(name, threshold.map(|threshold| threshold.at.score())));
    }
    Group { name: "verdicts".to_owned(), metrics }
}
