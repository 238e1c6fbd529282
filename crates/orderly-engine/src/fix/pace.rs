//! Who says when a step of a repair may begin.

use async_trait::async_trait;
use orderly_core::fix::{Case, Effect};

/// Holds a case up before a step, as long as somebody has to be waited for. It lets nothing through that a gate stops: the
/// gates are the machine's, and stand behind it.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Returns when the step may begin.
    async fn ready(&self, case: &Case, effect: &Effect);
}

/// Nobody is waited for.
#[async_trait]
impl Pace for () {
    async fn ready(&self, _: &Case, _: &Effect) {}
}
