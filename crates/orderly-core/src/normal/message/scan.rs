//! A text that is asked, place by place, what stands there.

use std::cell::Cell;

/// A text with the runs that were measured in it.
pub struct Text<'a> {
    text: &'a str,
    /// Characters that may stand before the `@` of an address.
    local: Run,
    /// Decimal digits: before and behind a point, so that both runs of a number stay measured.
    whole: Run,
    fraction: Run,
    /// No host name begins before this place that is not known already.
    no_host_before: Cell<usize>,
    /// The last search for a closing bracket: from where, and what it found.
    bracket: Cell<Option<(usize, Option<usize>)>>,
}

/// The run of characters of one class that was measured last.
struct Run {
    is_part: fn(u8) -> bool,
    last: Cell<(usize, usize)>,
}

impl Run {
    const fn of(is_part: fn(u8) -> bool) -> Self {
        Self { is_part, last: Cell::new((0, 0)) }
    }

    fn end(&self, bytes: &[u8], at: usize) -> usize {
        let (from, to) = self.last.get();
        if from <= at && at < to {
            return to;
        }
        let length = bytes[at..].iter().take_while(|b| (self.is_part)(**b)).count();
        self.last.set((at, at + length));
        at + length
    }
}

impl<'a> Text<'a> {
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            local: Run::of(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b)),
            whole: Run::of(|b| b.is_ascii_digit()),
            fraction: Run::of(|b| b.is_ascii_digit()),
            no_host_before: Cell::new(0),
            bracket: Cell::new(None),
        }
    }

    pub const fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub fn byte(&self, at: usize) -> Option<u8> {
        self.bytes().get(at).copied()
    }

    pub fn rest(&self, at: usize) -> &'a [u8] {
        &self.bytes()[at.min(self.text.len())..]
    }

    /// The character at a place; `None` at the end.
    pub fn character(&self, at: usize) -> Option<char> {
        match self.byte(at)? {
            byte if byte.is_ascii() => Some(char::from(byte)),
            _ => self.text[at..].chars().next(),
        }
    }

    /// How many bytes the character at a place has.
    pub fn width(&self, at: usize) -> Option<usize> {
        self.character(at).map(char::len_utf8)
    }

    fn before(&self, at: usize) -> Option<char> {
        match self.byte(at.checked_sub(1)?)? {
            byte if byte.is_ascii() => Some(char::from(byte)),
            _ => self.text[..at].chars().next_back(),
        }
    }

    pub fn is_behind(&self, at: usize, byte: u8) -> bool {
        at > 0 && self.byte(at - 1) == Some(byte)
    }

    pub fn is_behind_digit(&self, at: usize) -> bool {
        at > 0 && self.byte(at - 1).is_some_and(|b| b.is_ascii_digit())
    }

    pub fn word_before(&self, at: usize) -> bool {
        self.before(at).is_some_and(is_word)
    }

    pub fn word_at(&self, at: usize) -> bool {
        self.character(at).is_some_and(is_word)
    }

    /// Whether a word begins or ends at a place.
    pub fn boundary(&self, at: usize) -> bool {
        self.word_before(at) != self.word_at(at)
    }

    /// Width of the white space at a place.
    pub fn space(&self, at: usize) -> Option<usize> {
        self.character(at).filter(|c| is_space(*c)).map(char::len_utf8)
    }

    /// End of the characters from `at` on that are no white space.
    pub fn spaceless(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.find(is_space).unwrap_or(rest.len())
    }

    /// End of the local part of an address that goes on at `at`.
    pub fn local_end(&self, at: usize) -> usize {
        self.local.end(self.bytes(), at)
    }

    /// End of the digits that go on at `at`.
    pub fn digits_end(&self, at: usize) -> usize {
        self.whole.end(self.bytes(), at)
    }

    /// As [`Text::digits_end`], for the digits behind a point.
    pub fn fraction_end(&self, at: usize) -> usize {
        self.fraction.end(self.bytes(), at)
    }

    /// The first `)` from `at` on.
    pub fn closing_bracket(&self, at: usize) -> Option<usize> {
        if let Some((from, found)) = self.bracket.get()
            && from <= at
            && found.is_none_or(|found| at <= found)
        {
            return found;
        }
        let found = self.text[at..].find(')').map(|offset| at + offset);
        self.bracket.set(Some((at, found)));
        found
    }

    pub fn no_host_before(&self) -> usize {
        self.no_host_before.get()
    }

    pub fn set_no_host_before(&self, at: usize) {
        self.no_host_before.set(at);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// How many bytes at the beginning are of a class, at most `most`.
pub fn count(bytes: &[u8], most: usize, is_part: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take(most).take_while(|b| is_part(**b)).count()
}
