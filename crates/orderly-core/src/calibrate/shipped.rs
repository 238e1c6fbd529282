//! The thresholds that hold until a team has examples of its own. They come from public crash reports of Java and Python
//! projects with known causes, and say so wherever they are used.

use super::bound::{Basis, Promise, Threshold};
use super::likeness::{Likeness, Share};

/// Version of the score that thresholds belong to. Whoever changes what [`crate::similar::score()`] answers raises it, and
/// measures the numbers below again; thresholds learned under another version are not used.
pub const SCORE_VERSION: u32 = 2;

/// From here on an item that can only be compared by its words is no stranger. Nothing is promised of it: no labelled data
/// tells how people describe in words what a program reports.
pub const WORDS: Likeness = Likeness::percent(50);

/// Known reports behind [`new_below`].
const KNOWN: u32 = 155;
/// New reports behind [`same_above`].
const NEW: u32 = 293;

pub(super) fn new_below() -> Threshold {
    shipped(3_630, KNOWN, (321, 581))
}

pub(super) fn same_above() -> Threshold {
    shipped(8_288, NEW, (69, 161))
}

fn shipped(at: u16, examples: u32, (expected, at_most): (u16, u16)) -> Threshold {
    let promise = Promise {
        expected: Share::from(expected),
        at_most: Share::from(at_most),
        examples,
        basis: Basis::Shipped,
    };
    Threshold { at: Likeness::from(at), promise }
}
