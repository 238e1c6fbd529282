//! The small parts that names and texts are cut into; what is alike shares them.

use serde::{Deserialize, Serialize};

/// A part by which candidates are found and whose commonness is counted; a hash, the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub(super) u64);

/// What a part is a part of: the same letters mean different things in a name and in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole frame.
    Frame,
    /// A word of a frame's names.
    NameWord,
    /// Three characters of type and message.
    SaidGram,
    /// A word of a title or a body.
    TextWord,
}

/// FNV-1a: small, fast, the same everywhere. Nothing secret hangs on it.
pub(super) fn key(kind: Kind, text: impl IntoIterator<Item = char>) -> Key {
    // The kind is hashed like a letter before all others, so that no two kinds have a part in common.
    longer(Key(fnv(0xcbf2_9ce4_8422_2325, kind as u64 + 1)), text)
}

/// The part of a text that goes on.
fn longer(key: Key, text: impl IntoIterator<Item = char>) -> Key {
    Key(text.into_iter().fold(key.0, |hash, c| fnv(hash, u64::from(u32::from(c)))))
}

/// A character in lower case; which most are, or have at once.
pub(super) fn lower(c: char) -> impl Iterator<Item = char> {
    let (plain, other) =
        if c.is_ascii() { (Some(c.to_ascii_lowercase()), None) } else { (None, Some(c.to_lowercase())) };
    plain.into_iter().chain(other.into_iter().flatten())
}

const fn fnv(hash: u64, more: u64) -> u64 {
    (hash ^ more).wrapping_mul(0x0100_0000_01b3)
}

/// One name for a whole set of parts.
pub(super) fn of_set(keys: &[Key]) -> Key {
    Key(keys.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, key| fnv(hash.rotate_left(23), key.0)))
}

/// Sorted, each once.
pub(super) fn set(keys: impl IntoIterator<Item = Key>) -> Vec<Key> {
    let mut keys: Vec<Key> = keys.into_iter().collect();
    keys.sort_unstable();
    keys.dedup();
    keys.shrink_to_fit();
    keys
}

/// The words that a name was put together from, in lower case, as parts: `parseHTTPHeader_v2` is `parse`, `http`,
/// `header`, `v`, `2`.
pub(super) fn words(kind: Kind, name: &str) -> Vec<Key> {
    let mut words: Vec<Key> = Vec::new();
    let mut previous = Letter::None;
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        let letter = Letter::of(c);
        let next_is_small = letters.peek().is_some_and(|next| Letter::of(*next) == Letter::Small);
        let goes_on = match (previous, letter) {
            (_, Letter::None) | (Letter::None, _) => false,
            (Letter::Large, Letter::Large) => !next_is_small,
            (Letter::Large, Letter::Small) => true,
            (before, now) => before == now,
        };
        previous = letter;
        if letter == Letter::None {
            continue;
        }
        match words.last_mut() {
            Some(word) if goes_on => *word = longer(*word, lower(c)),
            _ => words.push(key(kind, lower(c))),
        }
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Small,
    Large,
    Digit,
    None,
}

impl Letter {
    fn of(c: char) -> Self {
        match c {
            c if c.is_numeric() => Self::Digit,
            c if c.is_uppercase() => Self::Large,
            c if c.is_alphabetic() => Self::Small,
            _ => Self::None,
        }
    }
}

/// Every run of `n` characters of a text, as parts.
pub(super) fn grams(kind: Kind, text: &str, n: usize) -> Vec<Key> {
    let letters: Vec<char> = text.chars().flat_map(lower).collect();
    letters.windows(n).map(|gram| key(kind, gram.iter().copied())).collect()
}

/// What two sorted sets share, by weight: from 0 to 1.
pub(super) fn shared(a: &[Key], b: &[Key], weight: impl Fn(Key) -> f64) -> f64 {
    let (mut i, mut j, mut common, mut all) = (0, 0, 0.0, 0.0);
    loop {
        match (a.get(i), b.get(j)) {
            (None, None) => break,
            (Some(x), Some(y)) if x == y => {
                let w = weight(*x);
                common += w;
                all += w;
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                all += weight(*x);
                i += 1;
            }
            (_, Some(y)) => {
                all += weight(*y);
                j += 1;
            }
            (Some(_), None) => break,
        }
    }
    if all > 0.0 { common / all } else { 0.0 }
}
