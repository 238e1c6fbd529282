//! The asked type and message, and how alike known ones are.

use super::best::ROUNDING;
use super::lexicon::Lexicon;
use super::ready::Ready;
use super::scratch::Scratch;
use super::sets::Sets;
use crate::similar::signature::Signature;

/// Types and messages that are so much alike are looked for by themselves.
pub(super) const MUCH: f64 = 0.5;

/// The asked type and message.
pub(super) struct Said {
    /// Its known groups with their weights, the heaviest first.
    grams: Vec<(u32, f64)>,
    /// What it weighs.
    all: f64,
    /// Its number, if a known signature ever said it.
    same: Option<u32>,
    /// Known types and messages that it was compared with.
    told: Vec<u32>,
}

impl Said {
    pub(super) fn new(lexicon: &Lexicon, ready: &Ready, asked: &Signature, scratch: &mut Scratch) -> Self {
        let (mut grams, mut all) = (Vec::new(), 0.0);
        for gram in asked.said() {
            let number = lexicon.grams.find(*gram);
            all += number.map_or(ready.unknown, |number| ready.grams[number as usize]);
            if let Some(number) = number {
                scratch.has[number as usize] = true;
                grams.push((number, ready.grams[number as usize]));
            }
        }
        Sets::<32>::order(&mut grams);
        Self { grams, all, same: lexicon.message_of(asked.said()), told: Vec::new() }
    }

    /// Leaves the scratch as it was.
    pub(super) fn clear(self, scratch: &mut Scratch) {
        self.grams.into_iter().for_each(|(gram, _)| scratch.has[gram as usize] = false);
        self.told.into_iter().for_each(|said| scratch.likeness[said as usize] = 0.0);
    }

    /// How alike a known type and message is, if it was asked for before.
    pub(super) fn told(&self, said: u32, scratch: &Scratch) -> Option<f64> {
        let told = scratch.likeness[said as usize];
        (told > 0.0).then_some(told - 1.0)
    }

    /// How alike a known type and message is.
    pub(super) fn likeness(&mut self, said: u32, ready: &Ready, scratch: &mut Scratch) -> f64 {
        if let Some(told) = self.told(said, scratch) {
            return told;
        }
        let shared = ready.messages.parts_of(said).iter().filter(|gram| scratch.has[**gram as usize]);
        let common: f64 = shared.map(|gram| ready.grams[*gram as usize]).sum();
        let all = self.all + ready.messages.whole(said) - common;
        let likeness = if all > 0.0 { (common / all).clamp(0.0, 1.0) } else { 0.0 };
        scratch.likeness[said as usize] = likeness + 1.0;
        self.told.push(said);
        likeness
    }

    /// The known type and message that is the same.
    pub(super) const fn same(&self) -> Option<u32> {
        self.same
    }

    /// Known types and messages that are so much alike, at least [`MUCH`], and were not compared before.
    pub(super) fn alike(&mut self, least: f64, ready: &Ready, scratch: &mut Scratch) -> Vec<u32> {
        let least = least - ROUNDING;
        let mut found = Vec::new();
        let grams = std::mem::take(&mut self.grams);
        ready.messages.sharing(&grams, self.all, least, |said| {
            if self.told(said, scratch).is_none() && self.likeness(said, ready, scratch) >= least {
                found.push(said);
            }
        });
        self.grams = grams;
        found
    }
}
