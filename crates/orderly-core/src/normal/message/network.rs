//! Addresses: of people, pages, hosts and machines.

use super::scan::Text;

/// `local@domain`.
pub fn email(text: &Text<'_>, at: usize) -> Option<usize> {
    let sign = text.local_end(at);
    if sign == at || text.byte(sign) != Some(b'@') {
        return None;
    }
    let part = |from: usize| from + text.count(from, usize::MAX, is_label);
    let mut end = part(sign + 1);
    if end == sign + 1 {
        return None;
    }
    while text.byte(end) == Some(b'.') {
        let next = part(end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    Some(end)
}

/// `scheme://` and everything up to the next blank.
pub fn url(text: &Text<'_>, at: usize) -> Option<usize> {
    const SCHEMES: [&[u8]; 5] = [b"wss://", b"ws://", b"https://", b"http://", b"ftp://"];
    let rest = text.rest(at);
    let scheme = SCHEMES.iter().find(|scheme| rest.starts_with(scheme))?;
    if !text.boundary(at) {
        return None;
    }
    let first = at + scheme.len();
    if text.space(first).is_some() || text.byte(first).is_none_or(|b| b"/$.?#".contains(&b)) {
        return None;
    }
    let second = first + text.width(first)?;
    let third = second + text.character(second).filter(|c| *c != '\n')?.len_utf8();
    Some(text.spaceless(third))
}

/// Labels and the first top-level domain among them: `db.shop.com`.
pub fn hostname(text: &Text<'_>, at: usize) -> Option<usize> {
    if at < text.no_host_before() || !text.byte(at).is_some_and(is_label) || !text.boundary(at) {
        return None;
    }
    let mut label = at;
    loop {
        let length = text.count(label, LONGEST_LABEL + 1, is_label);
        if length == 0 || length > LONGEST_LABEL || text.byte(label + length) != Some(b'.') {
            // Whatever begins in an earlier label of this chain runs into the same end.
            text.set_no_host_before(label);
            return None;
        }
        label += length + 1;
        if let Some(end) = top_level(text, label) {
            return Some(end);
        }
    }
}

const LONGEST_LABEL: usize = 63;

const fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn top_level(text: &Text<'_>, at: usize) -> Option<usize> {
    let length = text.count(at, 7, |b| b.is_ascii_alphabetic());
    let name = std::str::from_utf8(&text.rest(at)[..length]).ok()?;
    let one_case =
        name.bytes().all(|b| b.is_ascii_lowercase()) || name.bytes().all(|b| b.is_ascii_uppercase());
    let known = one_case && TOP_LEVEL.binary_search(&name.to_ascii_lowercase().as_str()).is_ok();
    (known && !text.word_at(at + length)).then_some(at + length)
}

/// The most used top-level domains, in order; the complete list has thousands, and many are plain words.
pub(super) const TOP_LEVEL: [&str; 99] = [
    "ae", "al", "app", "ar", "at", "au", "be", "bg", "biz", "br", "by", "ca", "cat", "cc", "cf", "ch", "cl",
    "club", "cn", "co", "com", "cz", "de", "dk", "edu", "ee", "es", "eu", "fi", "fm", "fr", "ga", "gov",
    "gq", "gr", "hk", "hr", "hu", "id", "ie", "il", "in", "info", "io", "ir", "is", "it", "jobs", "jp", "kr",
    "kz", "la", "link", "lt", "lv", "ly", "me", "mobi", "ms", "mx", "my", "net", "news", "ng", "nl", "no",
    "nz", "online", "org", "pe", "ph", "pl", "pro", "pt", "ro", "rs", "ru", "sa", "se", "sg", "si", "site",
    "sk", "th", "tips", "tk", "to", "tr", "tv", "tw", "ua", "ug", "uk", "us", "vn", "wiki", "xxx", "xyz",
    "za",
];

/// An address of a machine, in four decimal parts or in hex groups.
pub fn ip(text: &Text<'_>, at: usize) -> Option<usize> {
    six(text, at).or_else(|| four(text, at))
}

fn four(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.byte(at)?.is_ascii_digit() || !text.boundary(at) {
        return None;
    }
    let mut end = octet(text, at)?;
    for _ in 0..3 {
        if text.byte(end) != Some(b'.') {
            return None;
        }
        end = octet(text, end + 1)?;
    }
    (!text.word_at(end)).then_some(end)
}

fn octet(text: &Text<'_>, at: usize) -> Option<usize> {
    let length = text.count(at, 4, |b| b.is_ascii_digit());
    let fits = matches!(
        &text.rest(at)[..length],
        [_] | [_, _] | [b'1', _, _] | [b'2', b'0'..=b'4', _] | [b'2', b'5', b'0'..=b'5']
    );
    fits.then_some(at + length)
}

/// Groups of up to four hex digits. Neither in front nor behind may stand what would make it part of a name
/// (`Class::method`). Where `::` is followed by several groups only the first belongs to the match, as in Sentry.
fn six(text: &Text<'_>, at: usize) -> Option<usize> {
    let starts = text.byte(at).is_some_and(|b| b.is_ascii_hexdigit() || b == b':');
    if !starts || at > 0 && text.byte(at - 1).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let free = |end: usize| !text.byte(end).is_some_and(|b| b.is_ascii_alphanumeric());
    let last_group = |from: usize| {
        let length = text.count(from, 5, |b| b.is_ascii_hexdigit());
        let end = from + length;
        ((1..=4).contains(&length) && free(end)).then_some(end)
    };
    if text.byte(at) == Some(b':') {
        return double_colon(text, at, last_group, free);
    }
    let (mut groups, mut end) = (0, at);
    while groups < 8 {
        let length = text.count(end, 5, |b| b.is_ascii_hexdigit());
        if !(1..=4).contains(&length) || text.byte(end + length) != Some(b':') {
            break;
        }
        end += length + 1;
        groups += 1;
        if groups == 7
            && let Some(end) = last_group(end)
        {
            return Some(end);
        }
    }
    if (1..=7).contains(&groups) && text.byte(end) == Some(b':') {
        if free(end + 1) {
            return Some(end + 1);
        }
        if groups <= 6
            && let Some(end) = last_group(end + 1)
        {
            return Some(end);
        }
    }
    link_local(text, at)
}

/// `::`, alone or with up to seven groups behind it.
fn double_colon(
    text: &Text<'_>,
    at: usize,
    last_group: impl Fn(usize) -> Option<usize>,
    free: impl Fn(usize) -> bool,
) -> Option<usize> {
    let mut found = None;
    let mut end = at + 1;
    for _ in 0..7 {
        if text.byte(end) != Some(b':') {
            break;
        }
        let length = text.count(end + 1, 5, |b| b.is_ascii_hexdigit());
        if !(1..=4).contains(&length) {
            break;
        }
        found = last_group(end + 1).or(found);
        end += 1 + length;
    }
    found.or_else(|| (text.byte(at + 1) == Some(b':') && free(at + 2)).then_some(at + 2))
}

/// `fe80:` with up to four groups that may be empty, and the name of an interface.
fn link_local(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.rest(at).starts_with(b"fe80:") {
        return None;
    }
    let mut end = at + 5;
    for _ in 0..4 {
        if text.byte(end) != Some(b':') {
            break;
        }
        end += 1 + text.count(end + 1, 4, |b| b.is_ascii_hexdigit());
    }
    if text.byte(end) != Some(b'%') {
        return None;
    }
    let length = text.count(end + 1, usize::MAX, |b| b.is_ascii_alphanumeric());
    (length > 0).then_some(end + 1 + length)
}
