//! The clock both servers live by: real time plus an offset that a test, a demonstration or [`endpoint`] sets.

pub mod endpoint;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A handle on the servers' time. Clones share the offset.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Real time.
    pub fn new() -> Self {
        Self::default()
    }

    /// The current time, to the microsecond.
    pub fn now(&self) -> Timestamp {
        let offset = self.offset_micros.load(Ordering::SeqCst);
        let micros = Timestamp::now().as_microsecond().saturating_add(offset);
        Timestamp::from_microsecond(micros).unwrap_or_else(|_| Timestamp::now())
    }

    /// Moves the clock forward (or back, if negative) from where it stands.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0);
        self.offset_micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Makes `now` the current time; it goes on running from there.
    pub fn set(&self, now: Timestamp) {
        let offset = now.as_microsecond().saturating_sub(Timestamp::now().as_microsecond());
        self.offset_micros.store(offset, Ordering::SeqCst);
    }

    /// How far it is ahead of real time; negative when it is behind.
    pub fn offset(&self) -> SignedDuration {
        SignedDuration::from_micros(self.offset_micros.load(Ordering::SeqCst))
    }

    /// Sets how far it is ahead of real time.
    pub fn set_offset(&self, offset: SignedDuration) {
        self.offset_micros.store(i64::try_from(offset.as_micros()).unwrap_or(0), Ordering::SeqCst);
    }

    /// Back to real time.
    pub fn reset(&self) {
        self.offset_micros.store(0, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_offset() {
        let clock = Clock::new();
        let other = clock.clone();
        let before = other.now();
        clock.advance(SignedDuration::from_hours(48));
        assert!(other.now().duration_since(before) >= SignedDuration::from_hours(48));
        clock.reset();
        assert!(other.now().duration_since(before) < SignedDuration::from_hours(1));
    }

    #[test]
    fn setting_the_clock_names_the_present() {
        let clock = Clock::new();
        let then: Timestamp = "2020-02-29T12:00:00Z".parse().unwrap();
        clock.set(then);
        let drift = clock.now().duration_since(then);
        assert!(drift >= SignedDuration::ZERO && drift < SignedDuration::from_mins(1));
    }
}
