//! Known methods beside the engine, each from its description: what they would have answered to the same rows.
//!
//! They see names as the data have them, without the engine's normal forms. FaST is written after its paper (Rodrigues,
//! Aloise, Fernandes: FaST, MSR 2022), the rule of ClusterFuzz after its documentation; neither was measured on data of
//! its authors here.

use crate::metrics::share;
use std::collections::{BTreeMap, BTreeSet};

/// Tokens of a stack that are looked at.
const MOST_TOKENS: usize = 60;
/// Frames whose names are cut into groups of three characters.
const GRAM_FRAMES: usize = 10;

/// A crash as a known method sees it.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    tokens: Vec<String>,
    message: Vec<char>,
    grams: BTreeSet<[char; 3]>,
}

impl Plain {
    /// From frames, crash frame first, and the type with the message.
    pub fn new(tokens: impl IntoIterator<Item = String>, message: &str) -> Self {
        let tokens: Vec<String> = tokens.into_iter().take(MOST_TOKENS).collect();
        let names = tokens.iter().take(GRAM_FRAMES).map(String::as_str).collect::<Vec<_>>().join(" ");
        let letters: Vec<char> = names.chars().flat_map(char::to_lowercase).collect();
        let grams = letters.windows(3).filter_map(|gram| gram.try_into().ok()).collect();
        Self { tokens, message: message.chars().take(300).collect(), grams }
    }
}

/// A method to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The same frames and the same message.
    ExactKey,
    /// Cosine over the sets of frames, weighed by rarity.
    TfIdf,
    /// Alignment in linear time; weights of frames fall with depth and commonness.
    Fast,
    /// The frames one after the other, by edit distance; two equal frames decide.
    ClusterFuzz,
    /// Groups of three characters of the innermost frames.
    ThreeGrams,
    /// .6 FaST, .3 groups of three characters, .1 message by edit distance.
    Hybrid,
}

impl Baseline {
    /// All of them, as they are listed.
    pub const ALL: [Self; 6] =
        [Self::ExactKey, Self::TfIdf, Self::Fast, Self::ClusterFuzz, Self::ThreeGrams, Self::Hybrid];

    /// As it is called in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExactKey => "exact key",
            Self::TfIdf => "TF-IDF of frames",
            Self::Fast => "FaST (1, .01, .2)",
            Self::ClusterFuzz => "ClusterFuzz's rule",
            Self::ThreeGrams => "3-grams of frames",
            Self::Hybrid => "hybrid (.6/.3/.1)",
        }
    }

    fn score(self, known: &Crashes, x: &Plain, y: &Plain) -> f64 {
        match self {
            Self::ExactKey => f64::from(u8::from(x.tokens == y.tokens && x.message == y.message)),
            Self::TfIdf => known.tf_idf(x, y),
            Self::Fast => known.fast(x, y),
            Self::ClusterFuzz => cluster_fuzz(x, y),
            Self::ThreeGrams => three_grams(x, y),
            Self::Hybrid => {
                let message = same_letters(
                    &x.message[..x.message.len().min(120)],
                    &y.message[..y.message.len().min(120)],
                );
                0.6 * known.fast(x, y) + 0.3 * three_grams(x, y) + 0.1 * message
            }
        }
    }
}

/// Crashes of a project and how many of them have each token.
#[derive(Debug, Default)]
pub struct Crashes {
    known: Vec<(String, Plain)>,
    having: BTreeMap<String, usize>,
}

impl Crashes {
    /// Adds a crash with its cause.
    pub fn insert(&mut self, cause: String, crash: Plain) {
        for token in crash.tokens.iter().collect::<BTreeSet<_>>() {
            *self.having.entry(token.clone()).or_default() += 1;
        }
        self.known.push((cause, crash));
    }

    /// The causes most like a crash by a method, best first; those without any evidence are not listed.
    pub fn nearest(&self, method: Baseline, asked: &Plain, most: usize) -> Vec<(String, f64)> {
        let mut best: BTreeMap<&str, f64> = BTreeMap::new();
        for (cause, known) in &self.known {
            let score = method.score(self, asked, known);
            let top = best.entry(cause).or_default();
            *top = top.max(score);
        }
        let mut found: Vec<(String, f64)> = best
            .into_iter()
            .filter(|(_, score)| *score > 0.0)
            .map(|(cause, score)| (cause.to_owned(), score))
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(most);
        found
    }

    fn commonness(&self, token: &str) -> f64 {
        share(self.having.get(token).copied().unwrap_or(0), self.known.len()).unwrap_or(0.0)
    }

    fn tf_idf(&self, x: &Plain, y: &Plain) -> f64 {
        let set = |crash: &Plain| crash.tokens.iter().cloned().collect::<BTreeSet<String>>();
        let weight = |token: &String| {
            let having = self.having.get(token).copied().unwrap_or(0) as f64;
            1.0 + (self.known.len() as f64 / (1.0 + having)).ln_1p()
        };
        let length = |of: &BTreeSet<String>| of.iter().map(|token| weight(token).powi(2)).sum::<f64>().sqrt();
        let (a, b) = (set(x), set(y));
        let common: f64 = a.intersection(&b).map(|token| weight(token).powi(2)).sum();
        let lengths = length(&a) * length(&b);
        if lengths > 0.0 { common / lengths } else { 0.0 }
    }

    /// FaST with its three parameters at 1, .01 and .2, moved from [-1, 1] to [0, 1].
    fn fast(&self, x: &Plain, y: &Plain) -> f64 {
        let weight = |place: usize, token: &str| {
            (place as f64).powi(-1) * (-0.01 * 100.0 * self.commonness(token)).exp()
        };
        let mut places: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, token) in x.tokens.iter().enumerate() {
            places.entry(token).or_default().0.push(at + 1);
        }
        for (at, token) in y.tokens.iter().enumerate() {
            places.entry(token).or_default().1.push(at + 1);
        }
        let (mut gained, mut whole) = (0.0, 0.0);
        for (token, (a, b)) in places {
            whole += a.iter().chain(&b).map(|place| weight(*place, token)).sum::<f64>();
            let both = a.len().min(b.len());
            for (p, q) in a.iter().zip(&b) {
                let apart = (-0.2 * p.abs_diff(*q) as f64).exp();
                gained += (weight(*p, token) + weight(*q, token)) * apart;
            }
            let alone = a[both..].iter().chain(&b[both..]);
            gained -= alone.map(|place| weight(*place, token)).sum::<f64>();
        }
        if whole > 0.0 { (gained / whole + 1.0) / 2.0 } else { 0.0 }
    }
}

fn cluster_fuzz(x: &Plain, y: &Plain) -> f64 {
    let aligned: Vec<(&String, &String)> = x.tokens.iter().zip(&y.tokens).collect();
    let letters = |name: &str| name.chars().collect::<Vec<_>>();
    let alike: f64 = aligned.iter().map(|(a, b)| same_letters(&letters(a), &letters(b))).sum();
    let longer = x.tokens.len().max(y.tokens.len()).max(1);
    let equal = x.tokens.iter().filter(|token| y.tokens.contains(token)).count();
    let decided = if equal >= 2 { 0.5 } else { 0.0 };
    alike / longer as f64 + decided
}

fn three_grams(x: &Plain, y: &Plain) -> f64 {
    let common = x.grams.intersection(&y.grams).count();
    share(common, x.grams.len() + y.grams.len() - common).unwrap_or(0.0)
}

/// 1 less the edit distance (Levenshtein) by the longer length.
fn same_letters(a: &[char], b: &[char]) -> f64 {
    let longer = a.len().max(b.len());
    if longer == 0 {
        return 1.0;
    }
    1.0 - strsim::generic_levenshtein(&Letters(a), &Letters(b)) as f64 / longer as f64
}

struct Letters<'a>(&'a [char]);

impl<'b> IntoIterator for &'b Letters<'_> {
    type Item = char;
    type IntoIter = std::iter::Copied<std::slice::Iter<'b, char>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crash(frames: &[&str], message: &str) -> Plain {
        Plain::new(frames.iter().map(|frame| (*frame).to_owned()), message)
    }

    #[test]
    fn fast_is_one_for_the_same_stack_and_nothing_for_a_strange_one() {
        let known = Crashes::default();
        let one = crash(&["a.b", "c.d", "a.b"], "");
        assert!((known.fast(&one, &one) - 1.0).abs() < 1e-12);
        assert!(known.fast(&one, &crash(&["x.y"], "")).abs() < 1e-12);
    }

    #[test]
    fn every_method_prefers_the_same_crash_to_a_strange_one() {
        let mut known = Crashes::default();
        known.insert("right".into(), crash(&["cart.total", "cart.checkout", "main"], "no price"));
        known.insert("wrong".into(), crash(&["mail.send", "mail.connect", "main"], "refused"));
        let asked = crash(&["cart.total", "cart.checkout", "main"], "no price");
        for method in Baseline::ALL {
            let found = known.nearest(method, &asked, 10);
            assert_eq!(found[0].0, "right", "{method:?}");
        }
    }
}
