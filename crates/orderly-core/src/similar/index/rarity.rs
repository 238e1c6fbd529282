//! What parts weigh at one moment, by how many signatures have them.

use crate::similar::weights;

/// Rarities among so many signatures; most parts are in few of them, so those are worked out once.
pub(super) struct Rarities {
    signatures: u64,
    of_few: Vec<f64>,
}

/// Parts that so many signatures have are few.
const FEW: u32 = 512;

impl Rarities {
    pub(super) fn new(signatures: u64) -> Self {
        let few = u32::try_from(signatures).unwrap_or(FEW).min(FEW);
        Self { signatures, of_few: (0..=few).map(|having| weights::rarity(having, signatures)).collect() }
    }

    /// What a part weighs that so many signatures have.
    pub(super) fn of(&self, having: u32) -> f64 {
        match self.of_few.get(having as usize) {
            Some(rarity) => *rarity,
            None => weights::rarity(having, self.signatures),
        }
    }

    /// What the rarest part of a known signature weighs.
    pub(super) fn highest_known(&self) -> f64 {
        self.of(1)
    }
}
