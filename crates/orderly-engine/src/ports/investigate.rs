//! What an investigation may ask Sentry, beside single issues and searches. It reads only.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::{IssueId, ProjectSlug};
use orderly_core::investigate::{Changed, Trace, Window};
use orderly_core::specialist::Health;
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use std::collections::BTreeMap;
use std::net::IpAddr;

use super::look::Dataset;

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

/// Whose tags are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagsAsked {
    /// Of what.
    pub dataset: Dataset,
    /// Sentry's search text.
    pub query: String,
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// When.
    pub period: Period,
}

/// A tag and how often it has which value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagSeen {
    /// Key.
    pub key: Untrusted<String>,
    /// The most frequent values.
    pub values: Vec<(Untrusted<String>, u64)>,
}

/// What an investigation needs of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Its trace: 32 hex digits.
    pub trace: Option<String>,
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// Whom it was about.
    pub account: Option<Untrusted<String>>,
}

/// Reads what is behind an incident.
#[async_trait]
pub trait InvestigateRead: Send + Sync {
    /// Errors that a search finds, bin by bin.
    async fn counts(&self, query: &str, window: Window) -> Looked<Vec<u64>>;

    /// Errors of the projects with most of them, in the same bins.
    async fn counts_by_project(&self, window: Window) -> Looked<BTreeMap<ProjectSlug, Vec<u64>>>;

    /// Tags.
    async fn tags_of(&self, asked: &TagsAsked) -> Looked<Vec<TagSeen>>;

    /// The newest events of an issue, at most one page.
    async fn sample(&self, issue: IssueId, period: Period) -> Looked<Vec<Sampled>>;

    /// A trace, whole.
    async fn trace(&self, id: &str) -> Looked<Trace>;

    /// The release of the first event of an issue.
    async fn first_release(&self, issue: IssueId) -> Looked<Option<Untrusted<String>>>;

    /// Releases that went out, with their commits and files.
    async fn deploys(&self, period: Period) -> Looked<Vec<Changed>>;

    /// How releases fare, newest first.
    async fn health(&self) -> Looked<Vec<Health>>;

    /// Changes of feature flags.
    async fn flag_changes(&self, period: Period) -> Looked<Vec<Changed>>;

    /// Changes of settings in Sentry.
    async fn settings(&self, period: Period) -> Looked<Vec<Changed>>;
}
