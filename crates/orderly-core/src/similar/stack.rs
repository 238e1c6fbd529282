//! How alike two stacks are: their frames are aligned in order, each with the frame of the other stack that it resembles
//! most, and what stands deep, lies apart or is common counts less.

use super::corpus::Commonness;
use super::parts::{Key, Kind, key, set, words};
use super::signature::PlacedFrame;
use super::weights::{APART, COMMON, DEPTH, FRAMES, NOT_THE_SAME};
use crate::sync::snapshot::FrameOrigin;
use std::sync::LazyLock;

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
            let words = set(words(Kind::NameWord, &name));
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
    /// What the pair adds to the likeness of the stacks.
    pub adds: f64,
}

/// The best alignment of two stacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// From 0 to 1.
    pub likeness: f64,
    /// Frames that were aligned, from the crash outwards.
    pub pairs: Vec<Pair>,
}

/// Aligns two stacks.
pub fn align(corpus: &dyn Commonness, asked: &[Step], known: &[Step]) -> Alignment {
    let (a, b) = (weighed(corpus, asked), weighed(corpus, known));
    let mut alike = [[0.0_f64; FRAMES]; FRAMES];
    for (x, row) in a.iter().zip(&mut alike) {
        for (y, alike) in b.iter().zip(row) {
            *alike = x.likeness(y);
        }
    }
    let weights = |side: &[Weighed<'_>]| side.iter().map(|step| step.weight).collect::<Vec<_>>();
    let grid = Grid::of(&weights(&a), &weights(&b), |i, j| alike[i][j]);
    let pairs = grid.pairs(|i, j| alike[i][j]);
    Alignment { likeness: grid.likeness(), pairs }
}

/// The best gain of every beginning of one stack with every beginning of the other: dynamic programming over at most
/// [`FRAMES`] times [`FRAMES`] pairs.
pub(super) struct Grid {
    best: [[f64; FRAMES + 1]; FRAMES + 1],
    sizes: (usize, usize),
    whole: f64,
}

impl Grid {
    /// From the weights of both stacks, each at most [`FRAMES`], and how alike their frames are.
    pub(super) fn of(a: &[f64], b: &[f64], alike: impl Fn(usize, usize) -> f64) -> Self {
        let mut best = [[0.0_f64; FRAMES + 1]; FRAMES + 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                let matched = best[i][j] + gain(x + y, alike(i, j), i.abs_diff(j));
                best[i + 1][j + 1] = matched.max(best[i][j + 1]).max(best[i + 1][j]);
            }
        }
        Self { best, sizes: (a.len(), b.len()), whole: a.iter().chain(b).sum() }
    }

    /// From 0 to 1.
    pub(super) fn likeness(&self) -> f64 {
        let (a, b) = self.sizes;
        if self.whole > 0.0 { (self.best[a][b] / self.whole).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The frames that were paired for it, from the crash outwards.
    fn pairs(&self, alike: impl Fn(usize, usize) -> f64) -> Vec<Pair> {
        let best = &self.best;
        let mut pairs = Vec::new();
        let (mut i, mut j) = self.sizes;
        while i > 0 && j > 0 {
            if best[i][j] <= best[i - 1][j] {
                i -= 1;
            } else if best[i][j] <= best[i][j - 1] {
                j -= 1;
            } else {
                (i, j) = (i - 1, j - 1);
                let adds = (best[i + 1][j + 1] - best[i][j]) / self.whole;
                pairs.push(Pair { asked: i, known: j, likeness: alike(i, j), adds });
            }
        }
        pairs.reverse();
        pairs
    }
}

/// What a pair of frames adds, whose weights together are `weights` and whose depths differ by `apart`.
pub(super) fn gain(weights: f64, alike: f64, apart: usize) -> f64 {
    weights * alike * NEAR[apart]
}

/// What of a pair counts whose depths differ by so much.
pub(super) fn near(apart: usize) -> f64 {
    NEAR[apart]
}

/// What a frame weighs at each depth, before its rarity.
pub(super) fn depths() -> [f64; FRAMES] {
    *DEPTHS
}

/// What a frame weighs at its depth, by how rare it is.
pub(super) fn weight(depth: usize, rarity: f64) -> f64 {
    DEPTHS[depth] * (COMMON + rarity)
}

/// How alike two different frames are, of whose words `common` weighs what both have and `all` what at least one has.
pub(super) fn by_words(common: f64, all: f64) -> f64 {
    if all > 0.0 { NOT_THE_SAME * common / all } else { 0.0 }
}

static NEAR: LazyLock<[f64; FRAMES]> =
    LazyLock::new(|| std::array::from_fn(|apart| (-APART * apart as f64).exp()));
static DEPTHS: LazyLock<[f64; FRAMES]> =
    LazyLock::new(|| std::array::from_fn(|depth| (1.0 + depth as f64).powf(-DEPTH)));

/// A step with what its parts weigh in this corpus.
struct Weighed<'a> {
    step: &'a Step,
    weight: f64,
    /// In the order of the step's words.
    words: Vec<f64>,
    all_words: f64,
}

fn weighed<'a>(corpus: &dyn Commonness, steps: &'a [Step]) -> Vec<Weighed<'a>> {
    let weigh = |(depth, step): (usize, &'a Step)| {
        let words: Vec<f64> = step.words.iter().map(|word| corpus.rarity(*word)).collect();
        Weighed { step, weight: weight(depth, corpus.rarity(step.key)), all_words: words.iter().sum(), words }
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
        by_words(common, self.all_words + other.all_words - common)
    }
}
