//! `orderly.toml`, as it is written: every value optional, unknown keys refused.

use super::duration::Span;
use orderly_core::sync::policy::{LinkBack, Matching, Mode, RegressionPolicy, TrackerPriority};
use orderly_core::sync::snapshot::Level;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Which Sentry, and which part of it.
    pub sentry: SentrySection,
    /// Which tracker, and which team.
    pub tracker: TrackerSection,
    /// The backlog sync.
    pub sync: SyncSection,
    /// Triage.
    pub triage: TriageSection,
    /// Where Orderly keeps its own state.
    pub ledger: LedgerSection,
}

/// `[sentry]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SentrySection {
    /// Address; http only on loopback.
    pub url: Option<String>,
    /// Organization slug.
    pub org: Option<String>,
    /// Project slugs; empty: all that the token sees.
    pub projects: Vec<String>,
    /// Environments, matched against those that exist.
    pub environments: Option<Vec<String>>,
    /// App that writes links back: its slug, or the id of its installation.
    pub link_app: Option<String>,
}

/// `[tracker]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrackerSection {
    /// Which kind.
    pub kind: Option<TrackerKind>,
    /// GraphQL address.
    pub url: Option<String>,
    /// Team key.
    pub team: Option<String>,
}

/// Trackers that Orderly speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackerKind {
    /// Linear, or the embedded tracker.
    Linear,
}

/// `[sync]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncSection {
    pub window: Option<Span>,
    pub pool: Option<u32>,
    pub max_creates: Option<u32>,
    pub signals: Option<Vec<String>>,
    pub environments: Option<Vec<String>>,
    pub mode: Option<Mode>,
    pub link_back: Option<LinkBack>,
    pub empty_run: Option<EmptyRun>,
    pub cooldown: Option<Span>,
    pub update_stale: Option<String>,
    pub regression: Option<RegressionPolicy>,
    #[serde(rename = "match")]
    pub matching: Option<Matching>,
    pub plan_max_age: Option<Span>,
    pub labels: Option<Vec<String>>,
    pub redact: Option<Vec<String>>,
    pub noise_floor: NoiseFloorSection,
    pub priority: PrioritySection,
    pub assignees: BTreeMap<String, String>,
    pub project_teams: BTreeMap<String, String>,
    pub project_labels: BTreeMap<String, Vec<String>>,
}

/// What a run does when nothing qualified. There is one answer: no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyRun {
    /// Nothing is created.
    NoCreate,
}

/// `[sync.noise_floor]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoiseFloorSection {
    pub events: Option<u64>,
    pub users: Option<u64>,
    pub level: Option<Level>,
}

/// `[sync.priority]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrioritySection {
    pub regressed: Option<TrackerPriority>,
    pub escalating: Option<TrackerPriority>,
    pub high_priority: Option<TrackerPriority>,
    pub for_review: Option<TrackerPriority>,
}

/// `[triage]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TriageSection {
    pub stats_period: Option<Span>,
    pub environments: Option<Vec<String>>,
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub most: Option<u32>,
    pub closer: Option<u32>,
    pub off: Option<Vec<String>>,
    pub level: Option<Level>,
    pub stale_after: Option<Span>,
    pub fluke: Option<Span>,
    pub guard_events: Option<u64>,
    pub guard_users: Option<u64>,
    pub dev_environments: Option<Vec<String>>,
    pub third_party: Option<Vec<String>>,
    pub installation_tags: Option<Vec<String>>,
    pub weights: WeightsSection,
    pub do_not_fix: BTreeMap<String, String>,
}

/// `[triage.weights]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeightsSection {
    pub users: Option<u32>,
    pub events: Option<u32>,
    pub trend: Option<u32>,
    pub level: Option<u32>,
    pub new: Option<u32>,
    pub back: Option<u32>,
}

/// `[ledger]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerSection {
    /// SQLite file, relative to `orderly.toml`.
    pub path: Option<PathBuf>,
    /// PostgreSQL address without a password.
    pub database: Option<String>,
}
