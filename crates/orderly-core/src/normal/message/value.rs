//! Ids, hashes, numbers and the values of `key=value`.

use super::scan::Text;

/// `00-<32 hex>-<16 hex>-01`, or `1-<8 hex>-<24 hex>` of a load balancer.
pub fn traceparent(text: &Text<'_>, at: usize) -> Option<usize> {
    let groups = |lead: &[u8], lengths: [usize; 2]| {
        text.rest(at).starts_with(lead).then_some(())?;
        let mut end = at + lead.len();
        for (nth, length) in lengths.into_iter().enumerate() {
            if nth > 0 {
                end = dash(text, end)?;
            }
            end = exactly(text, end, length, is_lower_hex)?;
        }
        Some(end)
    };
    if !text.boundary(at) {
        return None;
    }
    let header = || {
        let end = groups(b"00-", [32, 16])?;
        let flags = text.rest(end).starts_with(b"-00") || text.rest(end).starts_with(b"-01");
        (flags && !text.word_at(end + 3)).then_some(end + 3)
    };
    let balancer = || groups(b"1-", [8, 24]).filter(|end| !text.word_at(*end));
    header().or_else(balancer)
}

/// 8-4-4-4-12 hex digits.
pub fn uuid(text: &Text<'_>, at: usize) -> Option<usize> {
    let is_hex = |b: u8| b.is_ascii_hexdigit();
    if !text.byte(at).is_some_and(is_hex) || !text.boundary(at) {
        return None;
    }
    let mut end = exactly(text, at, 8, is_hex)?;
    for length in [4, 4, 4, 12] {
        end = exactly(text, dash(text, end)?, length, is_hex)?;
    }
    (!text.word_at(end)).then_some(end)
}

/// A word of so many hex digits.
pub fn hex_word(text: &Text<'_>, at: usize, length: usize) -> Option<usize> {
    if !text.byte(at)?.is_ascii_hexdigit() || !text.boundary(at) {
        return None;
    }
    let end = exactly(text, at, length, |b| b.is_ascii_hexdigit())?;
    (!text.word_at(end)).then_some(end)
}

/// `35ms`, `1.5s`.
pub fn duration(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.byte(at)?.is_ascii_digit() {
        return None;
    }
    let whole = text.digits_end(at);
    if text.boundary(at) && text.rest(whole).starts_with(b"ms") {
        return Some(whole + 2);
    }
    let unit = match text.byte(whole) {
        Some(b'.') => Some(text.fraction_end(whole + 1)).filter(|end| *end > whole + 1)?,
        _ => whole,
    };
    (text.byte(unit) == Some(b's') && !text.word_at(unit + 1)).then_some(unit + 1)
}

/// `tx<21 hex>-<10 hex>` and what follows without a blank.
pub fn swift_txn_id(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.rest(at).starts_with(b"tx") || !text.boundary(at) {
        return None;
    }
    let first = exactly(text, at + 2, 21, is_lower_hex)?;
    let second = exactly(text, dash(text, first)?, 10, is_lower_hex)?;
    Some(text.spaceless(second))
}

/// `0x7ffe`, or a word of 8 to 128 hex digits of one case, a decimal digit among them.
pub fn hex(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.byte(at)?.is_ascii_hexdigit() || !text.boundary(at) {
        return None;
    }
    let prefixed = || {
        let prefix = text.rest(at).starts_with(b"0x") || text.rest(at).starts_with(b"0X");
        let length = if prefix { text.count(at + 2, usize::MAX, |b| b.is_ascii_hexdigit()) } else { 0 };
        (length > 0 && !text.word_at(at + 2 + length)).then_some(at + 2 + length)
    };
    let plain = |is_part: fn(u8) -> bool| {
        let length = text.count(at, 129, is_part);
        let digit = text.rest(at)[..length].iter().any(u8::is_ascii_digit);
        (digit && (8..=128).contains(&length) && !text.word_at(at + length)).then_some(at + length)
    };
    prefixed()
        .or_else(|| plain(is_lower_hex))
        .or_else(|| plain(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)))
}

/// The short name of a commit.
pub fn git_sha(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.byte(at).is_some_and(is_lower_hex) || !text.boundary(at) {
        return None;
    }
    let end = exactly(text, at, 7, is_lower_hex)?;
    let word = &text.bytes()[at..end];
    let mixed = word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
    (mixed && !text.word_at(end)).then_some(end)
}

/// Digits, a point, digits; a dash in front belongs to it.
pub fn float(text: &Text<'_>, at: usize) -> Option<usize> {
    let first = match text.byte(at)? {
        b'-' => at + 1,
        b'0'..=b'9' if text.boundary(at) => at,
        _ => return None,
    };
    let point = text.digits_end(first);
    if point == first || text.byte(point) != Some(b'.') {
        return None;
    }
    let end = text.fraction_end(point + 1);
    (end > point + 1 && !text.word_at(end)).then_some(end)
}

/// At most 7 digits; a dash in front is a minus unless it joins words.
pub fn int(text: &Text<'_>, at: usize) -> Option<usize> {
    let first = match text.byte(at)? {
        b'-' if !text.word_before(at) => at + 1,
        b'0'..=b'9' if text.boundary(at) => at,
        _ => return None,
    };
    let length = text.count(first, 8, |b| b.is_ascii_digit());
    ((1..=7).contains(&length) && !text.word_at(first + length)).then_some(first + length)
}

/// `'...'` or `"..."` behind `=`, not empty.
pub fn quoted(text: &Text<'_>, at: usize) -> Option<usize> {
    let quote = text.byte(at).filter(|b| matches!(b, b'\'' | b'"'))?;
    if !text.is_behind(at, b'=') {
        return None;
    }
    // Where none closes, no further quote of this kind is left to search from.
    let length = text.count(at + 1, usize::MAX, |b| b != quote);
    (length > 0 && text.byte(at + 1 + length).is_some()).then_some(at + length + 2)
}

/// A truth value behind `=`.
pub fn boolean(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.is_behind(at, b'=') {
        return None;
    }
    let words: [&[u8]; 4] = [b"True", b"true", b"False", b"false"];
    words.iter().find(|word| text.rest(at).starts_with(word)).map(|word| at + word.len())
}

const fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

fn exactly(text: &Text<'_>, at: usize, length: usize, is_part: impl Fn(u8) -> bool) -> Option<usize> {
    (text.count(at, length, is_part) == length).then_some(at + length)
}

fn dash(text: &Text<'_>, at: usize) -> Option<usize> {
    (text.byte(at) == Some(b'-')).then_some(at + 1)
}
