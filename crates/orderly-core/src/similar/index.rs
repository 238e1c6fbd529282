//! What is known, ready to be asked.

use super::corpus::Corpus;
use super::score::score;
use super::signature::Signature;
use super::weights::RECENT;
use std::collections::BTreeMap;

/// Signatures of known items; `K` names an item (a ticket, a cause). An item may have many signatures.
#[derive(Clone, Debug)]
pub struct Index<K> {
    items: BTreeMap<K, Vec<Known>>,
    corpus: Corpus,
    order: Order,
    /// Signatures inserted so far, forgotten ones too.
    inserted: u64,
}

/// What the order of insertion says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Nothing.
    #[default]
    Arbitrary,
    /// Signatures are inserted in the order their errors occurred; what came lately is likelier than what came long ago.
    OfOccurrence,
}

/// A signature and when it was inserted.
#[derive(Clone, Debug)]
struct Known {
    signature: Signature,
    at: u64,
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
        Self::new(Order::default())
    }
}

impl<K> Index<K> {
    /// An empty index.
    pub fn new(order: Order) -> Self {
        Self { items: BTreeMap::new(), corpus: Corpus::default(), order, inserted: 0 }
    }
}

impl<K: Ord + Clone> Index<K> {
    /// Adds a signature of an item.
    pub fn insert(&mut self, item: K, signature: Signature) {
        self.corpus.add(&signature);
        self.items.entry(item).or_default().push(Known { signature, at: self.inserted });
        self.inserted += 1;
    }

    /// Forgets an item with all its signatures.
    pub fn remove(&mut self, item: &K) {
        for known in self.items.remove(item).into_iter().flatten() {
            self.corpus.remove(&known.signature);
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
                score: known.iter().map(|one| self.score(asked, one)).fold(0.0, f64::max),
            })
            .filter(|candidate| candidate.score > 0.0)
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.item.cmp(&b.item)));
        found.truncate(most);
        found
    }

    fn score(&self, asked: &Signature, known: &Known) -> f64 {
        let alike = score(&self.corpus, asked, &known.signature).value;
        match self.order {
            Order::Arbitrary => alike,
            Order::OfOccurrence => {
                let since = (self.inserted - 1 - known.at) as f64 / self.inserted as f64;
                alike * (-RECENT * since).exp()
            }
        }
    }
}
