//! All stacks, sorted by their frames from the crash on: what begins alike stands together. So the list of a frame leads
//! through stretches of memory, and what is worked out for the first frames of a stack holds for its neighbour.

use super::lexicon::Lexicon;
use crate::similar::stack::weight;

/// The stacks that a signature has.
#[derive(Clone, Debug)]
pub(super) struct Stacks {
    /// The frames of all stacks, one stack after the other.
    steps: Vec<u32>,
    /// Where the frames of each begin, and what they weigh together. One more at the end.
    stacks: Vec<(u32, f64)>,
    /// The number of each in the lexicon.
    numbers: Vec<u32>,
    /// The place of each by that number.
    places: Vec<u32>,
    /// By frame: where its list begins. One more at the end.
    lists: Vec<u32>,
    /// The stacks of all frames, one frame after the other.
    listed: Vec<u32>,
}

impl Stacks {
    /// Sorts them; `frames` says how rare each frame is.
    pub(super) fn new(lexicon: &Lexicon, frames: &[f64]) -> Self {
        // Most pairs differ in the first frames: these are compared without looking the rest up.
        let first = |steps: &[u32]| {
            let first = steps.iter().copied().map(u128::from).chain(std::iter::repeat(0)).take(4);
            first.fold(0, |all, frame| all << 32 | frame)
        };
        let mut sorted: Vec<(u128, u32, &[u32])> =
            lexicon.stacks_frames().map(|(number, steps)| (first(steps), number, steps)).collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.2.cmp(b.2)));
        let mut all = Self {
            steps: Vec::with_capacity(sorted.iter().map(|(_, _, steps)| steps.len()).sum()),
            stacks: Vec::with_capacity(sorted.len() + 1),
            numbers: sorted.iter().map(|(_, number, _)| *number).collect(),
            places: vec![0; lexicon.stacks()],
            lists: Vec::new(),
            listed: Vec::new(),
        };
        for (place, (_, number, steps)) in (0..).zip(&sorted) {
            let weights = steps.iter().enumerate().map(|(depth, one)| weight(depth, frames[*one as usize]));
            all.stacks.push((all.steps.len() as u32, weights.sum()));
            all.steps.extend_from_slice(steps);
            all.places[*number as usize] = place;
        }
        all.stacks.push((all.steps.len() as u32, 0.0));
        all.list(frames.len());
        all
    }

    fn list(&mut self, frames: usize) {
        let mut lists = vec![0_u32; frames + 1];
        self.each_listed(|frame, _| lists[frame as usize] += 1);
        let mut begin = 0;
        for length in &mut lists {
            begin += std::mem::replace(length, begin);
        }
        let mut listed = vec![0; begin as usize];
        let mut next = lists.clone();
        self.each_listed(|frame, stack| {
            listed[next[frame as usize] as usize] = stack;
            next[frame as usize] += 1;
        });
        (self.lists, self.listed) = (lists, listed);
    }

    /// Each frame of each stack, once where it comes again.
    fn each_listed(&self, mut list: impl FnMut(u32, u32)) {
        for stack in 0..self.len() as u32 {
            let steps = self.steps_of(stack);
            for (at, frame) in steps.iter().enumerate() {
                if !steps[..at].contains(frame) {
                    list(*frame, stack);
                }
            }
        }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The frames of a stack, from the crash on.
    pub(super) fn steps_of(&self, stack: u32) -> &[u32] {
        let at = stack as usize;
        &self.steps[self.stacks[at].0 as usize..self.stacks[at + 1].0 as usize]
    }

    /// What its frames weigh together.
    pub(super) fn whole(&self, stack: u32) -> f64 {
        self.stacks[stack as usize].1
    }

    /// The stacks with a frame.
    pub(super) fn with_frame(&self, frame: u32) -> &[u32] {
        let at = frame as usize;
        &self.listed[self.lists[at] as usize..self.lists[at + 1] as usize]
    }

    /// Where the stack with a number stands.
    pub(super) fn sorted(&self, number: u32) -> u32 {
        self.places[number as usize]
    }

    /// The number of a stack in the lexicon.
    pub(super) fn number(&self, stack: u32) -> u32 {
        self.numbers[stack as usize]
    }
}
