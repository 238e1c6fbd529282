//! Which known stacks may be among the nearest, and how near they are.
//!
//! A stack is as near as it is alike, times what type and message leave of that. Types and messages that are much alike
//! are looked for by themselves; every other stack has to be the more alike, and is found by its frames (`asked`). What was
//! found is bounded before it is aligned: first by the frames that were compared already, then by all of its frames.

use super::Index;
use super::asked::{Asked, LEFT_OUT};
use super::best::Best;
use super::floors;
use super::ready::{KnownStack, Ready};
use super::said::{MUCH, Said};
use super::scratch::Scratch;
use crate::similar::score::factor;
use crate::similar::signature::Signature;
use crate::similar::stack::{Grid, weight};
use crate::similar::weights::FRAMES;

/// What is asked for is hardly ever less alike.
const USUAL: f64 = 0.3;

/// Offers every known signature with a stack that may be among the best.
pub(super) fn search<K: Ord + Clone>(
    index: &Index<K>,
    ready: &Ready,
    asked: &Signature,
    scratch: &mut Scratch,
    best: &mut Best<K>,
) {
    let lexicon = &index.lexicon;
    let said = Said::new(lexicon, ready, asked, scratch);
    let asked = Asked::new(lexicon, ready, asked, scratch);
    let mut search = Search { index, ready, asked, said, looked: Vec::new(), scratch };
    search.asked.find(LEFT_OUT[0] * best.at_least.max(USUAL) / factor(MUCH), ready, search.scratch);
    for said in search.said.alike(ready, search.scratch) {
        for place in lexicon.saying(said) {
            search.weigh(*place, best);
        }
    }
    for floor in floors(best.at_least) {
        // What says less has so much more to share of the stack.
        let least = floor.max(best.least()) / factor(MUCH);
        for frame in search.asked.leads(least, lexicon, ready, search.scratch) {
            for place in lexicon.with_frame(frame) {
                search.weigh(*place, best);
            }
        }
        if best.least() >= floor {
            break;
        }
    }
    search.clear();
}

struct Search<'a, K> {
    index: &'a Index<K>,
    ready: &'a Ready,
    asked: Asked,
    said: Said,
    /// Places that were looked at.
    looked: Vec<u32>,
    scratch: &'a mut Scratch,
}

impl<K: Ord + Clone> Search<'_, K> {
    /// Leaves the scratch as it was.
    fn clear(self) {
        self.looked.into_iter().for_each(|place| self.scratch.seen[place as usize] = false);
        self.asked.clear(self.scratch);
        self.said.clear(self.scratch);
    }

    /// Offers a signature that was not looked at before, unless it cannot be among the best.
    fn weigh(&mut self, place: u32, best: &mut Best<K>) {
        if std::mem::replace(&mut self.scratch.seen[place as usize], true) {
            return;
        }
        self.looked.push(place);
        let stack = &self.ready.stacks[place as usize];
        // Until the message is compared it counts as the same.
        let told = self.said.told(stack.said, self.scratch).map_or(1.0, factor);
        if best.is_beyond(told) {
            return;
        }
        let steps = self.ready.steps_of(stack);
        if best.is_beyond(self.roughly_at_most(stack, steps) * told) {
            return;
        }
        let (mut at_most, compared) = self.at_most(stack, steps);
        if best.is_beyond(at_most * told) {
            return;
        }
        if compared == Compared::Some {
            for frame in steps {
                self.asked.resemblance(*frame, self.ready, self.scratch);
            }
            at_most = self.at_most(stack, steps).0;
            if best.is_beyond(at_most * told) {
                return;
            }
        }
        let Some(known) = self.index.at(place) else { return };
        let said = self.said.likeness(stack.said, self.ready, self.scratch);
        let most = factor(said) * self.index.recency(known);
        if best.is_beyond(at_most * most) {
            return;
        }
        let mut resemblances = [None; FRAMES];
        let mut weights = [0.0; FRAMES];
        for (depth, frame) in steps.iter().enumerate() {
            let one = self.asked.compared(*frame, self.scratch);
            weights[depth] = one.map_or(0.0, |one| weight(depth, one.rarity));
            resemblances[depth] = one;
        }
        let alike = |i: usize, j: usize| resemblances[j].map_or(0.0, |one| one.alike[i]);
        let grid = Grid::of(&self.asked.weights, &weights[..steps.len()], alike);
        best.offer(&known.item, grid.likeness() * most);
    }

    /// The most that a stack may be alike, quickly: each of its frames counts as if it were paired with the asked one
    /// that it adds most with.
    fn roughly_at_most(&self, stack: &KnownStack, steps: &[u32]) -> f64 {
        let (mut gained, mut rest) = (0.0, stack.whole);
        for (depth, frame) in steps.iter().enumerate() {
            if let Some(adds) = self.asked.adds(*frame, self.scratch) {
                let weight = weight(depth, adds.rarity);
                gained += adds.alike.mul_add(weight, adds.asked);
                rest -= weight;
            }
        }
        gained += (rest + self.asked.whole) * self.asked.unlike;
        gained / (self.asked.whole + stack.whole)
    }

    /// The most that a stack may be alike, and whether all of its frames were compared: each frame of both counts as if
    /// it were paired with the one of the other that it resembles most, at its own depth.
    fn at_most(&self, stack: &KnownStack, steps: &[u32]) -> (f64, Compared) {
        let mut nearest = [0.0_f64; FRAMES];
        let (mut gained, mut rest, mut left_out) = (0.0, stack.whole, 0);
        for (depth, frame) in steps.iter().enumerate() {
            let Some(one) = self.asked.compared(*frame, self.scratch) else {
                left_out += 1;
                continue;
            };
            for (nearest, alike) in nearest.iter_mut().zip(&one.alike) {
                *nearest = if *alike > *nearest { *alike } else { *nearest };
            }
            let weight = weight(depth, one.rarity);
            gained += weight * one.most;
            rest -= weight;
        }
        let compared = if left_out == 0 { Compared::All } else { Compared::Some };
        if compared == Compared::Some {
            let unlike = self.asked.unlike;
            gained += unlike * rest.max(0.0);
            nearest.iter_mut().for_each(|nearest| *nearest = nearest.max(unlike));
        }
        gained += self.asked.weights.iter().zip(&nearest).map(|(weight, alike)| weight * alike).sum::<f64>();
        (gained / (self.asked.whole + stack.whole), compared)
    }
}

/// Which frames of a known stack were compared with the asked ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    All,
    Some,
}
