//! Takes the changing parts out of a message, so that `user 17 not found` and `user 18 not found` are one.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Messages longer than this are compared by their beginning.
const LONGEST: usize = 8_192;

/// The message with e-mail addresses, links, addresses, ids, hashes, dates, durations and numbers named instead of
/// spelled out. White space is folded.
pub fn parameterize(message: &str) -> String {
    let mut end = message.len().min(LONGEST);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let folded = message[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    PARTS.replace_all(&folded, |found: &Captures<'_>| name_of(found)).into_owned()
}

const NAMES: [&str; 10] = ["email", "url", "uuid", "date", "ip", "hash", "hex", "duration", "float", "int"];

static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
        r#"|(?P<url>\b(?:https?|wss?|ftp|file|redis|postgres(?:ql)?|mysql|mongodb|amqp)://[^\s"'<>]+)"#,
        r"|(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)",
        r"|(?P<date>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b|\b\d\d:\d\d:\d\d\b)",
        r"|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b)",
        r"|(?P<hash>\b[0-9a-fA-F]{64}\b|\b[0-9a-fA-F]{40}\b|\b[0-9a-fA-F]{32}\b)",
        r"|(?P<hex>\b0[xX][0-9a-fA-F]+\b)",
        r"|(?P<duration>\b\d+(?:\.\d+)?(?:ns|us|µs|ms|s|sec|secs|seconds|min|mins|minutes|h|hours|days)\b)",
        r"|(?P<float>-?\b\d+\.\d+(?:[eE][+-]?\d+)?\b)",
        r"|(?P<int>-?\b\d+\b)",
    ))
    .expect("the pattern is constant and tested")
});

fn name_of(found: &Captures<'_>) -> String {
    let name = NAMES.into_iter().find(|name| found.name(name).is_some());
    format!("<{}>", name.unwrap_or("int"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changing_parts_are_named_instead_of_spelled_out() {
        for (message, expected) in [
            ("user 17 not found", "user <int> not found"),
            ("took 3.5 of 20", "took <float> of <int>"),
            ("timeout after 250ms", "timeout after <duration>"),
            ("cannot reach 10.0.0.7:5432", "cannot reach <ip>"),
            ("no mail to ann.lee+x@example.co.uk", "no mail to <email>"),
            ("GET https://api.example.com/v1/x?y=1 failed", "GET <url> failed"),
            ("job 9f0e8a4c-11aa-4bcd-8e00-0123456789ab lost", "job <uuid> lost"),
            ("at 2026-03-10T12:00:00.123Z", "at <date>"),
            ("sha 9ec79c33ec9942ab8353589fcb2e04dc", "sha <hash>"),
            ("bad pointer 0xDEADbeef", "bad pointer <hex>"),
            ("a  b\n c", "a b c"),
            ("python3 and sha256 stay", "python3 and sha256 stay"),
        ] {
            assert_eq!(parameterize(message), expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_a_second_pass_changes_nothing(text in ".{0,200}") {
            let once = parameterize(&text);
            let twice = parameterize(&once);
            prop_assert_eq!(twice, once);
        }
    }
}
