//! How alike two signatures are, and why.

use super::corpus::Corpus;
use super::signature::Signature;
use crate::normal::frame::NormalFrame;
use serde::Serialize;

/// How alike two signatures are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// From 0 (nothing in common) to 1 (equal), comparable between pairs. The sum of what the parts contributed.
    pub value: f64,
    /// What each kind of evidence contributed, in the order of [`Evidence::ALL`].
    pub parts: [Part; Evidence::ALL.len()],
}

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Small pieces of the names of the innermost frames.
    Names,
    /// Type and message of what was thrown.
    Message,
}

impl Evidence {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Names, Self::Message];
}

/// What one kind of evidence said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The kind.
    pub evidence: Evidence,
    /// How alike the two are in it, from 0 to 1.
    pub likeness: f64,
    /// Its share of the score's value.
    pub contribution: f64,
}

/// A score with what people need to check it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The score.
    pub score: Score,
    /// Frames that both have, in the order of the asked signature.
    pub frames: Vec<MatchedFrame>,
}

/// A frame that two stacks share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchedFrame {
    /// The frame.
    pub frame: NormalFrame,
    /// Its place in the asked stack, from 0 at the crash.
    pub asked_at: usize,
    /// Its place in the known stack.
    pub known_at: usize,
    /// How many known signatures have it.
    pub known_in: u32,
}

/// How alike an asked signature and a known one are, given how common everything is.
pub fn score(_corpus: &Corpus, asked: &Signature, known: &Signature) -> Score {
    let names = jaccard(asked.grams(), known.grams());
    let message = f64::from(u8::from(
        asked.facts().kind == known.facts().kind && asked.facts().message == known.facts().message,
    ));
    let part = |evidence, likeness, weight| Part { evidence, likeness, contribution: likeness * weight };
    let parts = [part(Evidence::Names, names, 0.9), part(Evidence::Message, message, 0.1)];
    Score { value: parts.iter().map(|part| part.contribution).sum(), parts }
}

/// The score again, with the frames that both have.
pub fn explain(corpus: &Corpus, asked: &Signature, known: &Signature) -> Explanation {
    let mut frames = Vec::new();
    for (asked_at, placed) in asked.facts().frames.iter().enumerate() {
        if let Some(known_at) = known.facts().frames.iter().position(|other| other.frame == placed.frame) {
            frames.push(MatchedFrame { frame: placed.frame.clone(), asked_at, known_at, known_in: 0 });
        }
    }
    Explanation { score: score(corpus, asked, known), frames }
}

/// Shared among all, of two sorted lists.
fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0_usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        common += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}
