//! Messages without what varies: addresses, ids, dates, numbers and quoted values become placeholders.
//!
//! The placeholders and what each stands for are those of Sentry's own grouping, so that what people know from there
//! holds here. One pass from left to right; at each place the first kind of [`Placeholder::ALL`] that matches wins.
//! Linear time: every kind looks at a bounded stretch, or measures a run of characters once for all places in it.

mod date;
mod network;
mod scan;
#[cfg(test)]
mod tests;
mod value;

use scan::Text;
use std::fmt;

/// What a varying part of a message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// `jane@shop.example`.
    Email,
    /// `https://shop.example/o/7`; also `http`, `ws`, `wss`, `ftp`.
    Url,
    /// `db.shop.com`, under a well-known top-level domain.
    Hostname,
    /// `10.0.0.7`, `fe80::1`.
    Ip,
    /// A W3C `traceparent` or a trace id of a load balancer.
    Traceparent,
    /// `6f1ed002-ab59-42f1-9e5f-1a2b3c4d5e6f`.
    Uuid,
    /// 40 hex digits.
    Sha1,
    /// 32 hex digits.
    Md5,
    /// Dates, times of day, and both together.
    Date,
    /// `35ms`, `1.5s`.
    Duration,
    /// A transaction id of OpenStack Swift.
    SwiftTxnId,
    /// `0x7ffe`, or 8 to 128 hex digits of one case with a decimal digit among them; so also long numbers.
    Hex,
    /// 7 lower-case hex digits, letters and digits mixed.
    GitSha,
    /// `3.14`, `-0.5`.
    Float,
    /// At most 7 digits.
    Int,
    /// What stands in quotes behind `=`.
    QuotedStr,
    /// `true` or `false` behind `=`.
    Bool,
}

impl Placeholder {
    /// All kinds, in the order in which they are tried at a place.
    pub const ALL: [Self; 17] = [
        Self::Email,
        Self::Url,
        Self::Hostname,
        Self::Ip,
        Self::Traceparent,
        Self::Uuid,
        Self::Sha1,
        Self::Md5,
        Self::Date,
        Self::Duration,
        Self::SwiftTxnId,
        Self::Hex,
        Self::GitSha,
        Self::Float,
        Self::Int,
        Self::QuotedStr,
        Self::Bool,
    ];

    /// The text that stands in its place.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Email => "<email>",
            Self::Url => "<url>",
            Self::Hostname => "<hostname>",
            Self::Ip => "<ip>",
            Self::Traceparent => "<traceparent>",
            Self::Uuid => "<uuid>",
            Self::Sha1 => "<sha1>",
            Self::Md5 => "<md5>",
            Self::Date => "<date>",
            Self::Duration => "<duration>",
            Self::SwiftTxnId => "<swift_txn_id>",
            Self::Hex => "<hex>",
            Self::GitSha => "<git_sha>",
            Self::Float => "<float>",
            Self::Int => "<int>",
            Self::QuotedStr => "<quoted_str>",
            Self::Bool => "<bool>",
        }
    }

    /// Where this kind ends if it begins at `at`.
    fn end(self, text: &Text<'_>, at: usize) -> Option<usize> {
        match self {
            Self::Email => network::email(text, at),
            Self::Url => network::url(text, at),
            Self::Hostname => network::hostname(text, at),
            Self::Ip => network::ip(text, at),
            Self::Traceparent => value::traceparent(text, at),
            Self::Uuid => value::uuid(text, at),
            Self::Sha1 => value::hex_word(text, at, 40),
            Self::Md5 => value::hex_word(text, at, 32),
            Self::Date => date::date(text, at),
            Self::Duration => value::duration(text, at),
            Self::SwiftTxnId => value::swift_txn_id(text, at),
            Self::Hex => value::hex(text, at),
            Self::GitSha => value::git_sha(text, at),
            Self::Float => value::float(text, at),
            Self::Int => value::int(text, at),
            Self::QuotedStr => value::quoted(text, at),
            Self::Bool => value::boolean(text, at),
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The message with its varying parts replaced, exactly as Sentry's grouping does it.
///
/// A second application may find more (`1234567a5s` becomes `1234567a<duration>`, whose beginning is a hex number only
/// now that a word ends there); [`normal`] does not.
pub fn parameterize(message: &str) -> String {
    replace(&Text::new(message), |_| true)
}

/// The normal form that messages are compared in: [`parameterize`], blanks folded to one. Idempotent: a word that
/// holds a placeholder was looked at before, and is left as it is.
pub fn normal(message: &str) -> String {
    let folded = folded(message);
    let mut settled = Settled::new(&folded);
    replace(&Text::new(&folded), |at| !settled.covers(at))
}

fn folded(message: &str) -> String {
    let mut folded = String::with_capacity(message.len());
    for word in message.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn replace(text: &Text<'_>, mut may_begin: impl FnMut(usize) -> bool) -> String {
    let message = text.as_str();
    let mut out = String::with_capacity(message.len());
    let (mut kept_from, mut at) = (0, 0);
    while let Some(width) = text.width(at) {
        let found = if may_begin(at) {
            Placeholder::ALL.into_iter().find_map(|kind| Some((kind, kind.end(text, at)?)))
        } else {
            None
        };
        match found {
            Some((kind, end)) => {
                out.push_str(&message[kept_from..at]);
                out.push_str(kind.text());
                (kept_from, at) = (end, end);
            }
            None => at += width,
        }
    }
    out.push_str(&message[kept_from..]);
    out
}

/// The words of a text that hold a placeholder, asked for from left to right.
struct Settled<'a> {
    text: &'a str,
    word_end: usize,
    holds: bool,
}

impl<'a> Settled<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, word_end: 0, holds: false }
    }

    fn covers(&mut self, at: usize) -> bool {
        if at >= self.word_end {
            let rest = &self.text[at..];
            let word = &rest[..rest.find(' ').unwrap_or(rest.len())];
            self.word_end = at + word.len().max(1);
            self.holds = holds_placeholder(word);
        }
        self.holds
    }
}

fn holds_placeholder(word: &str) -> bool {
    word.match_indices('<')
        .any(|(at, _)| Placeholder::ALL.iter().any(|kind| word[at..].starts_with(kind.text())))
}
