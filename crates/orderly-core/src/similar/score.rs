//! How alike two signatures are, and why.

use super::corpus::Commonness;
use super::parts::shared;
use super::signature::Signature;
use super::stack::{Alignment, align};
use super::weights::FLOOR;
use crate::normal::frame::NormalFrame;
use serde::Serialize;

/// How alike two signatures are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// From 0 (nothing in common) to 1 (the same), comparable between pairs that were compared in the same way.
    pub value: f64,
    /// What was compared, and what each part said.
    pub parts: Parts,
}

/// What the value was made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "compared", rename_all = "snake_case")]
pub enum Parts {
    /// Two stacks: `value = stack * factor`.
    Stacks {
        /// How alike the stacks are, from 0 to 1.
        stack: f64,
        /// How alike type and message are, from 0 to 1.
        said: f64,
        /// What `said` leaves of `stack`: from [`FLOOR`], when they have nothing in common, to 1.
        factor: f64,
    },
    /// At least one of the two has no stack: `value = text`.
    Texts {
        /// How alike titles and bodies are, from 0 to 1.
        text: f64,
    },
}

/// A score with what people need to check it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The score.
    pub score: Score,
    /// Frames that were aligned, from the crash outwards. Empty when texts were compared.
    pub frames: Vec<MatchedFrame>,
}

/// A frame of the asked stack and the one of the known stack that it was aligned with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchedFrame {
    /// The asked stack's.
    pub asked: NormalFrame,
    /// The known stack's; often the same.
    pub known: NormalFrame,
    /// How alike the two are: 1 for the same frame, less for names that share words.
    pub likeness: f64,
    /// What the two add to `stack` of the score: all of them together are it.
    pub adds: f64,
    /// How many known signatures have the asked frame.
    pub known_in: u32,
}

/// How alike an asked signature and a known one are, given how common everything is.
pub fn score(corpus: &dyn Commonness, asked: &Signature, known: &Signature) -> Score {
    compare(corpus, asked, known).0
}

/// The score again, with the frames that were aligned.
pub fn explain(corpus: &dyn Commonness, asked: &Signature, known: &Signature) -> Explanation {
    let (score, alignment) = compare(corpus, asked, known);
    let frames = alignment.pairs.iter().filter_map(|pair| {
        let (x, y) = (asked.steps().get(pair.asked)?, known.steps().get(pair.known)?);
        Some(MatchedFrame {
            asked: asked.facts().frames.get(x.at)?.frame.clone(),
            known: known.facts().frames.get(y.at)?.frame.clone(),
            likeness: pair.likeness,
            adds: pair.adds,
            known_in: corpus.having(x.key),
        })
    });
    Explanation { score, frames: frames.collect() }
}

/// How alike what two items say is, from 0 to 1; stack traces in them count as text.
pub fn text_likeness(corpus: &dyn Commonness, asked: &Signature, known: &Signature) -> f64 {
    asked.text().likeness(known.text(), corpus)
}

/// What type and message leave of the stacks' likeness. Squared: half a message in common is little, because its words
/// are mostly the program's own.
pub(super) fn factor(said: f64) -> f64 {
    (1.0 - FLOOR).mul_add(said * said, FLOOR)
}

/// How alike type and message have to be to leave so much.
pub(super) fn said_of(factor: f64) -> f64 {
    ((factor - FLOOR).max(0.0) / (1.0 - FLOOR)).sqrt()
}

fn compare(corpus: &dyn Commonness, asked: &Signature, known: &Signature) -> (Score, Alignment) {
    if asked.steps().is_empty() || known.steps().is_empty() {
        let text = asked.text().likeness(known.text(), corpus);
        let score = Score { value: text, parts: Parts::Texts { text } };
        return (score, Alignment { likeness: 0.0, pairs: Vec::new() });
    }
    let alignment = align(corpus, asked.steps(), known.steps());
    let said = shared(asked.said(), known.said(), |key| corpus.rarity(key));
    let factor = factor(said);
    let stack = alignment.likeness;
    (Score { value: stack * factor, parts: Parts::Stacks { stack, said, factor } }, alignment)
}
