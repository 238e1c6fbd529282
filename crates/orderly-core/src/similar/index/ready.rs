//! What everything weighs while nothing is added or forgotten, worked out once.

use super::Known;
use super::lexicon::{Counted, Lexicon};
use super::said::MUCH;
use super::sets::Sets;
use crate::similar::stack::weight;
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
    /// By place: its stack.
    pub stacks: Vec<KnownStack>,
    /// The frames of all stacks, one after the other.
    steps: Vec<u32>,
    /// By place: the square of the length of its text.
    pub texts: Vec<f64>,
}

/// A stack with its type and message.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownStack {
    /// What its frames weigh together.
    pub whole: f64,
    /// Type and message.
    pub said: u32,
    /// Where its frames are.
    from: u32,
    to: u32,
}

impl Ready {
    pub(super) fn new<K>(lexicon: &Lexicon, known: &[Option<Known<K>>]) -> Self {
        let rarity = |having| weights::rarity(having, lexicon.signatures());
        let rarities = |of: &Counted| of.counts().map(rarity).collect::<Vec<f64>>();
        let (frames, names) = (rarities(&lexicon.frames), rarities(&lexicon.names));
        let (grams, words) = (rarities(&lexicon.grams), rarities(&lexicon.words));
        let mut steps = Vec::new();
        let stack = |one: &Option<Known<K>>| {
            let parted = one.as_ref().map(|one| &one.parted);
            let of = parted.map_or(&[][..], |parted| &parted.steps);
            let weights = of.iter().enumerate().map(|(depth, one)| weight(depth, frames[*one as usize]));
            let from = steps.len() as u32;
            steps.extend_from_slice(of);
            let said = parted.map_or(0, |parted| parted.said);
            KnownStack { whole: weights.sum(), said, from, to: steps.len() as u32 }
        };
        let stacks: Vec<KnownStack> = known.iter().map(stack).collect();
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
            stacks,
            steps,
            frames,
            names,
            grams,
            words,
        }
    }

    /// The frames of a stack, from the crash on.
    pub(super) fn steps_of(&self, stack: &KnownStack) -> &[u32] {
        &self.steps[stack.from as usize..stack.to as usize]
    }
}
