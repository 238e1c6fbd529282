//! The values a filter compares with: text with wildcards, numbers and times.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A text in which `*` stands for anything. `\*` is a literal star.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The literal pieces between the wildcards: one piece means no wildcard at all.
    pieces: Vec<String>,
}

impl Pattern {
    /// Reads a text with wildcards. Never fails.
    pub fn parse(text: &str) -> Pattern {
        let mut pieces = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' => pieces.push(String::new()),
                '\\' if chars.next_if_eq(&'*').is_some() => push_last(&mut pieces, '*'),
                other => push_last(&mut pieces, other),
            }
        }
        Pattern { pieces }
    }

    /// A text taken as it is.
    pub fn literal(text: &str) -> Pattern {
        Pattern { pieces: vec![text.to_owned()] }
    }

    /// The text, if there is no wildcard.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether it is the empty text: the value of something that is not set.
    pub fn is_empty(&self) -> bool {
        self.as_literal() == Some("")
    }

    /// The same pattern behind `kind:`.
    #[must_use]
    pub fn prefixed(&self, kind: &str) -> Pattern {
        let mut pieces = self.pieces.clone();
        if let Some(first) = pieces.first_mut() {
            first.insert_str(0, &format!("{kind}:"));
        }
        Pattern { pieces }
    }

    /// The operand of `LIKE .. ESCAPE '\'` that matches the same texts.
    pub fn like(&self) -> String {
        let escaped = self
            .pieces
            .iter()
            .map(|piece| piece.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        escaped.collect::<Vec<_>>().join("%")
    }

    /// The operand of `LIKE .. ESCAPE '\'` that finds it anywhere in a text.
    pub fn like_anywhere(&self) -> String {
        format!("%{}%", self.like())
    }

    /// Whether a whole text matches: exactly without wildcards, regardless of ASCII case with them.
    pub fn matches(&self, text: &str) -> bool {
        if let Some(literal) = self.as_literal() {
            return literal == text;
        }
        let text = text.to_ascii_lowercase();
        let pieces: Vec<String> = self.pieces.iter().map(|piece| piece.to_ascii_lowercase()).collect();
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in &pieces[1..pieces.len() - 1] {
            match rest.find(piece.as_str()) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

fn push_last(pieces: &mut [String], c: char) {
    if let Some(last) = pieces.last_mut() {
        last.push(c);
    }
}

/// `>`, `>=`, `<`, `<=`, `=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// No operator, or `=`.
    Equal,
}

impl Comparison {
    /// Splits a leading operator off.
    pub fn split(text: &str) -> (Comparison, &str) {
        let operators = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::Above),
            ("<", Comparison::Below),
            ("=", Comparison::Equal),
        ];
        for (sign, comparison) in operators {
            if let Some(rest) = text.strip_prefix(sign) {
                return (comparison, rest);
            }
        }
        (Comparison::Equal, text)
    }

    /// The SQL operator.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Above => " > ",
            Self::AtLeast => " >= ",
            Self::Below => " < ",
            Self::AtMost => " <= ",
            Self::Equal => " = ",
        }
    }
}

/// A comparison with a number: `>100`, `5`, `>=2k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberTest {
    /// How to compare.
    pub comparison: Comparison,
    /// With what.
    pub value: i64,
}

impl NumberTest {
    /// Reads a whole number with an optional operator and an optional `k`, `m` or `b`.
    pub fn parse(text: &str) -> Option<NumberTest> {
        let (comparison, number) = Comparison::split(text);
        let (digits, factor) = match number.char_indices().last()? {
            (at, 'k' | 'K') => (&number[..at], 1_000),
            (at, 'm' | 'M') => (&number[..at], 1_000_000),
            (at, 'b' | 'B') => (&number[..at], 1_000_000_000),
            _ => (number, 1),
        };
        let value = digits.parse::<i64>().ok()?.checked_mul(factor)?;
        Some(NumberTest { comparison, value })
    }
}

/// A condition on a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeTest {
    /// `-24h`: less than so long ago.
    Within(SignedDuration),
    /// `+7d`: at least so long ago.
    Before(SignedDuration),
    /// An absolute range: from (inclusive) until (exclusive), either open.
    Range {
        /// Inclusive.
        from: Option<Timestamp>,
        /// Exclusive.
        until: Option<Timestamp>,
    },
}

impl TimeTest {
    /// Reads `-24h`, `+7d`, `2024-05-01`, `>=2024-05-01T12:00:00Z`, `<2024-05-01`. Times without a zone are UTC; a
    /// day without an operator is that whole day, a moment is five minutes around it.
    pub fn parse(text: &str) -> Option<TimeTest> {
        if let Some(ago) = text.strip_prefix('-') {
            return duration(ago).map(TimeTest::Within);
        }
        if let Some(ago) = text.strip_prefix('+') {
            return duration(ago).map(TimeTest::Before);
        }
        let (comparison, moment) = Comparison::split(text);
        let (start, end) = moment_range(moment.trim_matches('"'))?;
        let (from, until) = match comparison {
            Comparison::Equal if end == start => {
                let slack = SignedDuration::from_mins(5);
                (start.checked_sub(slack).ok(), start.checked_add(slack).ok())
            }
            Comparison::Equal => (Some(start), Some(end)),
            // A day stands for its first moment when it is compared.
            Comparison::Above => (just_after(start), None),
            Comparison::AtLeast => (Some(start), None),
            Comparison::Below => (None, Some(start)),
            Comparison::AtMost => (None, just_after(start)),
        };
        Some(TimeTest::Range { from, until })
    }

    /// The range it means at `now`: from (inclusive), until (exclusive).
    pub fn range(self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            TimeTest::Within(ago) => (now.checked_sub(ago).ok().or(Some(Timestamp::MIN)), None),
            TimeTest::Before(ago) => {
                (None, now.checked_sub(ago).ok().and_then(just_after).or(Some(Timestamp::MIN)))
            }
            TimeTest::Range { from, until } => (from, until),
        }
    }
}

/// A span such as `90d`, `24h`, `30m`, `45s` or `2w`, as search and `statsPeriod` write it.
pub fn duration(text: &str) -> Option<SignedDuration> {
    let (at, unit) = text.char_indices().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let digits = &text[..at];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<i64>().ok()?.checked_mul(seconds)?;
    // Longer than ten thousand years says nothing and would overflow the calendar.
    (seconds <= 315_576_000_000).then(|| SignedDuration::from_secs(seconds))
}

/// A moment as an empty range, a day as the whole day (UTC).
fn moment_range(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        let start = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
        return Some((start, start.checked_add(SignedDuration::from_hours(24)).ok()?));
    }
    let at = moment(text)?;
    Some((at, at))
}

/// An RFC 3339 time; without a zone it is UTC.
pub fn moment(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

fn just_after(at: Timestamp) -> Option<Timestamp> {
    at.checked_add(SignedDuration::from_micros(1)).ok()
}
