//! How alike two stacks are: their frames are aligned in order, each with the frame of the other stack that it resembles
//! most, and what stands deep, lies apart or is common counts less.

use super::corpus::Corpus;
use super::parts::{Key, Kind, key, set, words};
use super::signature::PlacedFrame;
use super::weights::{APART, COMMON, DEPTH, FRAMES, NOT_THE_SAME};
use crate::sync::snapshot::FrameOrigin;

/// A frame of a stack, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its place among all frames of the signature, from 0 at the crash.
    pub at: usize,
    /// The whole frame.
    pub key: Key,
    /// The words of its names: sorted, each once.
    pub words: Vec<Key>,
}

/// The frames that are compared: the innermost of own code, or of all code when none is own.
pub fn steps(frames: &[PlacedFrame]) -> Vec<Step> {
    let own = frames.iter().any(|placed| placed.origin == FrameOrigin::InApp);
    let compared =
        frames.iter().enumerate().filter(|(_, placed)| !own || placed.origin == FrameOrigin::InApp);
    compared
        .take(FRAMES)
        .map(|(at, placed)| {
            let name = placed.frame.to_string();
            let words = set(words(&name).iter().map(|word| key(Kind::NameWord, word.chars())));
            Step { at, key: key(Kind::Frame, name.chars()), words }
        })
        .collect()
}

/// Two frames that were aligned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Index into the asked steps.
    pub asked: usize,
    /// Index into the known steps.
    pub known: usize,
    /// How alike they are, 1 for the same frame.
    pub likeness: f64,
}

/// The best alignment of two stacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// From 0 to 1.
    pub likeness: f64,
    /// Frames that were aligned, from the crash outwards.
    pub pairs: Vec<Pair>,
}

/// Aligns two stacks: dynamic programming over at most [`FRAMES`] times [`FRAMES`] pairs.
pub fn align(corpus: &Corpus, asked: &[Step], known: &[Step]) -> Alignment {
    let (a, b) = (weighed(corpus, asked), weighed(corpus, known));
    let whole: f64 = a.iter().chain(&b).map(|step| step.weight).sum();
    if a.is_empty() || b.is_empty() || whole <= 0.0 {
        return Alignment { likeness: 0.0, pairs: Vec::new() };
    }
    let mut best = vec![vec![0.0_f64; b.len() + 1]; a.len() + 1];
    let mut alike = vec![vec![0.0_f64; b.len()]; a.len()];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            alike[i][j] = x.likeness(y);
            let matched = best[i][j] + gain(i, x, j, y, alike[i][j]);
            best[i + 1][j + 1] = matched.max(best[i][j + 1]).max(best[i + 1][j]);
        }
    }
    let likeness = (best[a.len()][b.len()] / whole).clamp(0.0, 1.0);
    let mut pairs = Vec::new();
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        if best[i][j] <= best[i - 1][j] {
            i -= 1;
        } else if best[i][j] <= best[i][j - 1] {
            j -= 1;
        } else {
            (i, j) = (i - 1, j - 1);
            pairs.push(Pair { asked: i, known: j, likeness: alike[i][j] });
        }
    }
    pairs.reverse();
    Alignment { likeness, pairs }
}

fn gain(i: usize, x: &Weighed<'_>, j: usize, y: &Weighed<'_>, alike: f64) -> f64 {
    (x.weight + y.weight) * alike * (-APART * i.abs_diff(j) as f64).exp()
}

/// A step with what its parts weigh in this corpus.
struct Weighed<'a> {
    step: &'a Step,
    weight: f64,
    /// In the order of the step's words.
    words: Vec<f64>,
    all_words: f64,
}

fn weighed<'a>(corpus: &Corpus, steps: &'a [Step]) -> Vec<Weighed<'a>> {
    let weigh = |(depth, step): (usize, &'a Step)| {
        let words: Vec<f64> = step.words.iter().map(|word| corpus.rarity(*word)).collect();
        Weighed {
            step,
            weight: (1.0 + depth as f64).powf(-DEPTH) * (COMMON + corpus.rarity(step.key)),
            all_words: words.iter().sum(),
            words,
        }
    };
    steps.iter().enumerate().map(weigh).collect()
}

impl Weighed<'_> {
    /// 1 for the same frame; else what the words of both share, by rarity.
    fn likeness(&self, other: &Weighed<'_>) -> f64 {
        if self.step.key == other.step.key {
            return 1.0;
        }
        let (mut j, mut common) = (0, 0.0);
        let theirs = &other.step.words;
        for (word, weight) in self.step.words.iter().zip(&self.words) {
            while theirs.get(j).is_some_and(|their| their < word) {
                j += 1;
            }
            if theirs.get(j) == Some(word) {
                common += weight;
            }
        }
        let all = self.all_words + other.all_words - common;
        if all > 0.0 { NOT_THE_SAME * common / all } else { 0.0 }
    }
}
