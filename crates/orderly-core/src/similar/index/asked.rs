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
use crate::similar::stack::{Grid, Step, by_words, depths, gain, near, weight};
use crate::similar::weights::{COMMON, FRAMES, NOT_THE_SAME};

/// Known frames are not looked for that are less alike to an asked one than a share of what makes stacks alike enough. The
/// next smaller share is taken where too many stacks have one of the frames that are left.
pub(super) const LEFT_OUT: [f64; 2] = [0.6, 0.5];

/// So many stacks are rather looked at than more frames are looked for.
const FEW: usize = 60_000;

/// The frames of an asked stack.
pub(super) struct Asked {
    frames: Vec<AskedFrame>,
    /// The weights of the frames, and all of them together.
    pub weights: Vec<f64>,
    pub whole: f64,
    /// Known words of the asked frames.
    words: Vec<u32>,
    /// Known frames that were compared, and the same in short.
    resemblances: Vec<Resemblance>,
    shorts: Vec<Short>,
    /// What a frame weighs by its depth, and what a pair counts by the depth of the known frame and that of the asked one.
    depths: [f32; FRAMES],
    near: [Lanes; FRAMES],
    /// The weights in few digits.
    short_weights: Lanes,
    /// The frames of the stack that was bounded last, each with what those up to it come to.
    path: Vec<(u32, Begun)>,
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

/// How alike a known frame is to each of the asked ones.
#[derive(Clone, Copy)]
struct Resemblance {
    frame: u32,
    rarity: f64,
    alike: [f64; FRAMES],
}

/// As many numbers as there are asked frames, and one that is nothing: sixteen are quicker than fifteen.
type Lanes = [f32; FRAMES + 1];

/// A resemblance in few digits, for bounds.
#[derive(Clone, Copy)]
struct Short {
    alike: Lanes,
    /// The most of them.
    most: f32,
    rarity: f32,
}

/// Which frames of a known stack were compared with the asked ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    All,
    Some,
}

/// What the first frames of a stack come to, for a bound.
#[derive(Clone, Copy)]
struct Begun {
    /// How alike the most alike of them is to each asked frame.
    nearest: Lanes,
    /// What they add for what they weigh.
    gained: f32,
    /// What those weigh that were compared.
    weighed: f32,
    compared: Compared,
}

impl Begun {
    const NOTHING: Self =
        Self { nearest: [0.0; FRAMES + 1], gained: 0.0, weighed: 0.0, compared: Compared::All };

    fn add(&mut self, one: &Short, depth: f32, near: &Lanes) {
        let weight = depth * one.rarity;
        self.gained += weight * one.most;
        self.weighed += weight;
        for (nearest, (alike, near)) in self.nearest.iter_mut().zip(one.alike.iter().zip(near)) {
            let alike = alike * near;
            *nearest = if alike > *nearest { alike } else { *nearest };
        }
    }
}

/// Bounds in few digits are raised by that.
const FEW_DIGITS: f64 = 1.0 + 1e-5;

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
            words,
            resemblances: Vec::new(),
            shorts: Vec::new(),
            depths: depths().map(|one| one as f32),
            near: std::array::from_fn(|known| lanes(|asked| near(known.abs_diff(asked)))),
            short_weights: lanes(|asked| weights.get(asked).copied().unwrap_or(0.0)),
            path: Vec::with_capacity(FRAMES),
            weights,
            unlike: 1.0,
        }
    }

    /// Leaves the scratch as it was.
    pub(super) fn clear(self, scratch: &mut Scratch) {
        self.words.into_iter().for_each(|name| scratch.asked_words[name as usize] = 0);
        self.resemblances.into_iter().for_each(|one| scratch.resembles[one.frame as usize] = 0);
    }

    /// Frames of which a stack must have one to be as alike as `least`, those with the shortest lists first.
    pub(super) fn leads(&mut self, least: f64, ready: &Ready, scratch: &mut Scratch) -> Vec<u32> {
        // A little less, so that what is left out lies below `least` and is not equal to it.
        let least = (least - ROUNDING).max(0.0);
        let mut leads = Leads { frames: Vec::new(), stacks: usize::MAX };
        for share in LEFT_OUT {
            self.find(share * least, ready, scratch);
            let next = self.dealt(least, ready);
            if next.stacks < leads.stacks {
                leads = next;
            }
            if leads.stacks <= FEW {
                break;
            }
        }
        leads.frames
    }

    /// The frames that are left when what makes stacks as alike as `least` is dealt out.
    fn dealt(&self, least: f64, ready: &Ready) -> Leads {
        let mut pairs: Vec<Vec<Pair>> = vec![Vec::new(); self.frames.len()];
        for one in &self.resemblances {
            let length = ready.stacks.with_frame(one.frame).len();
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
            stacks: leads.iter().map(|(length, _)| length).sum(),
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
        self.forget_bounds();
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

    /// How alike a known stack is whose frames were all compared.
    pub(super) fn aligned(&self, stack: u32, ready: &Ready, scratch: &Scratch) -> f64 {
        let mut resemblances = [None; FRAMES];
        let mut weights = [0.0; FRAMES];
        let steps = ready.stacks.steps_of(stack);
        for (depth, frame) in steps.iter().enumerate() {
            let at = scratch.resembles[*frame as usize].checked_sub(1);
            let one = at.map(|at| &self.resemblances[at as usize]);
            weights[depth] = one.map_or(0.0, |one| weight(depth, one.rarity));
            resemblances[depth] = one;
        }
        let alike = |i: usize, j: usize| resemblances[j].map_or(0.0, |one| one.alike[i]);
        Grid::of(&self.weights, &weights[..steps.len()], alike).likeness()
    }

    /// The most that a known stack may be alike, and whether all of its frames were compared: each frame of both counts as
    /// if it were paired with the one of the other that it resembles most.
    pub(super) fn at_most(&mut self, stack: u32, ready: &Ready, scratch: &Scratch) -> (f64, Compared) {
        let steps = ready.stacks.steps_of(stack);
        let whole = ready.stacks.whole(stack);
        let Begun { mut nearest, mut gained, weighed, compared } = self.begun(steps, scratch);
        if compared == Compared::Some {
            let unlike = self.unlike as f32;
            gained += unlike * (whole as f32 - weighed).max(0.0);
            for nearest in &mut nearest {
                *nearest = if unlike > *nearest { unlike } else { *nearest };
            }
        }
        let pairs = self.short_weights.iter().zip(nearest).map(|(weight, alike)| weight * alike);
        (f64::from(gained + pairs.sum::<f32>()) * FEW_DIGITS / (self.whole + whole), compared)
    }

    /// What the frames of a stack come to. Most stacks begin like the one before: that is not done again.
    fn begun(&mut self, steps: &[u32], scratch: &Scratch) -> Begun {
        let same = self.path.iter().zip(steps).take_while(|((frame, _), step)| frame == *step).count();
        self.path.truncate(same);
        let mut begun = self.path.last().map_or(Begun::NOTHING, |(_, begun)| *begun);
        for (depth, frame) in steps.iter().enumerate().skip(same) {
            match scratch.resembles[*frame as usize].checked_sub(1) {
                Some(at) => begun.add(&self.shorts[at as usize], self.depths[depth], &self.near[depth]),
                None => begun.compared = Compared::Some,
            }
            self.path.push((*frame, begun));
        }
        begun
    }

    /// Frames were compared that a bound may have been made without.
    pub(super) fn forget_bounds(&mut self) {
        self.path.clear();
    }

    /// Compares a known frame with the asked ones.
    pub(super) fn resemblance(&mut self, frame: u32, ready: &Ready, scratch: &mut Scratch) {
        if scratch.resembles[frame as usize] > 0 {
            return;
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
        scratch.resembles[frame as usize] = self.resemblances.len() as u32 + 1;
        let rarity = ready.frames[frame as usize];
        let most = alike.iter().copied().fold(0.0, f64::max) as f32;
        self.shorts.push(Short {
            alike: lanes(|asked| alike[asked]),
            most,
            rarity: (COMMON + rarity) as f32,
        });
        self.resemblances.push(Resemblance { frame, rarity, alike });
    }
}

/// Frames of which a stack must have one, those with the shortest lists first.
struct Leads {
    frames: Vec<u32>,
    /// How many stacks have them, one by one.
    stacks: usize,
}

/// An asked frame and a known one that resembles it.
#[derive(Clone, Copy)]
struct Pair {
    frame: u32,
    /// The most that they bring.
    brings: f64,
    /// How many stacks have the known one.
    length: usize,
}

fn lanes(of: impl Fn(usize) -> f64) -> Lanes {
    std::array::from_fn(|asked| if asked < FRAMES { of(asked) as f32 } else { 0.0 })
}
