//! How alike two texts are that people wrote: the words of their titles and of how their bodies begin, the rare ones
//! counting more (TF-IDF and its cosine).

use super::corpus::Commonness;
use super::parts::{Key, Kind, key, lower};

/// A title and a body, in parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The words of the title twice and those of the body, each once with its weight before rarity.
    words: Vec<(Key, f32)>,
}

impl Eq for Text {}

impl Text {
    /// Cuts a title and a body.
    pub fn of(title: &str, body: &str) -> Self {
        let part = |word: &str| key(Kind::TextWord, word.chars().flat_map(lower));
        let twice = words(title).flat_map(|word| [part(word); 2]);
        let mut all: Vec<Key> = twice.chain(words(body).map(part)).collect();
        all.sort_unstable();
        // A word that comes again says less than the first time.
        let said = |same: &[Key]| (same[0], 1.0 + (same.len() as f32).ln());
        Self { words: all.chunk_by(PartialEq::eq).map(said).collect() }
    }

    /// The parts that a corpus counts.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.words.iter().map(|(key, _)| *key)
    }

    /// The words with their weights before rarity: sorted, each once.
    pub(super) fn words(&self) -> &[(Key, f32)] {
        &self.words
    }

    /// From 0 to 1.
    pub fn likeness(&self, other: &Self, corpus: &dyn Commonness) -> f64 {
        cosine(&self.words, &other.words, corpus)
    }
}

/// Runs of letters and digits, `NameNode` in two.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).flat_map(humps)
}

/// Cuts a word before each capital letter that follows a small one.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(word);
    std::iter::from_fn(move || {
        let word = rest?;
        let small = word.char_indices().zip(word.char_indices().skip(1));
        let cut = small
            .filter(|((_, a), (_, b))| a.is_lowercase() && b.is_uppercase())
            .map(|(_, (at, _))| at)
            .next();
        rest = cut.map(|at| &word[at..]);
        Some(cut.map_or(word, |at| &word[..at]))
    })
}

fn cosine(a: &[(Key, f32)], b: &[(Key, f32)], corpus: &dyn Commonness) -> f64 {
    let weigh = |side: &[(Key, f32)]| -> Vec<f64> {
        side.iter().map(|(key, n)| f64::from(*n) * corpus.rarity(*key)).collect()
    };
    let (x, y) = (weigh(a), weigh(b));
    let length = |side: &[f64]| side.iter().map(|w| w * w).sum::<f64>().sqrt();
    let lengths = length(&x) * length(&y);
    let (mut j, mut common) = (0, 0.0);
    for ((key, _), weight) in a.iter().zip(&x) {
        while b.get(j).is_some_and(|(other, _)| other < key) {
            j += 1;
        }
        if b.get(j).is_some_and(|(other, _)| other == key) {
            common += weight * y[j];
        }
    }
    if lengths > 0.0 { (common / lengths).clamp(0.0, 1.0) } else { 0.0 }
}
