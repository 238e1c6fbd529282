//! What is known, ready to be asked.

use super::corpus::Corpus;
use super::score::score;
use super::signature::Signature;
use std::collections::BTreeMap;

/// Signatures of known items; `K` names an item (a ticket, a cause). An item may have many signatures.
#[derive(Clone, Debug)]
pub struct Index<K> {
    items: BTreeMap<K, Vec<Signature>>,
    corpus: Corpus,
}

/// A known item that an error may belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<K> {
    /// The item.
    pub item: K,
    /// From 0 (nothing in common) to 1, comparable between errors.
    pub score: f64,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), corpus: Corpus::default() }
    }
}

impl<K: Ord + Clone> Index<K> {
    /// Adds a signature of an item.
    pub fn insert(&mut self, item: K, signature: Signature) {
        self.corpus.add(&signature);
        self.items.entry(item).or_default().push(signature);
    }

    /// Forgets an item with all its signatures.
    pub fn remove(&mut self, item: &K) {
        for signature in self.items.remove(item).into_iter().flatten() {
            self.corpus.remove(&signature);
        }
    }

    /// How common everything is among the known.
    pub const fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// The items most like a signature, best first; an item is as near as its nearest signature.
    pub fn nearest(&self, asked: &Signature, most: usize) -> Vec<Candidate<K>> {
        let mut found: Vec<Candidate<K>> = self
            .items
            .iter()
            .map(|(item, known)| Candidate {
                item: item.clone(),
                score: known.iter().map(|one| score(&self.corpus, asked, one).value).fold(0.0, f64::max),
            })
            .filter(|candidate| candidate.score > 0.0)
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.item.cmp(&b.item)));
        found.truncate(most);
        found
    }
}
