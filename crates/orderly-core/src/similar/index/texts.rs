//! Which known titles and bodies may be among the nearest, and how near they are.
//!
//! The cosine of two texts is at most the length of what both have, as the asked text weighs it, by the length of the
//! asked text (Cauchy and Schwarz). So words that together are too short for the score that is needed lead nowhere.

use super::Index;
use super::best::{Best, ROUNDING};
use super::lexicon::With;
use super::rarity::Rarities;
use super::{FLOORS, Known};
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
    rarities: &Rarities,
    asked: &Text,
    with: With,
    best: &mut Best<K>,
) {
    let words = &index.lexicon.words;
    let mut known: Vec<AskedWord> = Vec::new();
    let mut square = 0.0;
    for (key, n) in asked.words() {
        let number = words.find(*key);
        let weight = f64::from(*n) * rarities.of(number.map_or(0, |number| words.having(number)));
        square += weight * weight;
        known.extend(number.map(|number| AskedWord { number, weight }));
    }
    known.sort_unstable_by_key(|word| word.number);
    let weigh = |one: &Known<K>| {
        let length = one.parted.text.iter().map(|(word, n)| {
            let weight = f64::from(*n) * rarities.of(words.having(*word));
            (*word, weight)
        });
        let (mut theirs, mut common) = (0.0, 0.0);
        for (word, weight) in length {
            theirs += weight * weight;
            if let Ok(at) = known.binary_search_by_key(&word, |asked| asked.number) {
                common += known[at].weight * weight;
            }
        }
        let lengths = square.sqrt() * theirs.sqrt();
        if lengths > 0.0 { (common / lengths).clamp(0.0, 1.0) } else { 0.0 }
    };
    // The words with the longest lists last: they weigh least.
    let mut by_length: Vec<&AskedWord> = known.iter().collect();
    by_length.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut seen = vec![false; index.known.len()];
    for floor in FLOORS {
        let least = floor.max(best.least());
        let needed = (least - ROUNDING).max(0.0).powi(2) * square;
        let mut rest: f64 = by_length.iter().map(|word| word.weight * word.weight).sum();
        let mut common = vec![0.0_f32; index.known.len()];
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
        for place in found {
            if best.is_beyond(at_most(place)) {
                break;
            }
            let first = !std::mem::replace(&mut seen[place as usize], true);
            if let Some(one) = index.at(place).filter(|_| first) {
                best.offer(&one.item, weigh(one) * index.recency(one));
            }
        }
        if best.least() >= floor {
            break;
        }
    }
}
