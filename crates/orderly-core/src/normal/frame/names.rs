//! What all platforms' names have in common: parts, brackets, and what is no part of a name at all.

/// The part that every closure, lambda and anonymous function becomes.
pub const CLOSURE: &str = "closure";

/// The first `most` characters.
pub fn capped(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

/// A name from its parts: each cleaned, empty ones and repeated closures left out.
pub fn join<'a>(
    parts: impl IntoIterator<Item = &'a str>,
    clean: impl Fn(&'a str) -> Option<&'a str>,
) -> String {
    let mut name = String::new();
    let mut last = "";
    for part in parts {
        let Some(part) = clean(part.trim()).filter(|part| !part.is_empty()) else { continue };
        if part == CLOSURE && last == CLOSURE {
            continue;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.extend(part.chars().filter(|c| !c.is_control() && !c.is_whitespace()));
        last = part;
    }
    name
}

/// Whether a part only counts.
pub fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

/// A part without the digits at its end.
pub fn without_counter(part: &str) -> &str {
    part.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// The text without what stands in brackets, and without the brackets; one that does not close reaches to the end, one
/// that was not opened is left out alone. The `>` of an arrow is no bracket.
pub fn outside(text: &str, open: char, close: char) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut depth, mut previous) = (0_usize, ' ');
    for c in text.chars() {
        if c == open {
            depth += 1;
        } else if c == close {
            if !(c == '>' && matches!(previous, '-' | '=')) {
                depth = depth.saturating_sub(1);
            }
        } else if depth == 0 {
            kept.push(c);
        }
        previous = c;
    }
    kept
}

/// The text up to the first of these, where one stands behind the beginning.
pub fn before<'a>(text: &'a str, markers: &[&str]) -> &'a str {
    let first = markers.iter().filter_map(|marker| text.find(marker).filter(|at| *at > 0)).min();
    first.map_or(text, |at| &text[..at])
}

/// Hex digits in a row that no person would have written as a name.
pub fn is_hash(part: &str) -> bool {
    let hex = part.bytes().all(|b| b.is_ascii_hexdigit());
    part.len() >= 6 && hex && part.bytes().any(|b| b.is_ascii_digit())
}
