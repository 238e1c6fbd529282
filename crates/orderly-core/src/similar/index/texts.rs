//! Which known titles and bodies may be among the nearest, and how near they are.
//!
//! The cosine of two texts is at most the length of what both have, as the asked text weighs it, by the length of the
//! asked text (Cauchy and Schwarz). So words that together are too short for the score that is needed lead nowhere.

use super::Index;
use super::best::{Best, ROUNDING};
use super::lexicon::With;
use super::ready::Ready;
use super::scratch::Scratch;
use super::{Known, floors};
use crate::similar::text::Text;

/// A known word of the asked text.
struct AskedWord {
    number: u32,
    /// Its weight.
    weight: f64,
}

/// Offers every known text that may be among the best.
pub(super) fn search<K: Ord + Clone>(
    index: &Index<K>,
    ready: &Ready,
    asked: &Text,
    with: With,
    scratch: &mut Scratch,
    best: &mut Best<K>,
) {
    let words = &index.lexicon.words;
    let mut known: Vec<AskedWord> = Vec::new();
    let mut square = 0.0;
    for (key, n) in asked.words() {
        let number = words.find(*key);
        let weight = f64::from(*n) * number.map_or(ready.unknown, |number| ready.words[number as usize]);
        square += weight * weight;
        known.extend(number.map(|number| AskedWord { number, weight }));
    }
    known.sort_unstable_by_key(|word| word.number);
    let weigh = |place: u32, one: &Known<K>| {
        let shared = one.parted.text.iter().filter_map(|(word, n)| {
            let at = known.binary_search_by_key(word, |asked| asked.number).ok()?;
            Some(known[at].weight * f64::from(*n) * ready.words[*word as usize])
        });
        let common: f64 = shared.sum();
        let lengths = square.sqrt() * ready.texts[place as usize].sqrt();
        if lengths > 0.0 { (common / lengths).clamp(0.0, 1.0) } else { 0.0 }
    };
    // The words with the longest lists last: they weigh least.
    let mut by_length: Vec<&AskedWord> = known.iter().collect();
    by_length.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let Scratch { seen, common, .. } = scratch;
    let mut looked: Vec<u32> = Vec::new();
    for floor in floors(best.at_least) {
        let least = floor.max(best.least());
        let needed = (least - ROUNDING).max(0.0).powi(2) * square;
        let mut rest: f64 = by_length.iter().map(|word| word.weight * word.weight).sum();
        let mut found: Vec<u32> = Vec::new();
        for word in &by_length {
            // What has none of the words before has at most those that are left.
            if rest <= needed && needed > 0.0 {
                break;
            }
            let share = word.weight * word.weight;
            rest -= share;
            for place in index.lexicon.with_word(word.number, with) {
                let common = &mut common[place as usize];
                if *common == 0.0 {
                    found.push(place);
                }
                *common += share as f32;
            }
        }
        let rest = rest.max(0.0);
        let at_most = |place: u32| {
            // The sum was kept in few digits.
            let squared = (f64::from(common[place as usize]) * 1.0001 + rest) / square;
            squared.sqrt()
        };
        found.sort_by(|a, b| common[*b as usize].total_cmp(&common[*a as usize]).then(a.cmp(b)));
        for place in &found {
            let place = *place;
            if best.is_beyond(at_most(place)) {
                break;
            }
            if std::mem::replace(&mut seen[place as usize], true) {
                continue;
            }
            looked.push(place);
            if let Some(one) = index.at(place) {
                best.offer(&one.item, weigh(place, one) * index.recency(one));
            }
        }
        found.into_iter().for_each(|place| common[place as usize] = 0.0);
        if best.least() >= floor {
            break;
        }
    }
    looked.into_iter().for_each(|place| seen[place as usize] = false);
}
