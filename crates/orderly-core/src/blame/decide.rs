//! The posterior: every change, every other bin, and "no rise", each weighed by prior and likelihood.

use super::likelihood::{Likelihoods, likelihoods};
use super::season::season;
use super::{Change, Prior, Rates};

/// Below this probability nothing is claimed: of the claims at it, more than half must be right, and of all claims
/// nineteen in twenty.
pub const CLAIM: f64 = 0.64;

/// What explains the rate, with probabilities that sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Blame {
    /// Each change by its place among those given, and its probability; likeliest first.
    pub suspects: Vec<(usize, f64)>,
    /// The rate rose, and none of the changes explains it.
    pub elsewhere: f64,
    /// The rate did not rise.
    pub no_rise: f64,
    /// The likeliest bin of a rise, if there are counts.
    pub onset: Option<usize>,
    /// Variance over mean that the counts show around the usual rhythm.
    pub dispersion: f64,
}

/// What may be said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// This change, by its place among those given.
    Change(usize),
    /// Something else made the rate rise.
    NoneOfThese,
    /// The rate did not rise.
    NoRise,
    /// Nothing is likely enough to be said.
    Abstain,
}

impl Blame {
    /// What may be said, given that a claim needs [`CLAIM`].
    pub fn verdict(&self) -> Verdict {
        match self.suspects.first() {
            Some((change, probability)) if *probability >= CLAIM => Verdict::Change(*change),
            _ if self.elsewhere >= CLAIM => Verdict::NoneOfThese,
            _ if self.no_rise >= CLAIM => Verdict::NoRise,
            _ => Verdict::Abstain,
        }
    }
}

/// Weighs what changed against when the rate rose.
///
/// Changes outside the counts keep their place with probability 0. The order of the changes decides only ties.
pub fn blame(rates: Rates<'_>, changes: &[Change], prior: Prior) -> Blame {
    let counts: Vec<f64> = rates.counts.iter().map(|count| *count as f64).collect();
    let hypotheses = Hypotheses::of(counts.len(), changes, prior);
    // First without a rise in the rhythm, then with the rise that the first look found.
    let flat = season(&counts, &vec![0.0; counts.len()], rates.period);
    let (Weights { total, .. }, onsets) = hypotheses.weigh(&likelihoods(&counts, &flat));
    let after: Vec<f64> = onsets
        .iter()
        .scan(0.0, |sum, onset| {
            *sum += onset / total;
            Some(*sum)
        })
        .collect();
    let season = season(&counts, &after, rates.period);
    let (weights, onsets) = hypotheses.weigh(&likelihoods(&counts, &season));
    let mut suspects: Vec<(usize, f64)> =
        weights.changes.iter().map(|weight| weight / weights.total).enumerate().collect();
    suspects.sort_by(|a, b| b.1.total_cmp(&a.1));
    let onset = onsets.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(bin, _)| bin);
    Blame {
        suspects,
        elsewhere: weights.elsewhere / weights.total,
        no_rise: weights.none / weights.total,
        onset,
        dispersion: season.dispersion,
    }
}

/// Prior probabilities, bin by bin.
struct Hypotheses {
    /// For each bin the changes that may show first in it.
    by_bin: Vec<Vec<(usize, f64)>>,
    changes: usize,
    elsewhere: f64,
    none: f64,
}

/// Posterior weights, not yet divided by their sum.
struct Weights {
    changes: Vec<f64>,
    elsewhere: f64,
    none: f64,
    total: f64,
}

impl Hypotheses {
    fn of(bins: usize, changes: &[Change], prior: Prior) -> Self {
        let mut by_bin = vec![Vec::new(); bins];
        let all: f64 = changes.iter().map(|change| change.weight.max(0.0)).sum();
        for (place, change) in changes.iter().enumerate() {
            let late = change.late.clamp(0.0, 1.0);
            let share = prior.changed * change.weight.max(0.0) / all.max(f64::MIN_POSITIVE);
            for (bin, share) in
                [(change.bin, share * (1.0 - late)), (change.bin.saturating_add(1), share * late)]
            {
                if share > 0.0
                    && let Some(here) = by_bin.get_mut(bin)
                {
                    here.push((place, share));
                }
            }
        }
        Self {
            by_bin,
            changes: changes.len(),
            elsewhere: prior.elsewhere / bins.max(1) as f64,
            none: (1.0 - prior.changed - prior.elsewhere).max(0.0),
        }
    }

    /// The posterior weights, and how much of them lies on a rise in each bin.
    fn weigh(&self, likelihoods: &Likelihoods) -> (Weights, Vec<f64>) {
        let best = likelihoods.rise.iter().copied().fold(likelihoods.none, f64::max);
        let none = self.none * (likelihoods.none - best).exp();
        let mut weights = Weights { changes: vec![0.0; self.changes], elsewhere: 0.0, none, total: none };
        let mut onsets = Vec::with_capacity(self.by_bin.len());
        for (here, likelihood) in self.by_bin.iter().zip(&likelihoods.rise) {
            let likelihood = (likelihood - best).exp();
            let mut onset = 0.0;
            if here.is_empty() {
                onset = self.elsewhere * likelihood;
                weights.elsewhere += onset;
            }
            for (place, share) in here {
                weights.changes[*place] += share * likelihood;
                onset += share * likelihood;
            }
            weights.total += onset;
            onsets.push(onset);
        }
        weights.total = weights.total.max(f64::MIN_POSITIVE);
        (weights, onsets)
    }
}
