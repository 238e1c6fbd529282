//! Reading a crash whole: for those who look for its cause. A port of its own, because a sync must not see this much of
//! an event.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::diagnose::Evidence;
use orderly_core::ids::{CommitId, IssueId, SentrySite};
use orderly_core::source::CodeMapping;
use orderly_core::sync::snapshot::Issue;
use orderly_core::time::Seconds;
use orderly_core::triage::IssueName;
use orderly_core::untrusted::Untrusted;

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

    /// The commits that Sentry was told a release is made of, the newest first; empty when it was told none.
    async fn release_commits(&self, release: &Untrusted<String>) -> Looked<Vec<CommitId>>;

    /// The code mappings that Sentry was told for the project of an issue.
    async fn code_mappings(&self, issue: IssueId) -> Looked<Vec<CodeMapping>>;
}
