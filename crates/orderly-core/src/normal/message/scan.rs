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
    bracket: Next,
    line: Next,
    looked: Looked,
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

    fn end(&self, text: &Text<'_>, at: usize) -> usize {
        let (from, to) = self.last.get();
        if from <= at && at < to {
            return to;
        }
        let length = text.count(at, usize::MAX, self.is_part);
        self.last.set((at, at + length));
        at + length
    }
}

/// The last search for the next of one byte: from where, and what it found.
struct Next {
    byte: u8,
    last: Cell<Option<(usize, Option<usize>)>>,
}

impl Next {
    const fn of(byte: u8) -> Self {
        Self { byte, last: Cell::new(None) }
    }

    fn find(&self, text: &Text<'_>, at: usize) -> Option<usize> {
        if let Some((from, found)) = self.last.get()
            && from <= at
            && found.is_none_or(|found| at <= found)
        {
            return found;
        }
        let end = at + text.count(at, usize::MAX, |b| b != self.byte);
        let found = Some(end).filter(|end| *end < text.text.len());
        self.last.set(Some((at, found)));
        found
    }
}

/// How often bytes were looked at. Only tests count it: that the time is linear shows in it.
#[cfg(test)]
struct Looked(Cell<usize>);
#[cfg(not(test))]
struct Looked;

#[cfg(test)]
impl Looked {
    const fn new() -> Self {
        Self(Cell::new(0))
    }

    fn at(&self, bytes: usize) {
        self.0.set(self.0.get() + bytes);
    }
}

#[cfg(not(test))]
impl Looked {
    const fn new() -> Self {
        Self
    }

    const fn at(&self, _bytes: usize) {}
}

impl<'a> Text<'a> {
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            local: Run::of(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b)),
            whole: Run::of(|b| b.is_ascii_digit()),
            fraction: Run::of(|b| b.is_ascii_digit()),
            no_host_before: Cell::new(0),
            bracket: Next::of(b')'),
            line: Next::of(b'\n'),
            looked: Looked::new(),
        }
    }

    /// How often bytes of it were looked at so far.
    #[cfg(test)]
    pub fn looked(&self) -> usize {
        self.looked.0.get()
    }

    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    pub const fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub fn byte(&self, at: usize) -> Option<u8> {
        self.looked.at(1);
        self.bytes().get(at).copied()
    }

    /// What stands from a place on: for a look at its first few bytes. [`Text::count`] looks at more.
    pub fn rest(&self, at: usize) -> &'a [u8] {
        self.looked.at(1);
        &self.bytes()[at.min(self.text.len())..]
    }

    /// How many bytes from `at` on are of a class, at most `most`.
    pub fn count(&self, at: usize, most: usize, is_part: impl Fn(u8) -> bool) -> usize {
        let length = self.rest(at).iter().take(most).take_while(|b| is_part(**b)).count();
        self.looked.at(length);
        length
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
        let length = rest.find(is_space).unwrap_or(rest.len());
        self.looked.at(length);
        at + length
    }

    /// End of the local part of an address that goes on at `at`.
    pub fn local_end(&self, at: usize) -> usize {
        self.local.end(self, at)
    }

    /// End of the digits that go on at `at`.
    pub fn digits_end(&self, at: usize) -> usize {
        self.whole.end(self, at)
    }

    /// As [`Text::digits_end`], for the digits behind a point.
    pub fn fraction_end(&self, at: usize) -> usize {
        self.fraction.end(self, at)
    }

    /// The first `)` from `at` on.
    pub fn closing_bracket(&self, at: usize) -> Option<usize> {
        self.bracket.find(self, at)
    }

    /// The end of the line that `at` is on; `None` when it is the last.
    pub fn line_end(&self, at: usize) -> Option<usize> {
        self.line.find(self, at)
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
