//! What everything weighs while nothing is added or forgotten, worked out once.

use super::Known;
use super::lexicon::{Counted, Lexicon};
use super::said::MUCH;
use super::sets::Sets;
use super::sorted::Stacks;
use crate::similar::weights;

/// Weights by number; what nothing known has is in none of them.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// Of a part that no known signature has.
    pub unknown: f64,
    /// How rare each frame is.
    pub frames: Vec<f64>,
    /// By frame: the words of its names.
    pub frame_words: Sets<8>,
    /// Words of frames' names.
    pub names: Vec<f64>,
    /// Groups of characters of types and messages.
    pub grams: Vec<f64>,
    /// By type and message: its groups.
    pub messages: Sets<32>,
    /// Words of titles and bodies.
    pub words: Vec<f64>,
    /// Stacks.
    pub stacks: Stacks,
    /// By place: the square of the length of its text.
    pub texts: Vec<f64>,
}

impl Ready {
    pub(super) fn new<K>(lexicon: &Lexicon, known: &[Option<Known<K>>]) -> Self {
        let rarity = |having| weights::rarity(having, lexicon.signatures());
        let rarities = |of: &Counted| of.counts().map(rarity).collect::<Vec<f64>>();
        let (frames, names) = (rarities(&lexicon.frames), rarities(&lexicon.names));
        let (grams, words) = (rarities(&lexicon.grams), rarities(&lexicon.words));
        let text = |one: &Option<Known<K>>| {
            let text = one.iter().flat_map(|one| &one.parted.text);
            let weights = text.map(|(word, n)| f64::from(*n) * words[*word as usize]);
            weights.map(|weight| weight * weight).sum()
        };
        Self {
            unknown: rarity(0),
            frame_words: Sets::new(lexicon.frames_words(), &names, 0.0),
            messages: Sets::new(lexicon.messages_grams(), &grams, MUCH),
            texts: known.iter().map(text).collect(),
            stacks: Stacks::new(lexicon, &frames),
            frames,
            names,
            grams,
            words,
        }
    }
}
