//! How common each part is among what is known: a frame that half of all errors share tells little.

use super::parts::Key;
use super::signature::Signature;
use super::weights;
use std::collections::BTreeMap;

/// How common parts are.
pub trait Commonness {
    /// How many signatures are counted.
    fn signatures(&self) -> u64;

    /// How many of them have a part.
    fn having(&self, key: Key) -> u32;

    /// What a part weighs here: more, the fewer have it.
    fn rarity(&self, key: Key) -> f64 {
        weights::rarity(self.having(key), self.signatures())
    }
}

/// Counts over the known signatures of one project; grows and shrinks with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    signatures: u64,
    having: BTreeMap<Key, u32>,
}

impl Corpus {
    /// Counts a signature in.
    pub fn add(&mut self, signature: &Signature) {
        self.signatures += 1;
        for key in signature.keys() {
            *self.having.entry(key).or_default() += 1;
        }
    }

    /// Counts a signature out that was counted in before.
    pub fn remove(&mut self, signature: &Signature) {
        self.signatures = self.signatures.saturating_sub(1);
        for key in signature.keys() {
            if let Some(count) = self.having.get_mut(&key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.having.remove(&key);
                }
            }
        }
    }
}

impl Commonness for Corpus {
    fn signatures(&self) -> u64 {
        self.signatures
    }

    fn having(&self, key: Key) -> u32 {
        self.having.get(&key).copied().unwrap_or(0)
    }
}

/// Two counts as one.
#[derive(Clone, Copy)]
pub struct Together<'a>(pub &'a dyn Commonness, pub &'a dyn Commonness);

impl Commonness for Together<'_> {
    fn signatures(&self) -> u64 {
        self.0.signatures() + self.1.signatures()
    }

    fn having(&self, key: Key) -> u32 {
        self.0.having(key) + self.1.having(key)
    }
}
