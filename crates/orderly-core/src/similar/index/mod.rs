//! What is known, ready to be asked.
//!
//! Inverted lists lead from a frame, and from the words of its names, to the items that have it; only items that may be
//! among the best are aligned. What is left out is proven to be no better: the answer is that of a comparison with
//! everything.
//!
//! - [`lexicon`]: frames, words and groups of characters by number, how many signatures have each, and the lists.
//! - [`ready`]: what everything weighs. [`sorted`]: stacks, those that begin alike beside each other. [`sets`]: which frames
//!   and messages share much with an asked one.
//! - [`stacks`], [`texts`]: which signatures may be alike, and how much they are; for stacks by [`asked`], which frames lead
//!   to them ([`deal`]), and [`said`]. [`best`]: the best so far. [`scratch`]: what a question writes into.

mod asked;
mod best;
mod deal;
mod lexicon;
mod ready;
mod said;
mod scratch;
mod sets;
mod sorted;
mod stacks;
#[cfg(test)]
mod tests;
mod texts;

use super::corpus::Commonness;
use super::parts::Key;
use super::signature::Signature;
use super::weights::RECENT;
use best::Best;
use lexicon::{Lexicon, Parted, With};
use ready::Ready;
use scratch::Pool;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Signatures of known items; `K` names an item (a ticket, a cause). An item may have many signatures.
#[derive(Clone, Debug)]
pub struct Index<K> {
    /// Places of an item's signatures.
    items: BTreeMap<K, Vec<u32>>,
    /// By place; a place whose signature was forgotten is taken again.
    known: Vec<Option<Known<K>>>,
    free: Vec<u32>,
    lexicon: Lexicon,
    /// Worked out by the first question after a change.
    ready: OnceLock<Ready>,
    pool: Pool,
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

/// A signature, whose it is and when it was inserted.
#[derive(Clone, Debug)]
struct Known<K> {
    item: K,
    parted: Parted,
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

impl<K> Commonness for Index<K> {
    fn signatures(&self) -> u64 {
        self.lexicon.signatures()
    }

    fn having(&self, key: Key) -> u32 {
        self.lexicon.having(key)
    }
}

/// At so much and more the best are looked for first; while too few are found, at the next. The last finds everything
/// that has anything in common. Few steps: each goes through the lists of the one before again.
const FLOORS: [f64; 4] = [0.6, 0.3, 0.1, 0.0];

/// The floors of a search, none below what is asked for.
fn floors(at_least: f64) -> impl Iterator<Item = f64> {
    let above = FLOORS.into_iter().filter(move |floor| *floor > at_least);
    above.chain([at_least.max(0.0)])
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self::new(Order::default())
    }
}

impl<K> Index<K> {
    /// An empty index.
    pub fn new(order: Order) -> Self {
        Self {
            items: BTreeMap::new(),
            known: Vec::new(),
            free: Vec::new(),
            lexicon: Lexicon::default(),
            ready: OnceLock::new(),
            pool: Pool::default(),
            order,
            inserted: 0,
        }
    }
}

impl<K: Ord + Clone> Index<K> {
    /// Adds a signature of an item.
    pub fn insert(&mut self, item: K, signature: &Signature) {
        self.ready.take();
        let place = self.free.pop().unwrap_or(self.known.len() as u32);
        let parted = self.lexicon.add(place, signature);
        let known = Known { item: item.clone(), parted, at: self.inserted };
        match self.known.get_mut(place as usize) {
            Some(vacant) => *vacant = Some(known),
            None => self.known.push(Some(known)),
        }
        self.items.entry(item).or_default().push(place);
        self.inserted += 1;
    }

    /// Forgets an item with all its signatures.
    pub fn remove(&mut self, item: &K) {
        self.ready.take();
        for place in self.items.remove(item).into_iter().flatten() {
            if let Some(known) = self.known.get_mut(place as usize).and_then(Option::take) {
                self.lexicon.remove(place, &known.parted);
                self.free.push(place);
            }
        }
    }

    /// The items most like a signature, best first; an item is as near as its nearest signature. Items that score less
    /// than `at_least`, or have nothing in common with it, are not listed.
    pub fn nearest(&self, asked: &Signature, most: usize, at_least: f64) -> Vec<Candidate<K>> {
        let mut best = Best::new(most, at_least);
        let ready = self.ready.get_or_init(|| Ready::new(&self.lexicon, &self.known));
        let mut scratch = self.pool.take(ready, &self.known);
        let with = if asked.steps().is_empty() {
            With::Any
        } else {
            stacks::search(self, ready, asked, &mut scratch, &mut best);
            With::WordsOnly
        };
        texts::search(self, ready, asked.text(), with, &mut scratch, &mut best);
        self.pool.give(scratch);
        best.into_candidates()
    }

    fn at(&self, place: u32) -> Option<&Known<K>> {
        self.known.get(place as usize)?.as_ref()
    }

    /// What the order of insertion leaves of a score: from 0 to 1.
    fn recency(&self, known: &Known<K>) -> f64 {
        match self.order {
            Order::Arbitrary => 1.0,
            Order::OfOccurrence => {
                let since = (self.inserted - 1 - known.at) as f64 / self.inserted as f64;
                (-RECENT * since).exp()
            }
        }
    }
}
