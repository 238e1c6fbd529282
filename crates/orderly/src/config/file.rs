//! `orderly.toml`, as it is written: every value optional, unknown keys refused.

use super::duration::Span;
use orderly_core::fix::{Land, Sandboxing};
use orderly_core::incident::mitigation::{Kind as MitigationKind, Reach};
use orderly_core::incident::severity::Severity;
use orderly_core::incident::{Audience, ChannelKind};
use orderly_core::source::CodeMapping;
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
    /// Repairs.
    pub fix: FixSection,
    /// Incidents.
    pub incident: IncidentSection,
    /// How names in stack traces lead to the sources.
    pub source: SourceSection,
    /// What coding agents may do over MCP.
    pub mcp: McpSection,
    /// Where Orderly keeps its own state.
    pub ledger: LedgerSection,
}

/// `[mcp]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct McpSection {
    /// Who approves a write that an agent asks for.
    pub approval: Option<Approval>,
}

/// Who approves a write that an agent asks for, beside the digest of a preview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// A person, whom the agent's client asks.
    #[default]
    Person,
    /// Nobody: the digest is enough.
    Digest,
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

/// `[fix]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixSection {
    pub agent: Option<String>,
    pub agents: BTreeMap<String, AgentSection>,
    pub checks: Option<Vec<Words>>,
    pub tries: Option<u32>,
    pub time: Option<Span>,
    pub check_time: Option<Span>,
    pub output: Option<u64>,
    pub files: Option<usize>,
    pub lines: Option<u64>,
    pub protected: Option<Vec<String>>,
    pub branches: Option<Vec<String>>,
    pub land: Option<Land>,
    pub resolve_in: Option<String>,
    pub subject: Option<String>,
    pub rules: Option<Vec<String>>,
    pub sandbox: Option<Sandboxing>,
    pub readable: Option<Vec<PathBuf>>,
    pub active_runs: Option<PathBuf>,
}

/// `[fix.agents.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSection {
    /// How it is spoken with.
    #[serde(default)]
    pub kind: AgentKind,
    /// Program and arguments.
    pub command: Words,
    /// Whether it may use the network.
    #[serde(default)]
    pub network: NetworkAccess,
    /// Variables that are passed on.
    #[serde(default)]
    pub environment: Vec<String>,
    /// What it may read beside its worktree.
    #[serde(default)]
    pub readable: Vec<PathBuf>,
}

/// How an agent is spoken with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentKind {
    /// A command that reads the case file and ends.
    #[default]
    Command,
    /// The Agent Client Protocol on its standard input and output.
    Acp,
}

/// Whether a program may use the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkAccess {
    /// It may not.
    #[default]
    None,
    /// It may.
    Shared,
}

/// A program with its arguments: a text that is cut at blanks, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// `"cargo check"`
    Text(String),
    /// `["pytest", "-k", "two words"]`
    List(Vec<String>),
}

/// `[incident]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IncidentSection {
    pub window: Option<Span>,
    pub money: Option<Vec<String>>,
    pub security: Option<Vec<String>>,
    pub money_severity: Option<Severity>,
    pub security_severity: Option<Severity>,
    pub rising_severity: Option<Severity>,
    pub least_users: Option<u64>,
    pub least_events: Option<u64>,
    pub notice: Option<Span>,
    pub scope: Option<Span>,
    pub steady: Option<Span>,
    pub later: Option<Span>,
    pub sev1: LevelSection,
    pub sev2: LevelSection,
    pub sev3: LevelSection,
    pub sev4: MildSection,
    pub channel: Vec<ChannelSection>,
    pub mitigation: Vec<MitigationSection>,
}

/// `[[incident.channel]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSection {
    /// What it is called here.
    pub name: String,
    /// What serves it.
    pub kind: ChannelKind,
    /// Who reads it.
    pub audience: Option<Audience>,
    /// Its id in Slack.
    pub channel: Option<String>,
    /// Address of Slack.
    pub url: Option<String>,
    /// Variable that holds the token of a bot.
    pub token_variable: Option<String>,
    /// Variable that holds the address of a webhook.
    pub address_variable: Option<String>,
    /// Variable that holds what bodies are signed with.
    pub key_variable: Option<String>,
}

/// `[[incident.mitigation]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MitigationSection {
    pub name: String,
    pub kind: MitigationKind,
    pub command: Option<Words>,
    pub undo: Option<Words>,
    pub one_way: Option<String>,
    pub time_to_effect: Option<Span>,
    pub blast_radius: Option<Reach>,
    #[serde(default)]
    pub projects: Vec<String>,
    #[serde(default)]
    pub shown_by: Vec<String>,
    pub time: Option<Span>,
    #[serde(default)]
    pub environment: Vec<String>,
}

/// `[incident.sev1]` to `[incident.sev3]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LevelSection {
    pub users: Option<u64>,
    pub share: Option<u32>,
    pub rate: Option<u32>,
    pub services: Option<u32>,
    pub every: Option<Span>,
    pub commander: Option<Span>,
    pub roles: Option<Span>,
    pub mitigation: Option<Span>,
}

/// `[incident.sev4]`: nothing is milder, so there is no threshold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MildSection {
    pub every: Option<Span>,
    pub commander: Option<Span>,
    pub roles: Option<Span>,
    pub mitigation: Option<Span>,
}

/// `[source]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSection {
    /// Beginnings of frames' paths and the folders they stand for.
    pub code_mappings: Vec<CodeMapping>,
    /// Where source maps are.
    pub maps: Option<Vec<PathBuf>>,
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
