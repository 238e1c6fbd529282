//! For a terminal: nothing of the text may act on it.

use super::{escape, is_invisible};
use crate::scrub::Scrubbed;
use crate::untrusted::Untrusted;

/// One line of visible characters: controls (C0, DEL, C1), bidirectional, zero-width and tag characters are shown as
/// escapes, so nothing of the text can move a cursor, set a clipboard or reorder a line.
pub fn line(text: &Untrusted<String>) -> String {
    super::one_line(text.as_raw_str())
}

/// As [`line`], of scrubbed text.
pub fn scrubbed_line(text: &Scrubbed) -> String {
    super::one_line(text.as_str())
}

/// Several lines: as [`line`], but line feeds stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push(' '),
            c if c.is_control() || is_invisible(c) => shown.push_str(&escape(c)),
            c => shown.push(c),
        }
    }
    shown
}
