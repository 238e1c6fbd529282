//! What a title is about once everything that varies from event to event is taken out of it.

use crate::untrusted::Untrusted;
use regex::Regex;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// Fewer fixed characters than this name nothing.
const LEAST_NEEDLE: usize = 8;

/// A title without what varies: ids, UUIDs, hashes, numbers, dates, paths, quoted data, e-mail addresses, URLs and what
/// the scrubber left in their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TitleFingerprint {
    hex: String,
    shape: String,
    needle: Option<String>,
}

impl TitleFingerprint {
    /// Fingerprint of a title as Sentry or a person wrote it.
    pub fn of(title: &Untrusted<String>) -> Self {
        let parts = parts(whole_words(title.as_raw_str()));
        let shape = shape(&parts);
        Self { hex: hex12(shape.as_bytes()), needle: needle(&parts), shape }
    }

    /// 12 hex digits, as in a marker.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The longest fixed part, in the title's own spelling: what a tracker is asked for. `None` when no fixed part has
    /// 8 characters; such a title names nothing.
    pub fn needle(&self) -> Option<&str> {
        self.needle.as_deref()
    }

    /// Whether an item's title is this one, alone or with words around it (`[web] TypeError: ... again`).
    pub fn is_in(&self, other: &Self) -> bool {
        self.hex == other.hex
            || (self.needle.is_some() && other.shape.contains(self.shape.trim_matches([VARIES, ' '])))
    }
}

/// Stands for what varies; a private-use character, and no title keeps one of its own (see [`parts`]).
const VARIES: char = '\u{f8ff}';

enum Part<'a> {
    Fixed(&'a str),
    Varies,
}

static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = [
        r"(?i:[a-z][a-z0-9+.-]*://[^\s<>)\]]+)",                // URL
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", // e-mail address
        r"\[[a-z][a-z ]{1,18}\]",                               // left by the scrubber: `[email]`
        r"(?i:\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)", // UUID
        r"\B'[^'\n]*'\B",                                       // quoted data; an apostrophe is none
        r#""[^"\n]*""#,
        r"`[^`\n]*`",
        r"[“‘«][^”’»\n]*[”’»]",
        r"[A-Za-z]:\\[^\s:]+", // paths
        r"(?:\.{0,2}/[\w.@%+~=-]+){2,}/?",
        r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", // dates
        r"\b0[xX][0-9a-fA-F]+\b", // hashes and ids
        r"\b[0-9a-fA-F]{8,}\b",
        r"\b(?:[A-Za-z_]*[0-9]){3,}[A-Za-z0-9_]*\b",
        r"[0-9]+(?:[.,:][0-9]+)*", // numbers
        "\u{f8ff}",
    ];
    Regex::new(&pattern.join("|")).expect("a constant pattern, compiled by every test of this file")
});

/// A list of varying values varies in length too.
static BETWEEN_VALUES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\s,;|/&]*$").expect("a constant pattern, compiled by every test of this file")
});

/// Sentry cuts long titles; where it cuts depends on what varied before, so the last, cut word goes.
fn whole_words(title: &str) -> &str {
    let title = title.trim();
    match title.strip_suffix("...").or_else(|| title.strip_suffix('…')) {
        Some(cut) => cut.rfind(char::is_whitespace).map_or(cut, |at| cut[..at].trim_end()),
        None => title,
    }
}

fn parts(title: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut end = 0;
    let mut add = |text| match (parts.last(), text) {
        (Some(Part::Varies), Some(text)) if BETWEEN_VALUES.is_match(text) => {}
        (Some(Part::Varies), None) => {}
        (_, Some("")) => {}
        (_, Some(text)) => parts.push(Part::Fixed(text)),
        (_, None) => parts.push(Part::Varies),
    };
    for found in VARYING.find_iter(title) {
        add(Some(&title[end..found.start()]));
        add(None);
        end = found.end();
    }
    add(Some(&title[end..]));
    parts
}

/// Lower case, single blanks, [`VARIES`] for what varies.
fn shape(parts: &[Part<'_>]) -> String {
    let mut shape = String::new();
    for part in parts {
        match part {
            Part::Varies => shape.push(VARIES),
            Part::Fixed(text) => {
                for c in text.chars().flat_map(char::to_lowercase) {
                    if !c.is_whitespace() {
                        shape.push(c);
                    } else if !shape.ends_with(' ') {
                        shape.push(' ');
                    }
                }
            }
        }
    }
    shape.trim().to_owned()
}

fn needle(parts: &[Part<'_>]) -> Option<String> {
    let fixed = parts.iter().filter_map(|part| match part {
        // A line break or control character would not be found again in a tracker's one-line title.
        Part::Fixed(text) => {
            text.split(char::is_control).map(str::trim).max_by_key(|text| text.chars().count())
        }
        Part::Varies => None,
    });
    // The first of equally long parts, so that the choice does not depend on iteration.
    let longest = fixed.rev().max_by_key(|text| text.chars().count())?;
    let letters = longest.chars().filter(|c| c.is_alphanumeric()).count();
    (longest.chars().count() >= LEAST_NEEDLE && letters * 2 >= LEAST_NEEDLE).then(|| longest.to_owned())
}

/// The first 12 hex digits of a SHA-256.
pub(super) fn hex12(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..6])
}
