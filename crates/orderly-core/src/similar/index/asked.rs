//! An asked stack before what is known: which known frames resemble its frames, and which of them lead to every stack
//! that is alike enough.
//!
//! Two stacks score `sum over pairs of (a_i + b_j) * alike * near / (A + B)`, where `a_i` and `b_j` weigh the frames of the
//! asked and the known stack, `A` and `B` all of them, and no frame is in two pairs. So a score of at least `s` takes
//!
//! ```text
//! sum over pairs of ((a_i + b_j) * alike * near - s * b_j)  >=  s * A
//! ```
//!
//! because a known frame without a pair only takes away. If `s * A` is dealt out among the asked frames, at least one
//! pair must exceed what its asked frame was dealt. Only stacks with such a pair have to be looked at. It is dealt out
//! so that the lists of the frames that may be in such a pair are as short as possible together: frames that very many
//! have are dealt what they can bring, and their long lists are not gone through. (The idea is that of MaxScore, Turtle
//! and Flood 1995.)

use super::best::ROUNDING;
use super::deal::deal;
use super::lexicon::Lexicon;
use super::ready::Ready;
use super::scratch::Scratch;
use super::sets::Sets;
use crate::similar::signature::Signature;
use crate::similar::stack::{Step, by_words, gain, weight};
use crate::similar::weights::{FRAMES, NOT_THE_SAME};

/// Known frames are not looked for that are less alike to an asked one than a share of what makes stacks alike enough. The
/// next smaller share is taken where too many signatures have one of the frames that are left.
pub(super) const LEFT_OUT: [f64; 2] = [0.6, 0.5];

/// So many signatures are rather looked at than more frames are looked for.
const FEW: usize = 8_000;

/// The frames of an asked stack.
pub(super) struct Asked {
    frames: Vec<AskedFrame>,
    /// The weights of the frames, and all of them together.
    pub weights: Vec<f64>,
    pub whole: f64,
    /// Known words of the asked frames.
    words: Vec<u32>,
    /// Known frames that were compared.
    resemblances: Vec<Resemblance>,
    adds: Vec<Adds>,
    /// A known frame that was not compared is not more alike to an asked one than that.
    pub unlike: f64,
}

struct AskedFrame {
    /// Its number, if a known signature ever had it.
    number: Option<u32>,
    /// Its known words with their weights, the heaviest first.
    words: Vec<(u32, f64)>,
    /// What all of its words weigh.
    all: f64,
}

/// The most that a known frame adds to the likeness of a stack.
#[derive(Clone, Copy)]
pub(super) struct Adds {
    /// For what it weighs.
    pub alike: f64,
    /// For what the asked frame weighs that it is paired with.
    pub asked: f64,
    pub rarity: f64,
}

/// How alike a known frame is to each of the asked ones.
#[derive(Clone, Copy)]
pub(super) struct Resemblance {
    frame: u32,
    pub rarity: f64,
    pub alike: [f64; FRAMES],
    pub most: f64,
}

impl Asked {
    pub(super) fn new(lexicon: &Lexicon, ready: &Ready, asked: &Signature, scratch: &mut Scratch) -> Self {
        let (mut words, mut weights) = (Vec::new(), Vec::new());
        let mut frame = |(at, step): (usize, &Step)| {
            let number = lexicon.frames.find(step.key);
            let mut known = Vec::new();
            let mut all = 0.0;
            for word in &step.words {
                let name = lexicon.names.find(*word);
                let weight = name.map_or(ready.unknown, |name| ready.names[name as usize]);
                all += weight;
                if let Some(name) = name {
                    known.push((name, weight));
                    scratch.asked_words[name as usize] |= 1 << at;
                    words.push(name);
                }
            }
            Sets::<8>::order(&mut known);
            let rarity = number.map_or(ready.unknown, |number| ready.frames[number as usize]);
            weights.push(weight(at, rarity));
            AskedFrame { number, words: known, all }
        };
        let frames: Vec<AskedFrame> = asked.steps().iter().enumerate().map(&mut frame).collect();
        Self {
            whole: weights.iter().sum(),
            frames,
            weights,
            words,
            resemblances: Vec::new(),
            adds: Vec::new(),
            unlike: 1.0,
        }
    }

    /// Leaves the scratch as it was.
    pub(super) fn clear(self, scratch: &mut Scratch) {
        self.words.into_iter().for_each(|name| scratch.asked_words[name as usize] = 0);
        self.resemblances.into_iter().for_each(|one| scratch.resembles[one.frame as usize] = 0);
    }

    /// Frames of which a stack must have one to be as alike as `least`, those with the shortest lists first.
    pub(super) fn leads(
        &mut self,
        least: f64,
        lexicon: &Lexicon,
        ready: &Ready,
        scratch: &mut Scratch,
    ) -> Vec<u32> {
        // A little less, so that what is left out lies below `least` and is not equal to it.
        let least = (least - ROUNDING).max(0.0);
        let mut leads = Leads { frames: Vec::new(), signatures: usize::MAX };
        for share in LEFT_OUT {
            self.find(share * least, ready, scratch);
            let next = self.dealt(least, lexicon, ready);
            if next.signatures < leads.signatures {
                leads = next;
            }
            if leads.signatures <= FEW {
                break;
            }
        }
        leads.frames
    }

    /// The frames that are left when what makes stacks as alike as `least` is dealt out.
    fn dealt(&self, least: f64, lexicon: &Lexicon, ready: &Ready) -> Leads {
        let mut pairs: Vec<Vec<Pair>> = vec![Vec::new(); self.frames.len()];
        for one in &self.resemblances {
            let length = lexicon.with_frame(one.frame).len();
            for (at, pairs) in pairs.iter_mut().enumerate() {
                if one.alike[at] > self.unlike && length > 0 {
                    pairs.push(Pair { frame: one.frame, brings: self.brings(at, one, least), length });
                }
            }
        }
        let left_out: Vec<f64> =
            (0..self.frames.len()).map(|at| self.brings_at_most(at, self.unlike, least, ready)).collect();
        let budget = least.mul_add(self.whole, -left_out.iter().sum::<f64>());
        let costs = pairs.iter().zip(&left_out).map(|(pairs, left_out)| {
            pairs.iter().map(|pair| (pair.brings - left_out, pair.length)).collect::<Vec<_>>()
        });
        let dealt = deal(budget, costs);
        let exceeding = pairs.into_iter().zip(dealt).zip(left_out).flat_map(|((pairs, dealt), left_out)| {
            let more = pairs.into_iter().filter(move |pair| pair.brings > dealt + left_out);
            more.map(|pair| (pair.length, pair.frame))
        });
        let mut leads: Vec<(usize, u32)> = exceeding.collect();
        leads.sort_unstable();
        leads.dedup();
        Leads {
            signatures: leads.iter().map(|(length, _)| length).sum(),
            frames: leads.into_iter().map(|(_, frame)| frame).collect(),
        }
    }

    /// The most that a pair of an asked frame and a known one brings.
    fn brings(&self, at: usize, known: &Resemblance, least: f64) -> f64 {
        let at_depth = |depth: usize| {
            let weight = weight(depth, known.rarity);
            gain(self.weights[at] + weight, known.alike[at], at.abs_diff(depth)) - least * weight
        };
        (0..FRAMES).map(at_depth).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The most that a pair of an asked frame and a known one brings that are not more alike than that, whatever the
    /// known one weighs.
    fn brings_at_most(&self, at: usize, alike: f64, least: f64, ready: &Ready) -> f64 {
        let (asked, heaviest) = (self.weights[at], weight(0, ready.unknown));
        (asked * alike).max((asked + heaviest).mul_add(alike, -least * heaviest))
    }

    /// Compares the known frames that are more alike to an asked one than that, and some that are not.
    pub(super) fn find(&mut self, unlike: f64, ready: &Ready, scratch: &mut Scratch) {
        if unlike >= self.unlike {
            return;
        }
        self.unlike = unlike;
        for at in 0..self.frames.len() {
            if let Some(own) = self.frames[at].number {
                self.resemblance(own, ready, scratch);
            }
            let (words, all) = (std::mem::take(&mut self.frames[at].words), self.frames[at].all);
            ready.frame_words.sharing(&words, all, unlike / NOT_THE_SAME, |frame| {
                self.resemblance(frame, ready, scratch);
            });
            self.frames[at].words = words;
        }
    }

    /// What is known of a frame that was compared.
    pub(super) fn compared(&self, frame: u32, scratch: &Scratch) -> Option<&Resemblance> {
        let at = scratch.resembles[frame as usize];
        at.checked_sub(1).map(|at| &self.resemblances[at as usize])
    }

    /// What a frame that was compared adds.
    pub(super) fn adds(&self, frame: u32, scratch: &Scratch) -> Option<&Adds> {
        let at = scratch.resembles[frame as usize];
        at.checked_sub(1).map(|at| &self.adds[at as usize])
    }

    /// Compares a known frame with the asked ones.
    pub(super) fn resemblance(&mut self, frame: u32, ready: &Ready, scratch: &mut Scratch) -> &Resemblance {
        let at = scratch.resembles[frame as usize];
        if at > 0 {
            return &self.resemblances[at as usize - 1];
        }
        let whole = ready.frame_words.whole(frame);
        let mut common = [0.0; FRAMES];
        for word in ready.frame_words.parts_of(frame) {
            let mut frames = scratch.asked_words[*word as usize];
            if frames != 0 {
                let weight = ready.names[*word as usize];
                while frames != 0 {
                    common[frames.trailing_zeros() as usize] += weight;
                    frames &= frames - 1;
                }
            }
        }
        let mut alike = [0.0; FRAMES];
        for ((alike, common), asked) in alike.iter_mut().zip(common).zip(&self.frames) {
            *alike =
                if asked.number == Some(frame) { 1.0 } else { by_words(common, asked.all + whole - common) };
        }
        let most = alike.iter().copied().fold(0.0, f64::max);
        scratch.resembles[frame as usize] = self.resemblances.len() as u32 + 1;
        let rarity = ready.frames[frame as usize];
        let asked = alike.iter().zip(&self.weights).map(|(alike, weight)| alike * weight).fold(0.0, f64::max);
        self.adds.push(Adds { alike: most, asked, rarity });
        self.resemblances.push(Resemblance { frame, rarity, alike, most });
        let at = self.resemblances.len() - 1;
        &self.resemblances[at]
    }
}

/// Frames of which a stack must have one, those with the shortest lists first.
struct Leads {
    frames: Vec<u32>,
    /// How many signatures have them, one by one.
    signatures: usize,
}

/// An asked frame and a known one that resembles it.
#[derive(Clone, Copy)]
struct Pair {
    frame: u32,
    /// The most that they bring.
    brings: f64,
    /// How many signatures have the known one.
    length: usize,
}
