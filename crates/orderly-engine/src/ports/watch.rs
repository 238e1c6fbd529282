//! What a watch may ask Sentry. It reads only.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::ProjectSlug;
use orderly_core::time::Seconds;
use orderly_core::watch::{Hour, Part, SentryAlert};
use std::collections::BTreeMap;

/// What is counted over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursScope {
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// Environments that exist in the organization; empty: all.
    pub environments: Vec<String>,
    /// How far back.
    pub window: Seconds,
}

/// Counts over time, by hour and oldest first; the last hour is the one that runs.
#[async_trait]
pub trait WatchRead: Send + Sync {
    /// Errors of all the projects together.
    async fn errors(&self, scope: &HoursScope) -> Looked<Vec<Hour>>;

    /// Transactions that failed, of all.
    async fn failures(&self, scope: &HoursScope) -> Looked<Vec<Part>>;

    /// Transactions that took longer than so many milliseconds.
    async fn slower(&self, scope: &HoursScope, millis: u64) -> Looked<BTreeMap<i64, u64>>;

    /// How long nineteen of twenty transactions take at most, in milliseconds, by project.
    async fn durations(&self, scope: &HoursScope) -> Looked<BTreeMap<ProjectSlug, f64>>;

    /// Sessions that crashed, of all, by project.
    async fn crashes(&self, scope: &HoursScope) -> Looked<BTreeMap<ProjectSlug, Vec<Part>>>;

    /// Critical alerts that are open.
    async fn alerts(&self, projects: &[ProjectSlug]) -> Looked<Vec<SentryAlert>>;
}
