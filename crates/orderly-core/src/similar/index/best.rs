//! The best items so far.

use super::Candidate;

/// Scores are sums of fractions in another order than a bound adds them; so much may lie between the two.
pub(super) const ROUNDING: f64 = 1e-9;

/// At most so many items, best first.
pub(super) struct Best<K> {
    most: usize,
    /// What scores less is not asked for.
    pub(super) at_least: f64,
    found: Vec<Candidate<K>>,
}

impl<K: Ord + Clone> Best<K> {
    pub(super) const fn new(most: usize, at_least: f64) -> Self {
        Self { most, at_least, found: Vec::new() }
    }

    /// What scores less is not among the best.
    pub(super) fn least(&self) -> f64 {
        match self.found.last() {
            Some(last) if self.found.len() == self.most => last.score,
            _ => self.at_least,
        }
    }

    /// Whether something that scores at most so much cannot be among the best.
    pub(super) fn is_beyond(&self, at_most: f64) -> bool {
        at_most + ROUNDING < self.least()
    }

    /// Takes a score of an item; of an item's many the highest counts, of equal ones the first item.
    pub(super) fn offer(&mut self, item: &K, score: f64) {
        if score <= 0.0 || score < self.at_least || self.most == 0 {
            return;
        }
        if let Some(at) = self.found.iter().position(|one| one.item == *item) {
            if self.found[at].score >= score {
                return;
            }
            self.found.remove(at);
        }
        let better = |one: &Candidate<K>| {
            one.score.total_cmp(&score).reverse().then_with(|| one.item.cmp(item)).is_lt()
        };
        let place = self.found.partition_point(better);
        if place < self.most {
            self.found.truncate(self.most - 1);
            self.found.insert(place, Candidate { item: item.clone(), score });
        }
    }

    pub(super) fn into_candidates(self) -> Vec<Candidate<K>> {
        self.found
    }
}
