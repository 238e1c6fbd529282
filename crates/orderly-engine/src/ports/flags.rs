//! Reading when feature flags were switched.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;

/// A flag that was switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagSwitched {
    /// When.
    pub at: Timestamp,
    /// Its name.
    pub flag: Untrusted<String>,
}

/// Reads the log of flags.
#[async_trait]
pub trait FlagRead: Send + Sync {
    /// Switched flags of so long, the newest first, as many as one page holds.
    async fn flags(&self, window: Seconds) -> Looked<Vec<FlagSwitched>>;
}
