//! Everything that signatures are made of, by number: how many of them have each part, and which.

use crate::similar::parts::{Key, of_set};
use crate::similar::signature::Signature;
use std::hash::{BuildHasherDefault, Hasher};

/// A signature in numbers.
#[derive(Clone, Debug)]
pub(super) struct Parted {
    /// Frames, from the crash on.
    pub steps: Box<[u32]>,
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
    /// By frame: what it is made of.
    framed: Vec<Framed>,
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

/// A frame's words, in the order of their keys, and the signatures that have it.
#[derive(Clone, Debug, Default)]
struct Framed {
    words: Box<[u32]>,
    places: Vec<u32>,
}

/// A type and message.
#[derive(Clone, Debug, Default)]
struct Message {
    grams: Box<[u32]>,
    places: Vec<u32>,
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
        let steps: Box<[u32]> =
            signature.steps().iter().map(|step| self.frame(step.key, &step.words)).collect();
        let said = self.message(signature.said());
        let text: Box<[(u32, f32)]> =
            signature.text().words().iter().map(|(key, n)| (self.word(*key), *n)).collect();
        let parted = Parted { steps, said, text };
        for frame in each_once(parted.steps.iter().copied()) {
            self.frames.more(frame);
            self.framed[frame as usize].places.push(place);
        }
        for name in self.names_of(&parted.steps) {
            self.names.more(name);
        }
        let message = &mut self.said[said as usize];
        if !parted.steps.is_empty() {
            message.places.push(place);
        }
        for gram in &message.grams {
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
        for frame in each_once(parted.steps.iter().copied()) {
            self.frames.less(frame);
            forget(&mut self.framed[frame as usize].places, place);
        }
        for name in self.names_of(&parted.steps) {
            self.names.less(name);
        }
        let message = &mut self.said[parted.said as usize];
        forget(&mut message.places, place);
        for gram in &message.grams {
            self.grams.less(*gram);
        }
        for (word, _) in &parted.text {
            self.words.less(*word);
            forget(self.worded[*word as usize].side(parted), place);
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
        self.framed.get(frame as usize).map_or(&[], |framed| &framed.words)
    }

    /// The signatures with a frame.
    pub(super) fn with_frame(&self, frame: u32) -> &[u32] {
        self.framed.get(frame as usize).map_or(&[], |framed| &framed.places)
    }

    /// The words of all frames by number.
    pub(super) fn frames_words(&self) -> impl Iterator<Item = &[u32]> {
        self.framed.iter().map(|framed| &*framed.words)
    }

    /// The groups of all types and messages by number.
    pub(super) fn messages_grams(&self) -> impl Iterator<Item = &[u32]> {
        self.said.iter().map(|message| &*message.grams)
    }

    /// The signatures with a stack that say something.
    pub(super) fn saying(&self, said: u32) -> &[u32] {
        self.said.get(said as usize).map_or(&[], |message| &message.places)
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
            self.framed.push(Framed { words, places: Vec::new() });
        }
        frame
    }

    fn message(&mut self, grams: &[Key]) -> u32 {
        let said = self.messages.number(of_set(grams));
        if said as usize == self.said.len() {
            let grams = grams.iter().map(|gram| self.grams.number(*gram)).collect();
            self.said.push(Message { grams, places: Vec::new() });
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

    fn names_of(&self, steps: &[u32]) -> Vec<u32> {
        each_once(steps.iter().flat_map(|frame| self.words_of(*frame)).copied())
    }
}

impl Worded {
    fn side(&mut self, parted: &Parted) -> &mut Vec<u32> {
        if parted.steps.is_empty() { &mut self.words_only } else { &mut self.with_stack }
    }
}

fn each_once(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn forget(places: &mut Vec<u32>, place: u32) {
    if let Some(at) = places.iter().position(|one| *one == place) {
        places.swap_remove(at);
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
