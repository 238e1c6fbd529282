//! When a metric is measured: on each full minute; in larger steps, but never larger than the rule's window, when the
//! clock has gone far. Pure.

use jiff::{SignedDuration, Timestamp};

/// A way of up to so many minutes is gone minute by minute.
const MINUTE_BY_MINUTE: i64 = 240;
/// Most moments that are looked at; of a longer way, the last ones.
const MOST: i64 = 1_440;

/// The moments after `last` up to `now`, oldest first.
pub fn ticks(last: Timestamp, now: Timestamp, window_minutes: i64) -> Vec<Timestamp> {
    let (last, now) = (last.as_second().div_euclid(60), now.as_second().div_euclid(60));
    let way = now - last;
    if way <= 0 {
        return Vec::new();
    }
    let step = (way / MINUTE_BY_MINUTE).clamp(1, window_minutes.max(1));
    let count = (way / step).min(MOST);
    // Counted back from now, so that the present is always among them.
    let minutes = (0..count).rev().map(|back| now - back * step);
    minutes
        .filter_map(|minute| Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_mins(minute)).ok())
        .collect()
}
