//! Reading a crash whole: for those who look for its cause. A port of its own, because a sync must not see this much of
//! an event.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::diagnose::Evidence;
use orderly_core::ids::{IssueId, SentrySite};
use orderly_core::sync::snapshot::Issue;
use orderly_core::time::Seconds;
use orderly_core::triage::IssueName;

/// Reads single issues and their latest crash.
#[async_trait]
pub trait CrashRead: Send + Sync {
    /// The Sentry it reads.
    fn site(&self) -> SentrySite;

    /// The issue that a person named, whatever its state; events and users are counted over `window`. `Saw(None)`: no
    /// issue has this name.
    async fn named(&self, name: &IssueName, window: Seconds) -> Looked<Option<Issue>>;

    /// The latest event of an issue.
    async fn latest_crash(&self, issue: IssueId) -> Looked<Evidence>;
}
