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
pub(super) fn search<K: Ord + Clone>(index: &Index<K>, ready: &Ready, asked: &Signature, best: &mut Best<K>) {
    let mut search = Search::new(&index.lexicon, ready, asked);
    let mut seen = vec![false; index.known.len()];
    let mut weigh = |search: &mut Search<'_>, place: u32, best: &mut Best<K>| {
        let first = !std::mem::replace(&mut seen[place as usize], true);
        if let Some(known) = index.at(place).filter(|_| first) {
            search.weigh(place, known, index.recency(known), best);
        }
    };
    for said in search.said.saying_much_of(&index.lexicon, ready) {
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
}

/// An asked stack before what is known.
struct Search<'a> {
    lexicon: &'a Lexicon,
    ready: &'a Ready,
    frames: Vec<AskedFrame>,
    /// The weights of the frames, and all of them together.
    weights: Vec<f64>,
    whole: f64,
    /// Known words of the asked frames, sorted, each with the frames that have it, a bit each.
    words: Vec<(u32, u16)>,
    /// Groups of the asked type and message, by number.
    said: Said,
    /// By known frame: its place in `resemblances`, from 1.
    resembles: Vec<u32>,
    resemblances: Vec<Resemblance>,
    /// By known frame: what the words weigh that it shares with the asked frame at hand; zero between two.
    shared: Vec<f64>,
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
    rarity: f64,
    alike: [f64; FRAMES],
    most: f64,
}

/// The asked type and message.
struct Said {
    /// By group: whether it is in it.
    has: Vec<bool>,
    /// Its known groups with their weights, the heaviest first.
    grams: Vec<(u32, f64)>,
    /// What it weighs.
    all: f64,
    /// By known message: how alike it is and 1 more, once it was asked for.
    known: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(lexicon: &'a Lexicon, ready: &'a Ready, asked: &Signature) -> Self {
        let mut words: Vec<(u32, u16)> = Vec::new();
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
                    match words.iter_mut().find(|(one, _)| *one == name) {
                        Some((_, frames)) => *frames |= 1 << at,
                        None => words.push((name, 1 << at)),
                    }
                }
            }
            known.sort_by(|a, b| a.1.total_cmp(&b.1));
            let rarity = number.map_or(ready.unknown, |number| ready.frames[number as usize]);
            AskedFrame { number, rarity, words: known, all }
        };
        let frames: Vec<AskedFrame> = asked.steps().iter().enumerate().map(frame).collect();
        words.sort_unstable();
        let weights: Vec<f64> =
            frames.iter().enumerate().map(|(depth, frame)| weight(depth, frame.rarity)).collect();
        Self {
            whole: weights.iter().sum(),
            frames,
            weights,
            words,
            said: Said::new(lexicon, ready, asked),
            resembles: vec![0; ready.frames.len()],
            resemblances: Vec::new(),
            shared: vec![0.0; ready.frames.len()],
            lexicon,
            ready,
        }
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
        for (word, weight) in &frame.words[light..] {
            for other in self.lexicon.frames_named(*word) {
                let shared = &mut self.shared[*other as usize];
                if *shared == 0.0 {
                    found.push(*other);
                }
                *shared += weight;
            }
        }
        let (shared, ready) = (&mut self.shared, self.ready);
        found.retain(|other| {
            let common = std::mem::take(&mut shared[*other as usize]) + skipped;
            let all = frame.all + ready.frame_words[*other as usize] - common;
            by_words(common, all) + ROUNDING > least_alike
        });
        found
    }

    /// Offers a signature, unless it cannot be among the best.
    fn weigh<K: Ord + Clone>(&mut self, place: u32, known: &Known<K>, recency: f64, best: &mut Best<K>) {
        let most = factor(self.said.likeness(known.parted.said, self.lexicon, self.ready)) * recency;
        if best.is_beyond(most) {
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
        if best.is_beyond(gained / (self.whole + self.ready.stacks[place as usize]) * most) {
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
        let at = self.resembles[frame as usize];
        if at > 0 {
            return at as usize - 1;
        }
        let mut common = [0.0; FRAMES];
        let all = self.ready.frame_words[frame as usize];
        for word in self.lexicon.words_of(frame) {
            let weight = self.ready.names[*word as usize];
            if let Ok(at) = self.words.binary_search_by_key(word, |(name, _)| *name) {
                let mut frames = self.words[at].1;
                while frames != 0 {
                    common[frames.trailing_zeros() as usize] += weight;
                    frames &= frames - 1;
                }
            }
        }
        let mut alike = [0.0; FRAMES];
        for ((alike, common), asked) in alike.iter_mut().zip(common).zip(&self.frames) {
            *alike =
                if asked.number == Some(frame) { 1.0 } else { by_words(common, asked.all + all - common) };
        }
        let rarity = self.ready.frames[frame as usize];
        let most = alike.iter().copied().fold(0.0, f64::max);
        self.resemblances.push(Resemblance { rarity, alike, most });
        self.resembles[frame as usize] = self.resemblances.len() as u32;
        self.resemblances.len() - 1
    }
}

impl Said {
    fn new(lexicon: &Lexicon, ready: &Ready, asked: &Signature) -> Self {
        let mut has = vec![false; ready.grams.len()];
        let (mut grams, mut all) = (Vec::new(), 0.0);
        for gram in asked.said() {
            let number = lexicon.grams.find(*gram);
            all += number.map_or(ready.unknown, |number| ready.grams[number as usize]);
            if let Some(number) = number {
                has[number as usize] = true;
                grams.push((number, ready.grams[number as usize]));
            }
        }
        grams.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self { has, grams, all, known: vec![0.0; lexicon.messages()] }
    }

    /// Known types and messages that are at least [`MUCH`] alike.
    fn saying_much_of(&mut self, lexicon: &Lexicon, ready: &Ready) -> Vec<u32> {
        let needed = (MUCH - ROUNDING) * self.all;
        let mut left: f64 = self.grams.iter().map(|(_, weight)| weight).sum();
        let mut shared = vec![0.0_f32; lexicon.messages()];
        let mut found = Vec::new();
        for (gram, weight) in &self.grams {
            // What has none of the groups before shares at most those that are left.
            if left < needed {
                break;
            }
            left -= weight;
            for said in lexicon.messages_with(*gram) {
                let shared = &mut shared[*said as usize];
                if *shared == 0.0 {
                    found.push(*said);
                }
                *shared += *weight as f32;
            }
        }
        found.retain(|said| {
            // The sum was kept in few digits.
            let common = f64::from(shared[*said as usize]) * 1.0001 + left.max(0.0);
            common >= needed
                && common >= MUCH * (self.all + ready.messages[*said as usize] - common)
                && self.likeness(*said, lexicon, ready) >= MUCH - ROUNDING
        });
        found
    }

    /// How alike a known type and message is.
    fn likeness(&mut self, said: u32, lexicon: &Lexicon, ready: &Ready) -> f64 {
        let told = self.known[said as usize];
        if told > 0.0 {
            return told - 1.0;
        }
        let shared = lexicon.grams_of(said).iter().filter(|gram| self.has[**gram as usize]);
        let common: f64 = shared.map(|gram| ready.grams[*gram as usize]).sum();
        let all = self.all + ready.messages[said as usize] - common;
        let likeness = if all > 0.0 { (common / all).clamp(0.0, 1.0) } else { 0.0 };
        self.known[said as usize] = likeness + 1.0;
        likeness
    }
}
