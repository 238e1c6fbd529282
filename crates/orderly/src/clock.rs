//! The real clock.

use orderly_core::time::{Now, Timestamp};
use orderly_engine::ports::clock::Clock;
use std::time::Duration;

/// The time of this machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now(Timestamp::now())
    }

    async fn sleep_until(&self, until: Timestamp) {
        let left = until.duration_since(Timestamp::now());
        tokio::time::sleep(Duration::try_from(left).unwrap_or(Duration::ZERO)).await;
    }
}
