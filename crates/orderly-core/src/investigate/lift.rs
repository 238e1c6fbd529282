//! What some events have more often than others.
//!
//! Shares are compared by their ratio with Katz' interval on the log scale (Katz et al., *Biometrics* 34 (1978) 469-474),
//! states by the odds ratio with Woolf's; half an event is added to each count (Haldane, Anscombe), so that none is zero.

use super::inputs::{Compared, FlagCount, TagCount};
use crate::encode::one_line;
use crate::scrub::Scrubber;
use serde::Serialize;
use std::cmp::Ordering;

/// Many things are looked at (tags, transactions, releases, every lag of every project): an interval of so many standard
/// errors on either side holds in 999 of 1,000 cases.
pub const SURE: f64 = 3.29;
/// A flag is looked at because it was changed: the interval holds in 19 of 20 cases.
const LIKELY: f64 = 1.96;
/// Less than this is no lift that helps anybody.
const LEAST: f64 = 1.2;
/// Less of the errors than this is no pattern.
const LEAST_SHARE: f64 = 0.2;
/// Lifts that are shown.
const MOST: usize = 8;
/// Tags that change with time, whatever fails.
const OF_TIME: [&str; 2] = ["release", "dist"];
/// Tags that only say which event it is.
const IDENTITIES: [&str; 4] = ["user", "trace", "trace.span", "url"];

/// Whether a tag only says which event it is, or whose: nothing is decided from it.
pub(crate) fn says_who(key: &str) -> bool {
    IDENTITIES.contains(&key)
}

/// A number with the interval that it most probably lies in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A tag that the errors have more often.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lift {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// Share of the errors that have it, 0 to 1.
    pub share: f64,
    /// Share of what they are compared with.
    pub usual: f64,
    /// How many times as often.
    pub lift: Interval,
}

/// A flag, by how it stood when requests failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FlagFound {
    /// Its name.
    pub flag: String,
    /// Errors of the incident with it on, and off.
    pub failing: (u64, u64),
    /// Other errors.
    pub others: (u64, u64),
    /// Odds of it being on: the first against the second.
    pub odds: Interval,
}

/// How many times as often `hit.0` of `hit.1` is as `usual.0` of `usual.1`; `z` standard errors wide on either side.
pub fn ratio(hit: (u64, u64), usual: (u64, u64), z: f64) -> Interval {
    let part = |(count, of): (u64, u64)| (count as f64 + 0.5, of as f64 + 1.0);
    let ((a, n), (b, m)) = (part(hit), part(usual));
    around((a / n) / (b / m), (1.0 / a - 1.0 / n + 1.0 / b - 1.0 / m).max(0.0).sqrt(), z)
}

/// The odds of `failing.0` against `failing.1`, held against those of `others`.
pub fn odds(failing: (u64, u64), others: (u64, u64), z: f64) -> Interval {
    let half = |count: u64| count as f64 + 0.5;
    let (a, b, c, d) = (half(failing.0), half(failing.1), half(others.0), half(others.1));
    around((a * d) / (b * c), (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt(), z)
}

fn around(value: f64, error: f64, z: f64) -> Interval {
    let width = (z * error).exp();
    Interval { value, low: value / width, high: value * width }
}

/// The tags that are over-represented, the surest first.
pub(super) fn lifts(tags: &[TagCount], compared: Compared, scrubber: &Scrubber) -> Vec<Lift> {
    let share = |(count, of): (u64, u64)| count as f64 / of.max(1) as f64;
    let of_time = |key: &str| compared == Compared::TransactionsOfWindow && OF_TIME.contains(&key);
    let telling = tags.iter().filter(|tag| {
        let key = tag.key.as_raw_str();
        !says_who(key) && !of_time(key)
    });
    let mut lifts: Vec<Lift> = telling
        .filter(|tag| tag.usual.1 > 0 && share(tag.failing) >= LEAST_SHARE)
        .map(|tag| Lift {
            key: one_line(scrubber.scrub(&tag.key).capped(60).as_str()),
            value: one_line(scrubber.scrub(&tag.value).capped(60).as_str()),
            share: share(tag.failing),
            usual: share(tag.usual),
            lift: ratio(tag.failing, tag.usual, SURE),
        })
        .filter(|lift| lift.lift.low >= LEAST)
        .collect();
    lifts.sort_by(|a, b| surest(a, b).then_with(|| (&a.key, &a.value).cmp(&(&b.key, &b.value))));
    lifts.truncate(MOST);
    lifts
}

fn surest(a: &Lift, b: &Lift) -> Ordering {
    b.lift.low.total_cmp(&a.lift.low)
}

/// The flags with their odds.
pub(super) fn flags(counts: &[FlagCount], scrubber: &Scrubber) -> Vec<FlagFound> {
    let found = |count: &FlagCount| FlagFound {
        flag: one_line(scrubber.scrub(&count.flag).capped(60).as_str()),
        failing: count.failing,
        others: count.others,
        odds: odds_of(count),
    };
    counts.iter().map(found).collect()
}

/// The odds of a flag.
pub(super) fn odds_of(count: &FlagCount) -> Interval {
    odds(count.failing, count.others, LIKELY)
}
