//! What is known: the counts, when something changed, and what is believed before looking.

/// Counts of one error, or of one service, in bins of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates<'a> {
    /// Events a bin, oldest first.
    pub counts: &'a [u64],
    /// Bins after which the usual rhythm repeats: 24 for hours. 0: no rhythm is looked for.
    pub period: usize,
}

/// Something that was done and may have caused the errors: a deploy, a flag that was switched, a commit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The bin in which it happened.
    pub bin: usize,
    /// How much of that bin was over by then, from 0 to below 1: so likely is it that the bin after shows it first.
    pub late: f64,
    /// How likely a cause it is beside the other changes, from what else is known (frames it touches, first seen in
    /// its release). 1 for all if nothing is.
    pub weight: f64,
}

impl Change {
    /// A change at the start of a bin, as likely as any other.
    pub const fn at(bin: usize) -> Self {
        Self { bin, late: 0.0, weight: 1.0 }
    }
}

/// What is believed before the counts are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// That the rate rose because of one of the changes.
    pub changed: f64,
    /// That it rose for another reason, at any time.
    pub elsewhere: f64,
}

impl Default for Prior {
    /// Half for the changes, a quarter for other reasons, a quarter for no rise at all.
    fn default() -> Self {
        Self { changed: 0.5, elsewhere: 0.25 }
    }
}
