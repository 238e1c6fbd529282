//! Dates and times, in the spellings of mail headers, web standards, languages and clocks.

use super::scan::Text;

/// The first spelling that fits, in a fixed order: dates with a time before dates, with a zone before those without.
pub fn date(text: &Text<'_>, at: usize) -> Option<usize> {
    let here = At { text, at };
    match text.byte(at)? {
        b'A'..=b'Z' => named(here),
        b'0'..=b'9' => numbered(here),
        b'd' => constructed(here),
        _ => None,
    }
}

/// Begins with the name of a day or month.
fn named(here: At<'_>) -> Option<usize> {
    let found = mail(here).or_else(|| month_day_year(here)).or_else(|| cookie(here)).or_else(|| script(here));
    found.or_else(|| clock_in_date(here)).or_else(|| mail_loose(here)).map(|end| end.at)
}

/// Begins with a digit.
fn numbered(here: At<'_>) -> Option<usize> {
    let found = internet(here).or_else(|| with_offset(here)).or_else(|| without_offset(here));
    let found = found.or_else(|| twelve_hours(here)).or_else(|| twenty_four_hours(here));
    let found = found.or_else(|| day(here)).or_else(|| time(here));
    found.or_else(|| mail_loose(here)).map(|end| end.at)
}

/// `datetime.datetime(2026, 1, 2)`, as Python prints a value.
fn constructed(here: At<'_>) -> Option<usize> {
    let behind = here.word(b"datetime")?;
    let separator = behind.text.character(behind.at).filter(|c| *c != '\n')?;
    let open = At { at: behind.at + separator.len_utf8(), ..behind }.word(b"datetime(")?;
    let close = here.text.closing_bracket(open.at)?;
    // The value stands on one line.
    here.text.line_end(open.at).is_none_or(|end| end > close).then_some(close + 1)
}

/// `Fri, 20 Nov 2026 10:00:00 +0100`.
fn mail(here: At<'_>) -> Option<At<'_>> {
    let day = here.one_of(&DAYS)?.byte(b',')?.space()?.digits(1, 2)?;
    let clock = day.space()?.one_of(&MONTHS)?.space()?.digits(2, 4)?.space()?.digits(1, 2)?;
    let minutes = clock.byte(b':')?.digits(1, 2)?;
    let seconds = || minutes.byte(b':')?.digits(1, 2);
    seconds().unwrap_or(minutes).space()?.zone_or_offset()
}

/// `Fri Nov 20, 2026`, the day of the week or not.
fn month_day_year(here: At<'_>) -> Option<At<'_>> {
    let month = || here.one_of(&DAYS)?.space();
    month()
        .unwrap_or(here)
        .one_of(&MONTHS)?
        .space()?
        .among(b'0'..=b'3')?
        .digits(1, 1)?
        .byte(b',')?
        .space()?
        .digits(2, 4)
}

/// `Friday, 20-Nov-26 10:00:00 GMT`.
fn cookie(here: At<'_>) -> Option<At<'_>> {
    let comma = here.one_of(&LONG_DAYS).or_else(|| here.one_of(&DAYS))?.byte(b',')?;
    let date = comma.space()?.digits(2, 2)?.byte(b'-')?.one_of(&MONTHS)?.byte(b'-')?.digits(2, 2)?;
    date.space()?.clock()?.space()?.zone()
}

/// `Fri Nov 20 2026 10:00:00 GMT+0100 (Central European Standard Time)`.
fn script(here: At<'_>) -> Option<At<'_>> {
    let date = here.one_of(&DAYS)?.space()?.one_of(&MONTHS)?.space()?.digits(2, 2)?.space()?.digits(4, 4)?;
    let zone = date.space()?.clock()?.space()?.word(b"GMT")?.sign()?.digits(4, 4)?;
    let name = || {
        let open = zone.space()?.byte(b'(')?;
        let close = zone.text.closing_bracket(open.at)?;
        (close > open.at).then_some(At { at: close + 1, ..zone })
    };
    Some(name().unwrap_or(zone))
}

/// `2026-11-20T10:00:00.5Z`.
fn internet(here: At<'_>) -> Option<At<'_>> {
    let date = here.digits(4, 4)?.byte(b'-')?.digits(2, 2)?.byte(b'-')?.digits(2, 2)?;
    let seconds = date.byte(b'T')?.clock()?;
    let parts = seconds.decimals().unwrap_or(seconds);
    let parts = parts.byte(b'Z').unwrap_or(parts);
    let offset = || parts.sign().unwrap_or(parts).digits(2, 2)?.byte(b':')?.digits(2, 2);
    Some(offset().unwrap_or(parts))
}

/// `2026-11-20 10:00:00.5+01:00`, `20261120T1000Z`.
fn with_offset(here: At<'_>) -> Option<At<'_>> {
    let minutes = packed_minutes(here)?;
    let seconds = packed_seconds(minutes);
    let decimals = || seconds?.decimals()?.offset();
    let whole = || seconds?.offset();
    decimals().or_else(whole).or_else(|| minutes.offset())
}

/// As [`with_offset`], without one.
fn without_offset(here: At<'_>) -> Option<At<'_>> {
    let minutes = packed_minutes(here)?;
    let seconds = packed_seconds(minutes);
    let decimals = || seconds?.decimals();
    Some(decimals().or(seconds).unwrap_or(minutes))
}

/// `2026-11-20 10:00` or `20261120T1000`.
fn packed_minutes(here: At<'_>) -> Option<At<'_>> {
    let month = here.digits(4, 4)?.maybe(b'-').among(b'0'..=b'1')?.digits(1, 1)?;
    let day = month.maybe(b'-').among(b'0'..=b'3')?.digits(1, 1)?;
    let hour = day.space().or_else(|| day.byte(b'T'))?.among(b'0'..=b'2')?.digits(1, 1)?;
    hour.maybe(b':').sixtieth()
}

fn packed_seconds(minutes: At<'_>) -> Option<At<'_>> {
    minutes.maybe(b':').sixtieth()
}

/// `9:05`, `9:05:30 pm`.
fn twelve_hours(here: At<'_>) -> Option<At<'_>> {
    let one = || here.among(b'1'..=b'9').filter(|hour| hour.byte(b':').is_some());
    let two = || here.byte(b'1')?.among(b'0'..=b'2');
    let clock = of_a_clock(here, one().or_else(two)?)?;
    let half = || {
        let letter = clock.space().unwrap_or(clock).any_of(b"aApP")?;
        letter.any_of(b"mM")
    };
    Some(half().unwrap_or(clock))
}

/// `09:05`, `21:05:30`.
fn twenty_four_hours(here: At<'_>) -> Option<At<'_>> {
    let one = || here.digits(1, 1).filter(|hour| hour.byte(b':').is_some());
    let two = || here.any_of(b"01")?.digits(1, 1);
    let late = || here.byte(b'2')?.among(b'0'..=b'3');
    of_a_clock(here, one().or_else(two).or_else(late)?)
}

/// Minutes and perhaps seconds behind an hour; no digit in front, neither digit nor colon behind.
fn of_a_clock<'a>(begin: At<'_>, hour: At<'a>) -> Option<At<'a>> {
    if begin.text.is_behind_digit(begin.at) {
        return None;
    }
    let minutes = hour.byte(b':')?.sixtieth()?;
    let seconds = || minutes.byte(b':')?.sixtieth();
    let end = seconds().unwrap_or(minutes);
    let goes_on = end.peek().is_some_and(|b| b.is_ascii_digit() || b == b':');
    (!goes_on).then_some(end)
}

/// `2026-11-20`.
fn day(here: At<'_>) -> Option<At<'_>> {
    let month = here.digits(4, 4)?.byte(b'-')?.among(b'0'..=b'1')?.digits(1, 1)?;
    month.byte(b'-')?.among(b'0'..=b'3')?.digits(1, 1)
}

/// `10:00:00`, wherever it stands.
fn time(here: At<'_>) -> Option<At<'_>> {
    let hour = here.among(b'0'..=b'2')?.digits(1, 1)?;
    hour.byte(b':')?.sixtieth()?.byte(b':')?.sixtieth()
}

/// `Fri Nov 20 10:00:00 2026`, as `ctime` prints it.
fn clock_in_date(here: At<'_>) -> Option<At<'_>> {
    if !here.text.boundary(here.at) {
        return None;
    }
    let month = || here.one_of(&DAYS)?.spaces();
    let day = month().unwrap_or(here).one_of(&MONTHS)?.spaces()?.digits(1, 2)?;
    day.spaces()?.clock()?.spaces()?.digits(4, 4)
}

/// As [`mail`], with any number of blanks and without a day of the week, or with.
fn mail_loose(here: At<'_>) -> Option<At<'_>> {
    if !here.text.boundary(here.at) {
        return None;
    }
    let named = || here.one_of(&DAYS)?.byte(b',')?.spaces();
    let begin = named().unwrap_or(here);
    let day = begin.day_of_month()?.spaces()?;
    let month = day.one_of(&MONTHS)?.spaces()?;
    let century = || month.word(b"19")?.digits(2, 2);
    let year = century().or_else(|| month.among(b'2'..=b'9')?.digits(3, 3))?.spaces()?;
    let hour =
        year.any_of(b"01").and_then(|h| h.digits(1, 1)).or_else(|| year.byte(b'2')?.among(b'0'..=b'3'))?;
    let minutes = hour.byte(b':')?.sixtieth()?;
    let seconds = || minutes.byte(b':').and_then(|s| s.word(b"60").or_else(|| s.sixtieth()));
    seconds().unwrap_or(minutes).spaces()?.zone_or_offset()
}

const DAYS: [&[u8]; 7] = [b"Sun", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat"];
const LONG_DAYS: [&[u8]; 7] =
    [b"Sunday", b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday"];
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const ZONES: [&[u8]; 10] = [b"UT", b"GMT", b"EST", b"EDT", b"CST", b"CDT", b"MST", b"MDT", b"PST", b"PDT"];

/// A place in a text; each step is taken only where it fits.
#[derive(Clone, Copy)]
struct At<'a> {
    text: &'a Text<'a>,
    at: usize,
}

impl<'a> At<'a> {
    fn peek(self) -> Option<u8> {
        self.text.byte(self.at)
    }

    const fn forward(self, width: usize) -> Self {
        Self { at: self.at + width, ..self }
    }

    fn byte(self, byte: u8) -> Option<Self> {
        (self.peek() == Some(byte)).then(|| self.forward(1))
    }

    fn maybe(self, byte: u8) -> Self {
        self.byte(byte).unwrap_or(self)
    }

    fn any_of(self, bytes: &[u8]) -> Option<Self> {
        self.peek().filter(|b| bytes.contains(b)).map(|_| self.forward(1))
    }

    fn among(self, range: std::ops::RangeInclusive<u8>) -> Option<Self> {
        self.peek().filter(|b| range.contains(b)).map(|_| self.forward(1))
    }

    fn word(self, word: &[u8]) -> Option<Self> {
        self.text.rest(self.at).starts_with(word).then(|| self.forward(word.len()))
    }

    fn one_of(self, words: &[&[u8]]) -> Option<Self> {
        words.iter().find_map(|word| self.word(word))
    }

    /// At least `least` digits, and as many as there are up to `most`.
    fn digits(self, least: usize, most: usize) -> Option<Self> {
        let length = self.text.count(self.at, most, |b| b.is_ascii_digit());
        (length >= least).then(|| self.forward(length))
    }

    fn space(self) -> Option<Self> {
        self.text.space(self.at).map(|width| self.forward(width))
    }

    fn spaces(self) -> Option<Self> {
        let mut end = self.space()?;
        while let Some(next) = end.space() {
            end = next;
        }
        Some(end)
    }

    fn sign(self) -> Option<Self> {
        self.any_of(b"+-")
    }

    /// 00 to 59.
    fn sixtieth(self) -> Option<Self> {
        self.among(b'0'..=b'5')?.digits(1, 1)
    }

    /// `10:00:00`, any digits.
    fn clock(self) -> Option<Self> {
        self.digits(2, 2)?.byte(b':')?.digits(2, 2)?.byte(b':')?.digits(2, 2)
    }

    fn decimals(self) -> Option<Self> {
        let point = self.byte(b'.')?;
        let end = self.text.fraction_end(point.at);
        (end > point.at).then_some(Self { at: end, ..self })
    }

    fn offset(self) -> Option<Self> {
        let numeric = || self.sign()?.among(b'0'..=b'2')?.digits(1, 1)?.maybe(b':').sixtieth();
        numeric().or_else(|| self.byte(b'Z'))
    }

    fn day_of_month(self) -> Option<Self> {
        let two =
            || self.any_of(b"012")?.digits(1, 1).filter(|_| !self.text.rest(self.at).starts_with(b"00"));
        let last = || self.byte(b'3')?.any_of(b"01");
        two().or_else(last).or_else(|| self.digits(1, 1))
    }

    fn zone(self) -> Option<Self> {
        let letter = || self.peek().filter(|b| b.is_ascii_uppercase() && *b != b'J').map(|_| self.forward(1));
        self.one_of(&ZONES).or_else(letter)
    }

    fn zone_or_offset(self) -> Option<Self> {
        let offset = || self.sign()?.digits(2, 2)?.sixtieth();
        offset().or_else(|| self.zone())
    }
}
