//! Which known stacks may be among the nearest, and how near they are.
//!
//! Two stacks score `sum over pairs of (a_i + b_j) * alike * near / (A + B)`, where `a_i` and `b_j` weigh the frames of the
//! asked and the known stack, `A` and `B` all of them, and no frame is in two pairs. So a score of at least `s` takes
//!
//! ```text
//! sum over pairs of ((a_i + b_j) * alike * near - s * b_j)  >=  s * A
//! ```
//!
//! because a known frame without a pair only takes away. If `s * A` is dealt out among the asked frames, at least one
//! pair must exceed what its asked frame was dealt. Only stacks with such a pair are looked at: those with a frame that
//! resembles an asked one enough. Frames that very many have are dealt as much as they can ever bring, as long as half
//! is left for the others: then their long lists are not gone through. (The idea is that of MaxScore, Turtle and Flood
//! 1995.)

use super::Index;
use super::best::{Best, ROUNDING};
use super::lexicon::Lexicon;
use super::ready::Ready;
use super::scratch::Scratch;
use super::{Known, floors};
use crate::similar::score::factor;
use crate::similar::signature::Signature;
use crate::similar::stack::{Grid, by_words, gain, weight};
use crate::similar::weights::{FRAMES, NOT_THE_SAME};

/// Types and messages that are so much alike are looked for by themselves.
const MUCH: f64 = 0.3;

/// A list that has more signatures is better not gone through.
const LONG: usize = 256;

/// Offers every known signature with a stack that may be among the best.
pub(super) fn search<K: Ord + Clone>(
    index: &Index<K>,
    ready: &Ready,
    asked: &Signature,
    scratch: &mut Scratch,
    best: &mut Best<K>,
) {
    let mut search = Search::new(&index.lexicon, ready, asked, scratch);
    let weigh = |search: &mut Search<'_>, place: u32, best: &mut Best<K>| {
        if search.looks_at(place)
            && let Some(known) = index.at(place)
        {
            search.weigh(place, known, index.recency(known), best);
        }
    };
    for said in search.saying_much_of() {
        for place in index.lexicon.saying(said) {
            weigh(&mut search, *place, best);
        }
    }
    for floor in floors(best.at_least) {
        // What says less has so much more to share of the stack.
        for frame in search.leads(floor.max(best.least()) / factor(MUCH)) {
            for place in index.lexicon.with_frame(frame) {
                weigh(&mut search, *place, best);
            }
        }
        if best.least() >= floor {
            break;
        }
    }
    search.clear();
}

/// An asked stack before what is known.
struct Search<'a> {
    lexicon: &'a Lexicon,
    ready: &'a Ready,
    frames: Vec<AskedFrame>,
    /// The weights of the frames, and all of them together.
    weights: Vec<f64>,
    whole: f64,
    /// Known words of the asked frames.
    words: Vec<u32>,
    said: Said,
    resemblances: Vec<Resemblance>,
    /// Places that were looked at.
    looked: Vec<u32>,
    scratch: &'a mut Scratch,
}

struct AskedFrame {
    /// Its number, if a known signature ever had it.
    number: Option<u32>,
    rarity: f64,
    /// Its known words with their weights, lightest first.
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
    most: f64,
}

/// The asked type and message.
struct Said {
    /// Its known groups with their weights, the heaviest first.
    grams: Vec<(u32, f64)>,
    /// What it weighs.
    all: f64,
    /// Known types and messages that it was compared with.
    told: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(lexicon: &'a Lexicon, ready: &'a Ready, asked: &Signature, scratch: &'a mut Scratch) -> Self {
        let mut words: Vec<u32> = Vec::new();
        let frame = |(at, step): (usize, &crate::similar::stack::Step)| {
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
            known.sort_by(|a, b| a.1.total_cmp(&b.1));
            let rarity = number.map_or(ready.unknown, |number| ready.frames[number as usize]);
            AskedFrame { number, rarity, words: known, all }
        };
        let frames: Vec<AskedFrame> = asked.steps().iter().enumerate().map(frame).collect();
        let weights: Vec<f64> =
            frames.iter().enumerate().map(|(depth, frame)| weight(depth, frame.rarity)).collect();
        Self {
            whole: weights.iter().sum(),
            frames,
            weights,
            words,
            said: Said::new(lexicon, ready, asked, scratch),
            resemblances: Vec::new(),
            looked: Vec::new(),
            scratch,
            lexicon,
            ready,
        }
    }

    /// Leaves the scratch as it was.
    fn clear(self) {
        let scratch = self.scratch;
        self.words.into_iter().for_each(|name| scratch.asked_words[name as usize] = 0);
        self.resemblances.into_iter().for_each(|one| scratch.resembles[one.frame as usize] = 0);
        self.looked.into_iter().for_each(|place| scratch.seen[place as usize] = false);
        self.said.grams.into_iter().for_each(|(gram, _)| scratch.has[gram as usize] = false);
        self.said.told.into_iter().for_each(|said| scratch.likeness[said as usize] = 0.0);
    }

    /// Whether a place is looked at for the first time.
    fn looks_at(&mut self, place: u32) -> bool {
        let first = !std::mem::replace(&mut self.scratch.seen[place as usize], true);
        if first {
            self.looked.push(place);
        }
        first
    }

    /// Frames of which a stack must have one to be as alike as `least`.
    fn leads(&mut self, least: f64) -> Vec<u32> {
        let dealt = self.deal(least);
        let mut leads = Vec::new();
        for (at, dealt) in dealt.into_iter().enumerate() {
            let own = self.frames[at].number;
            leads.extend(own.filter(|own| self.brings(at, *own, least) > dealt));
            for frame in self.resembling(at, self.least_alike(at, dealt, least)) {
                if Some(frame) != own && self.brings(at, frame, least) > dealt {
                    leads.push(frame);
                }
            }
        }
        leads.sort_unstable();
        leads.dedup();
        leads.sort_by_key(|frame| self.lexicon.with_frame(*frame).len());
        leads
    }

    /// Deals what a stack must bring to be as alike as `least` out among the asked frames.
    fn deal(&mut self, least: f64) -> Vec<f64> {
        // A little less, so that what is left out lies below `least` and is not equal to it.
        let budget = (least - ROUNDING).max(0.0) * self.whole;
        let mut dealt: Vec<Option<f64>> = vec![None; self.frames.len()];
        let list = |frame: &AskedFrame| frame.number.map_or(0, |own| self.lexicon.with_frame(own).len());
        let mut long: Vec<(usize, usize)> =
            self.frames.iter().enumerate().map(|(at, frame)| (list(frame), at)).collect();
        long.retain(|(length, _)| *length > LONG);
        long.sort_unstable();
        let (mut left, mut others) = (budget, self.whole);
        for (_, at) in long.into_iter().rev() {
            let Some(own) = self.frames[at].number else {
                continue;
            };
            let brings = self.brings(at, own, least);
            if brings <= left - budget / 2.0 {
                dealt[at] = Some(brings);
                left -= brings;
                others -= self.weights[at];
            }
        }
        let share = |(dealt, weight): (Option<f64>, &f64)| dealt.unwrap_or(left * weight / others);
        dealt.into_iter().zip(&self.weights).map(share).collect()
    }

    /// The most that a pair of an asked frame and a known one brings.
    fn brings(&mut self, at: usize, frame: u32, least: f64) -> f64 {
        let Resemblance { rarity, alike, .. } = *self.resemblance(frame);
        let asked = self.weights[at];
        let at_depth = |depth: usize| {
            let known = weight(depth, rarity);
            gain(asked + known, alike[at], at.abs_diff(depth)) - least * known
        };
        (0..FRAMES).map(at_depth).fold(f64::NEG_INFINITY, f64::max)
    }

    /// How alike a known frame must be to an asked one, so that the pair brings more than was dealt: the least over all
    /// weights that a known frame can have.
    fn least_alike(&self, at: usize, dealt: f64, least: f64) -> f64 {
        let (asked, heaviest) = (self.weights[at], weight(0, self.ready.unknown));
        (dealt / asked).min((dealt + least * heaviest) / (asked + heaviest))
    }

    /// Known frames that share enough words with an asked one to be more alike than that, and some that are not.
    fn resembling(&mut self, at: usize, least_alike: f64) -> Vec<u32> {
        let frame = &self.frames[at];
        // What both share is at most all that the asked frame has.
        let needed = (least_alike / NOT_THE_SAME - ROUNDING).max(0.0) * frame.all;
        if needed >= frame.all {
            return Vec::new();
        }
        // Frames that share the lightest words alone do not share enough.
        let (mut skipped, mut light) = (0.0, 0);
        for (_, weight) in &frame.words {
            if skipped + weight > needed {
                break;
            }
            skipped += weight;
            light += 1;
        }
        let mut found = Vec::new();
        let shared = &mut self.scratch.shared_words;
        for (word, weight) in &frame.words[light..] {
            for other in self.lexicon.frames_named(*word) {
                let shared = &mut shared[*other as usize];
                if *shared == 0.0 {
                    found.push(*other);
                }
                *shared += *weight as f32;
            }
        }
        found.retain(|other| {
            let common = at_most(std::mem::take(&mut shared[*other as usize])) + skipped;
            common >= needed && {
                let all = frame.all + self.ready.frame_words[*other as usize] - common;
                by_words(common, all) + ROUNDING > least_alike
            }
        });
        found
    }

    /// Offers a signature, unless it cannot be among the best.
    fn weigh<K: Ord + Clone>(&mut self, place: u32, known: &Known<K>, recency: f64, best: &mut Best<K>) {
        // Until the message is compared it counts as the same.
        let said = known.parted.said;
        let told = self.said.told(said, self.scratch).map_or(recency, |said| factor(said) * recency);
        if best.is_beyond(told) {
            return;
        }
        let steps = &known.parted.steps;
        let mut resemblances = [0_usize; FRAMES];
        let mut weights = [0.0; FRAMES];
        let mut nearest = [0.0_f64; FRAMES];
        let mut gained = 0.0;
        for (depth, frame) in steps.iter().enumerate().take(FRAMES) {
            resemblances[depth] = self.resemblance_at(*frame);
            let resemblance = &self.resemblances[resemblances[depth]];
            weights[depth] = weight(depth, resemblance.rarity);
            gained += weights[depth] * resemblance.most;
            for (nearest, alike) in nearest.iter_mut().zip(&resemblance.alike) {
                *nearest = if *alike > *nearest { *alike } else { *nearest };
            }
        }
        gained += self.weights.iter().zip(&nearest).map(|(weight, alike)| weight * alike).sum::<f64>();
        let stacks = gained / (self.whole + self.ready.stacks[place as usize]);
        if best.is_beyond(stacks * told) {
            return;
        }
        let most = factor(self.said.likeness(said, self.lexicon, self.ready, self.scratch)) * recency;
        if best.is_beyond(stacks * most) {
            return;
        }
        let alike = |i: usize, j: usize| self.resemblances[resemblances[j]].alike[i];
        let grid = Grid::of(&self.weights, &weights[..steps.len().min(FRAMES)], alike);
        best.offer(&known.item, grid.likeness() * most);
    }

    fn resemblance(&mut self, frame: u32) -> &Resemblance {
        let at = self.resemblance_at(frame);
        &self.resemblances[at]
    }

    fn resemblance_at(&mut self, frame: u32) -> usize {
        let at = self.scratch.resembles[frame as usize];
        if at > 0 {
            return at as usize - 1;
        }
        let mut common = [0.0; FRAMES];
        let all = self.ready.frame_words[frame as usize];
        for word in self.lexicon.words_of(frame) {
            let weight = self.ready.names[*word as usize];
            let mut frames = self.scratch.asked_words[*word as usize];
            while frames != 0 {
                common[frames.trailing_zeros() as usize] += weight;
                frames &= frames - 1;
            }
        }
        let mut alike = [0.0; FRAMES];
        for ((alike, common), asked) in alike.iter_mut().zip(common).zip(&self.frames) {
            *alike =
                if asked.number == Some(frame) { 1.0 } else { by_words(common, asked.all + all - common) };
        }
        let rarity = self.ready.frames[frame as usize];
        let most = alike.iter().copied().fold(0.0, f64::max);
        self.resemblances.push(Resemblance { frame, rarity, alike, most });
        self.scratch.resembles[frame as usize] = self.resemblances.len() as u32;
        self.resemblances.len() - 1
    }

    /// Known types and messages that are at least [`MUCH`] alike.
    fn saying_much_of(&mut self) -> Vec<u32> {
        let needed = (MUCH - ROUNDING) * self.said.all;
        let mut left: f64 = self.said.grams.iter().map(|(_, weight)| weight).sum();
        let shared = &mut self.scratch.shared_grams;
        let mut found = Vec::new();
        for (gram, weight) in &self.said.grams {
            // What has none of the groups before shares at most those that are left.
            if left < needed {
                break;
            }
            left -= weight;
            for said in self.lexicon.messages_with(*gram) {
                let shared = &mut shared[*said as usize];
                if *shared == 0.0 {
                    found.push(*said);
                }
                *shared += *weight as f32;
            }
        }
        let left = left.max(0.0);
        found.retain(|said| {
            let common = at_most(std::mem::take(&mut shared[*said as usize])) + left;
            common >= needed
                && common >= MUCH * (self.said.all + self.ready.messages[*said as usize] - common)
        });
        let least = MUCH - ROUNDING;
        found.retain(|said| self.said.likeness(*said, self.lexicon, self.ready, self.scratch) >= least);
        found
    }
}

/// The most that a sum may be that was kept in few digits.
fn at_most(kept: f32) -> f64 {
    f64::from(kept) * 1.0001
}

impl Said {
    fn new(lexicon: &Lexicon, ready: &Ready, asked: &Signature, scratch: &mut Scratch) -> Self {
        let (mut grams, mut all) = (Vec::new(), 0.0);
        for gram in asked.said() {
            let number = lexicon.grams.find(*gram);
            all += number.map_or(ready.unknown, |number| ready.grams[number as usize]);
            if let Some(number) = number {
                scratch.has[number as usize] = true;
                grams.push((number, ready.grams[number as usize]));
            }
        }
        grams.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self { grams, all, told: Vec::new() }
    }

    /// How alike a known type and message is, if it was asked for before.
    fn told(&self, said: u32, scratch: &Scratch) -> Option<f64> {
        let told = scratch.likeness[said as usize];
        (told > 0.0).then_some(told - 1.0)
    }

    /// How alike a known type and message is.
    fn likeness(&mut self, said: u32, lexicon: &Lexicon, ready: &Ready, scratch: &mut Scratch) -> f64 {
        if let Some(told) = self.told(said, scratch) {
            return told;
        }
        let shared = lexicon.grams_of(said).iter().filter(|gram| scratch.has[**gram as usize]);
        let common: f64 = shared.map(|gram| ready.grams[*gram as usize]).sum();
        let all = self.all + ready.messages[said as usize] - common;
        let likeness = if all > 0.0 { (common / all).clamp(0.0, 1.0) } else { 0.0 };
        scratch.likeness[said as usize] = likeness + 1.0;
        self.told.push(said);
        likeness
    }
}
