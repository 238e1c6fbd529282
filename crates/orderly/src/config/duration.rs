//! Spans of time as people write them: `24h`, `7d`, `30m`, `90s`.

use orderly_core::time::Seconds;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A span from configuration or an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Seconds);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is not a span of time: write a whole number and s, m, h, d or w, as in `24h`")
        };
        let text = text.trim();
        let unit = text.chars().last().ok_or_else(wrong)?;
        let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(wrong()),
        };
        number.checked_mul(seconds).map(|n| Self(Seconds(n))).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, seconds) in
            [("24h", 86_400), ("7d", 604_800), ("30m", 1800), ("90s", 90), ("2w", 1_209_600)]
        {
            assert_eq!(text.parse::<Span>().unwrap().0, Seconds(seconds));
        }
        for wrong in ["", "24", "h", "1.5h", "-1h", "24 hours", "99999999999999999999d", "9999999999999999w"]
        {
            assert!(wrong.parse::<Span>().unwrap_err().contains("24h"), "{wrong}");
        }
    }
}
