//! What was counted, and what was expected before anybody looked.

/// Counts in bins of equal length (hours as a rule) on both sides of a mitigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows<'a> {
    /// Before it, while the error was on.
    pub before: &'a [u64],
    /// Since it.
    pub after: &'a [u64],
}

/// What the mitigation is expected to do, said before it is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectation {
    /// The rate, in events a bin, that is not to be exceeded.
    pub at_most: f64,
}

impl Expectation {
    /// The rate falls to this share of what it was before.
    pub fn share_of(share: f64, before: &[u64]) -> Self {
        let total: f64 = before.iter().map(|count| *count as f64).sum();
        Self { at_most: share * total / before.len().max(1) as f64 }
    }
}
