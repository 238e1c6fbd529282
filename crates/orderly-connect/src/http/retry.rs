//! Whether a *read* is asked again, and when. Writes never come here: repeating a write is a decision of the journal.

use reqwest::header::HeaderMap;
use std::time::Duration;

/// A read is asked at most this many times more.
pub const RETRIES: u32 = 2;

/// A service that asks for a longer wait is reported as rate limited instead.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// How a read failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection failed or timed out.
    Connection,
    /// The service failed (500 and above).
    Server,
    /// Asked to slow down, and for how long if it said so.
    RateLimited(Option<Duration>),
    /// The answer is an answer: asking again gives the same.
    Final,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask again after this long.
    Again(Duration),
    /// Report it.
    GiveUp,
}

/// Decides on the `made`-th try that failed (from 1). Waits double from half a second; what the service asks for is
/// honoured unless it is unreasonably long.
pub fn next(made: u32, failure: Failure) -> Next {
    if made > RETRIES {
        return Next::GiveUp;
    }
    let usual = FIRST_WAIT * 2_u32.saturating_pow(made.saturating_sub(1));
    match failure {
        Failure::Final => Next::GiveUp,
        Failure::Connection | Failure::Server | Failure::RateLimited(None) => Next::Again(usual),
        Failure::RateLimited(Some(asked)) if asked > LONGEST_WAIT => Next::GiveUp,
        Failure::RateLimited(Some(asked)) => Next::Again(asked.max(usual)),
    }
}

/// Budgets that both services tell: name of the count that is left, name of the time when it is full again, and how
/// many of its units make a second.
const BUDGETS: [(&str, &str, u64); 4] = [
    ("x-sentry-rate-limit-remaining", "x-sentry-rate-limit-reset", 1),
    ("x-ratelimit-requests-remaining", "x-ratelimit-requests-reset", 1000),
    ("x-ratelimit-complexity-remaining", "x-ratelimit-complexity-reset", 1000),
    ("x-ratelimit-endpoint-requests-remaining", "x-ratelimit-endpoint-requests-reset", 1000),
];

/// How long a service asks to wait, from `Retry-After` or from the longest of its spent budgets. `now` is in epoch
/// milliseconds.
pub fn asked_wait(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    if let Some(seconds) = number("retry-after").filter(|s| s.is_finite() && *s >= 0.0) {
        return Some(Duration::from_secs_f64(seconds.min(86_400.0)));
    }
    let until = |(remaining, reset, per_second): (&str, &str, u64)| {
        let spent = number(remaining)? <= 0.0;
        let reset = headers.get(reset)?.to_str().ok()?.trim().split('.').next()?.parse::<i64>().ok()?;
        let reset = reset.checked_mul(1000)?.checked_div(i64::try_from(per_second).ok()?)?;
        spent.then(|| Duration::from_millis(u64::try_from(reset.saturating_sub(now)).unwrap_or(0)))
    };
    BUDGETS.into_iter().filter_map(until).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn a_read_is_asked_again_twice_at_most_and_a_final_answer_never() {
        let ms = Duration::from_millis;
        for (made, failure, expected) in [
            (1, Failure::Connection, Next::Again(ms(500))),
            (2, Failure::Connection, Next::Again(ms(1000))),
            (3, Failure::Connection, Next::GiveUp),
            (1, Failure::Server, Next::Again(ms(500))),
            (3, Failure::Server, Next::GiveUp),
            (1, Failure::RateLimited(None), Next::Again(ms(500))),
            (1, Failure::RateLimited(Some(ms(7000))), Next::Again(ms(7000))),
            (2, Failure::RateLimited(Some(ms(0))), Next::Again(ms(1000))),
            (1, Failure::RateLimited(Some(ms(60_000))), Next::GiveUp),
            (3, Failure::RateLimited(Some(ms(1))), Next::GiveUp),
            (1, Failure::Final, Next::GiveUp),
        ] {
            assert_eq!(next(made, failure), expected, "{made} {failure:?}");
        }
    }

    #[test]
    fn the_asked_wait_comes_from_retry_after_or_from_a_spent_budget() {
        const NOW: i64 = 1_800_000_000_000;
        for (headers, expected) in [
            (&[("retry-after", "3")][..], Some(3000)),
            (&[("retry-after", "1.5")], Some(1500)),
            (&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], None),
            (&[("retry-after", "-5")], None),
            (&[("retry-after", "NaN")], None),
            (
                &[("x-sentry-rate-limit-remaining", "0"), ("x-sentry-rate-limit-reset", "1800000004")],
                Some(4000),
            ),
            (&[("x-sentry-rate-limit-remaining", "5"), ("x-sentry-rate-limit-reset", "1800000004")], None),
            (
                &[("x-ratelimit-requests-remaining", "0"), ("x-ratelimit-requests-reset", "1800000002500")],
                Some(2500),
            ),
            (
                &[
                    ("x-ratelimit-requests-remaining", "0"),
                    ("x-ratelimit-requests-reset", "1800000002500"),
                    ("x-ratelimit-complexity-remaining", "0"),
                    ("x-ratelimit-complexity-reset", "1800000009000"),
                ],
                Some(9000),
            ),
            (&[("x-ratelimit-requests-remaining", "0"), ("x-ratelimit-requests-reset", "1")], Some(0)),
            (&[("x-ratelimit-requests-remaining", "0"), ("x-ratelimit-requests-reset", "soon")], None),
            (&[], None),
        ] {
            let map: HeaderMap = headers
                .iter()
                .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
                .collect();
            assert_eq!(asked_wait(&map, NOW), expected.map(Duration::from_millis), "{headers:?}");
        }
    }
}
