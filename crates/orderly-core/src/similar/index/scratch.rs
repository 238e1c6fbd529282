//! Room for one question: as long as what is known, and zero between two questions. Fresh memory for each would cost more
//! than the search in it.

use super::Known;
use super::ready::Ready;
use std::sync::{Mutex, PoisonError};

/// What a question writes into; whoever writes a place makes it zero again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By known frame: its place among those that were compared, from 1.
    pub resembles: Vec<u32>,
    /// By word of frames' names: the asked frames that have it, a bit each.
    pub asked_words: Vec<u16>,
    /// By group of characters: whether the asked type and message has it.
    pub has: Vec<bool>,
    /// By type and message: how alike it is and 1 more, once it was asked for.
    pub likeness: Vec<f64>,
    /// By stack, as they are sorted: its place among those that were looked at, from 1.
    pub looked: Vec<u32>,
    /// By place: whether its text was looked at.
    pub seen: Vec<bool>,
    /// By place: how much of the asked text it has.
    pub common: Vec<f32>,
}

/// Scratches that nobody uses at the moment.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Scratch>>);

impl Pool {
    /// One that is large enough.
    pub(super) fn take<K>(&self, ready: &Ready, known: &[Option<Known<K>>]) -> Scratch {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = idle.unwrap_or_default();
        scratch.resembles.resize(ready.frames.len(), 0);
        scratch.asked_words.resize(ready.names.len(), 0);
        scratch.has.resize(ready.grams.len(), false);
        scratch.likeness.resize(ready.messages.len(), 0.0);
        scratch.looked.resize(ready.stacks.len(), 0);
        scratch.seen.resize(known.len(), false);
        scratch.common.resize(known.len(), 0.0);
        scratch
    }

    /// Takes one back that is zero again.
    pub(super) fn give(&self, scratch: Scratch) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
    }
}

impl Clone for Pool {
    /// An empty one: what is in it is worth nothing.
    fn clone(&self) -> Self {
        Self::default()
    }
}
