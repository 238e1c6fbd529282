//! Time and waiting, handed in.

use orderly_core::time::{Now, Timestamp};

/// A clock.
#[async_trait::async_trait]
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> Now;

    /// Returns once `until` is reached.
    async fn sleep_until(&self, until: Timestamp);
}
