//! Limits of a DSN key: so many events in so many seconds, counted in fixed windows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderValue;
use jiff::Timestamp;

/// How much a key may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyLimit {
    /// Events per window.
    pub events: u64,
    /// Length of the window, at least a second.
    pub window_seconds: u64,
}

/// A key that has sent enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limited {
    /// Seconds until the next window.
    pub seconds: u64,
}

impl Limited {
    /// The value of `X-Sentry-Rate-Limits`: which categories to hold back, for how long, for which scope and reason.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_str(&format!("{}:error;default;security:key:key_quota", self.seconds))
            .unwrap_or_else(|_| HeaderValue::from_static("60:error;default;security:key:key_quota"))
    }
}

/// What every key has sent in its current window.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyLimits {
    windows: Arc<Mutex<HashMap<i64, Window>>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    number: i64,
    used: u64,
}

impl KeyLimits {
    /// Counts one event of a key, or says how long to wait.
    pub(super) fn take(&self, key: i64, limit: KeyLimit, now: Timestamp) -> Result<(), Limited> {
        let length = i64::try_from(limit.window_seconds).unwrap_or(i64::MAX).max(1);
        let second = now.as_second();
        let number = second.div_euclid(length);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(key).or_insert(Window { number, used: 0 });
        if window.number != number {
            *window = Window { number, used: 0 };
        }
        if window.used >= limit.events {
            let left = length - second.rem_euclid(length);
            return Err(Limited { seconds: left.unsigned_abs() });
        }
        window.used += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_key_waits_for_the_end_of_its_window() {
        let limits = KeyLimits::default();
        let limit = KeyLimit { events: 2, window_seconds: 60 };
        assert_eq!(limits.take(1, limit, at(600)), Ok(()));
        assert_eq!(limits.take(1, limit, at(610)), Ok(()));
        assert_eq!(limits.take(1, limit, at(615)), Err(Limited { seconds: 45 }));
        assert_eq!(limits.take(2, limit, at(615)), Ok(()), "keys are counted apart");
        assert_eq!(limits.take(1, limit, at(660)), Ok(()));
    }

    #[test]
    fn a_limit_of_nothing_refuses_everything() {
        let limit = KeyLimit { events: 0, window_seconds: 10 };
        assert_eq!(KeyLimits::default().take(1, limit, at(5)), Err(Limited { seconds: 5 }));
        assert_eq!(Limited { seconds: 5 }.header(), "5:error;default;security:key:key_quota");
    }
}
