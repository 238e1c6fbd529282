//! Everything that signatures are made of, by number: how many of them have each part, and which.

use crate::similar::parts::{Key, of_set};
use crate::similar::signature::Signature;
use crate::similar::stack::Step;
use std::hash::{BuildHasherDefault, Hasher};

/// A signature in numbers.
#[derive(Clone, Debug)]
pub(super) struct Parted {
    /// Its stack; none where it has no frame.
    pub stack: Option<u32>,
    /// Type and message.
    pub said: u32,
    /// Words of title and body with their weights before rarity, in the order of their keys.
    pub text: Box<[(u32, f32)]>,
}

/// What known signatures are made of. A part that none has any more keeps its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    signatures: u64,
    /// Whole frames.
    pub frames: Counted,
    /// By frame: its words, in the order of their keys.
    framed: Vec<Box<[u32]>>,
    /// Whole stacks: very many signatures may have the same.
    stacks: Counted,
    /// By stack: its frames, and the signatures that have it.
    stacked: Vec<Stack>,
    /// Words of frames' names.
    pub names: Counted,
    /// Groups of three characters of types and messages.
    pub grams: Counted,
    /// Types and messages.
    messages: Counted,
    /// By message: its groups, and the signatures with a stack that say it.
    said: Vec<Message>,
    /// Words of titles and bodies.
    pub words: Counted,
    /// By word: signatures that have it.
    worded: Vec<Worded>,
}

/// A stack: its frames, from the crash on.
#[derive(Clone, Debug, Default)]
struct Stack {
    steps: Box<[u32]>,
    having: Vec<Having>,
}

/// A type and message, and the signatures with a stack that say it.
#[derive(Clone, Debug, Default)]
struct Message {
    grams: Box<[u32]>,
    having: Vec<Having>,
}

/// A signature with a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Having {
    /// Where it is kept.
    pub place: u32,
    pub stack: u32,
    pub said: u32,
}

/// Signatures that have a word.
#[derive(Clone, Debug, Default)]
struct Worded {
    with_stack: Vec<u32>,
    words_only: Vec<u32>,
}

/// Which signatures are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum With {
    /// All of them.
    Any,
    /// Those without a stack.
    WordsOnly,
}

impl Lexicon {
    /// Counts a signature in, that is kept at a place.
    pub(super) fn add(&mut self, place: u32, signature: &Signature) -> Parted {
        self.signatures += 1;
        let stack = self.stack(signature.steps());
        let said = self.message(signature.said());
        let text: Box<[(u32, f32)]> =
            signature.text().words().iter().map(|(key, n)| (self.word(*key), *n)).collect();
        let parted = Parted { stack, said, text };
        for frame in self.frames_of(&parted) {
            self.frames.more(frame);
        }
        for name in self.names_of(&parted) {
            self.names.more(name);
        }
        if let Some(stack) = stack {
            let having = Having { place, stack, said };
            self.stacked[stack as usize].having.push(having);
            self.said[said as usize].having.push(having);
        }
        for gram in &self.said[said as usize].grams {
            self.grams.more(*gram);
        }
        for (word, _) in &parted.text {
            self.words.more(*word);
            self.worded[*word as usize].side(&parted).push(place);
        }
        parted
    }

    /// Counts a signature out that was counted in at a place.
    pub(super) fn remove(&mut self, place: u32, parted: &Parted) {
        self.signatures = self.signatures.saturating_sub(1);
        for frame in self.frames_of(parted) {
            self.frames.less(frame);
        }
        for name in self.names_of(parted) {
            self.names.less(name);
        }
        if let Some(stack) = parted.stack {
            let is_it = |having: &Having| having.place == place;
            forget(&mut self.stacked[stack as usize].having, is_it);
            forget(&mut self.said[parted.said as usize].having, is_it);
        }
        for gram in &self.said[parted.said as usize].grams {
            self.grams.less(*gram);
        }
        for (word, _) in &parted.text {
            self.words.less(*word);
            forget(self.worded[*word as usize].side(parted), |one| *one == place);
        }
    }

    pub(super) const fn signatures(&self) -> u64 {
        self.signatures
    }

    /// How many signatures have a part, whatever it is a part of.
    pub(super) fn having(&self, key: Key) -> u32 {
        let counted = [&self.frames, &self.names, &self.grams, &self.words];
        counted.into_iter().find_map(|kind| Some(kind.having(kind.find(key)?))).unwrap_or(0)
    }

    /// The words of a frame, in the order of their keys.
    fn words_of(&self, frame: u32) -> &[u32] {
        self.framed.get(frame as usize).map_or(&[], |words| words)
    }

    /// How many stacks a signature ever had.
    pub(super) const fn stacks(&self) -> usize {
        self.stacked.len()
    }

    /// The stacks that a signature has, by number, and their frames, from the crash on.
    pub(super) fn stacks_frames(&self) -> impl Iterator<Item = (u32, &[u32])> {
        let had = (0..).zip(&self.stacked).filter(|(_, stack)| !stack.having.is_empty());
        had.map(|(number, stack)| (number, &*stack.steps))
    }

    /// The signatures with a stack.
    pub(super) fn with_stack(&self, stack: u32) -> &[Having] {
        self.stacked.get(stack as usize).map_or(&[], |stack| &stack.having)
    }

    /// The words of all frames by number.
    pub(super) fn frames_words(&self) -> impl Iterator<Item = &[u32]> {
        self.framed.iter().map(|words| &**words)
    }

    /// The groups of all types and messages by number.
    pub(super) fn messages_grams(&self) -> impl Iterator<Item = &[u32]> {
        self.said.iter().map(|message| &*message.grams)
    }

    /// The type and message of these groups, if a signature ever said it.
    pub(super) fn message_of(&self, grams: &[Key]) -> Option<u32> {
        self.messages.find(of_set(grams))
    }

    /// The signatures with a stack that say something.
    pub(super) fn saying(&self, said: u32) -> &[Having] {
        self.said.get(said as usize).map_or(&[], |message| &message.having)
    }

    /// The signatures with a word in title or body.
    pub(super) fn with_word(&self, word: u32, with: With) -> impl Iterator<Item = u32> {
        let worded = self.worded.get(word as usize);
        let with_stack = worded.filter(|_| with == With::Any).map_or(&[][..], |worded| &worded.with_stack);
        let words_only = worded.map_or(&[][..], |worded| &worded.words_only);
        with_stack.iter().chain(words_only).copied()
    }

    fn frame(&mut self, key: Key, words: &[Key]) -> u32 {
        let frame = self.frames.number(key);
        if frame as usize == self.framed.len() {
            let words = words.iter().map(|word| self.names.number(*word)).collect();
            self.framed.push(words);
        }
        frame
    }

    fn stack(&mut self, steps: &[Step]) -> Option<u32> {
        let keys: Vec<Key> = steps.iter().map(|step| step.key).collect();
        if keys.is_empty() {
            return None;
        }
        let stack = self.stacks.number(of_set(&keys));
        if stack as usize == self.stacked.len() {
            let steps: Box<[u32]> = steps.iter().map(|step| self.frame(step.key, &step.words)).collect();
            self.stacked.push(Stack { steps, having: Vec::new() });
        }
        Some(stack)
    }

    fn message(&mut self, grams: &[Key]) -> u32 {
        let said = self.messages.number(of_set(grams));
        if said as usize == self.said.len() {
            let grams = grams.iter().map(|gram| self.grams.number(*gram)).collect();
            self.said.push(Message { grams, having: Vec::new() });
        }
        said
    }

    fn word(&mut self, key: Key) -> u32 {
        let word = self.words.number(key);
        if word as usize == self.worded.len() {
            self.worded.push(Worded::default());
        }
        word
    }

    fn steps_of(&self, parted: &Parted) -> &[u32] {
        let stack = parted.stack.and_then(|stack| self.stacked.get(stack as usize));
        stack.map_or(&[], |stack| &stack.steps)
    }

    fn frames_of(&self, parted: &Parted) -> Vec<u32> {
        each_once(self.steps_of(parted).iter().copied())
    }

    fn names_of(&self, parted: &Parted) -> Vec<u32> {
        each_once(self.steps_of(parted).iter().flat_map(|frame| self.words_of(*frame)).copied())
    }
}

impl Worded {
    fn side(&mut self, parted: &Parted) -> &mut Vec<u32> {
        if parted.stack.is_none() { &mut self.words_only } else { &mut self.with_stack }
    }
}

fn each_once(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn forget<T>(all: &mut Vec<T>, is_it: impl Fn(&T) -> bool) {
    if let Some(at) = all.iter().position(is_it) {
        all.swap_remove(at);
    }
}

/// Parts by number, from 0 in the order they were first seen, and how many signatures have each.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    #[expect(
        clippy::disallowed_types,
        reason = "asked by key, never gone through: its order reaches nothing"
    )]
    numbers: std::collections::HashMap<Key, u32, BuildHasherDefault<IsAHash>>,
    having: Vec<u32>,
}

impl Counted {
    fn number(&mut self, key: Key) -> u32 {
        let next = self.having.len() as u32;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.having.push(0);
        }
        number
    }

    /// The number of a part, if a signature ever had it.
    pub(super) fn find(&self, key: Key) -> Option<u32> {
        self.numbers.get(&key).copied()
    }

    /// How many signatures have it.
    pub(super) fn having(&self, number: u32) -> u32 {
        self.having.get(number as usize).copied().unwrap_or(0)
    }

    /// How many signatures have each part, by its number.
    pub(super) fn counts(&self) -> impl Iterator<Item = u32> {
        self.having.iter().copied()
    }

    fn more(&mut self, number: u32) {
        self.having[number as usize] += 1;
    }

    fn less(&mut self, number: u32) {
        self.having[number as usize] = self.having[number as usize].saturating_sub(1);
    }
}

/// A key is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct IsAHash(u64);

impl Hasher for IsAHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
