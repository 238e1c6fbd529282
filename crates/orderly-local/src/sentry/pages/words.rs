//! Text of events and times, as pages show them.

use jiff::Timestamp;

use crate::hidden::is_hidden;
use crate::sentry::store::issues_read::Issue;

/// Text without characters that hide or reorder what stands beside them.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|letter| !is_hidden(*letter)).collect()
}

/// How long ago, in one unit.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let (count, unit) = match seconds {
        ..=59 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    format!("{count} {unit} ago")
}

/// A time for people who look twice.
pub(super) fn exactly(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// Where an issue stands, in one or two words.
pub(super) fn standing(issue: &Issue) -> String {
    match issue.substatus {
        Some(substatus) => substatus.as_str().replace('_', " "),
        None => issue.status.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_one_unit() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        for (at, told) in [
            ("2026-03-10T11:59:30Z", "just now"),
            ("2026-03-10T12:05:00Z", "just now"),
            ("2026-03-10T11:00:01Z", "59 min ago"),
            ("2026-03-10T00:00:00Z", "12 h ago"),
            ("2026-03-01T12:00:00Z", "9 d ago"),
        ] {
            assert_eq!(ago(at.parse().unwrap(), now), told);
        }
    }

    #[test]
    fn what_hides_or_reorders_text_is_left_out() {
        assert_eq!(shown("a\u{202e}b\u{200b}c\u{7}<d>"), "abc<d>");
    }
}
