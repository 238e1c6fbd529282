//! What everything weighs while nothing is added or forgotten, worked out once.

use super::Known;
use super::lexicon::{Counted, Lexicon};
use crate::similar::stack::weight;
use crate::similar::weights;

/// Weights by number; what nothing known has is in none of them.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// Of a part that no known signature has.
    pub unknown: f64,
    /// How rare each frame is.
    pub frames: Vec<f64>,
    /// By frame: what all words of its names weigh.
    pub frame_words: Vec<f64>,
    /// Words of frames' names.
    pub names: Vec<f64>,
    /// Groups of characters of types and messages.
    pub grams: Vec<f64>,
    /// By type and message: what all of its groups weigh.
    pub messages: Vec<f64>,
    /// Words of titles and bodies.
    pub words: Vec<f64>,
    /// By place: what the frames of its stack weigh together.
    pub stacks: Vec<f64>,
    /// By place: the square of the length of its text.
    pub texts: Vec<f64>,
}

impl Ready {
    pub(super) fn new<K>(lexicon: &Lexicon, known: &[Option<Known<K>>]) -> Self {
        let rarity = |having| weights::rarity(having, lexicon.signatures());
        let rarities = |of: &Counted| of.counts().map(rarity).collect::<Vec<f64>>();
        let (frames, names) = (rarities(&lexicon.frames), rarities(&lexicon.names));
        let (grams, words) = (rarities(&lexicon.grams), rarities(&lexicon.words));
        let sum = |of: &[u32], weights: &[f64]| of.iter().map(|number| weights[*number as usize]).sum();
        let stack = |one: &Known<K>| {
            let steps = one.parted.steps.iter().enumerate();
            steps.map(|(depth, frame)| weight(depth, frames[*frame as usize])).sum()
        };
        let text = |one: &Known<K>| {
            let weights = one.parted.text.iter().map(|(word, n)| f64::from(*n) * words[*word as usize]);
            weights.map(|weight| weight * weight).sum()
        };
        let by_place = |of: &dyn Fn(&Known<K>) -> f64| {
            known.iter().map(|one| one.as_ref().map_or(0.0, of)).collect::<Vec<f64>>()
        };
        Self {
            unknown: rarity(0),
            frame_words: (0..frames.len() as u32).map(|frame| sum(lexicon.words_of(frame), &names)).collect(),
            messages: (0..lexicon.messages() as u32)
                .map(|said| sum(lexicon.grams_of(said), &grams))
                .collect(),
            stacks: by_place(&stack),
            texts: by_place(&text),
            frames,
            names,
            grams,
            words,
        }
    }
}
