//! What a workspace wants from a sync. Every value has a default; bounds are enforced where a value is made.

use crate::ids::{ProjectSlug, TeamKey};
use crate::sync::snapshot::{Assignee, Level, Signal};
use crate::time::Seconds;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The policy of a run; part of the plan's digest, so that a plan made under another policy is stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncPolicy {
    /// How far back a signal looks.
    pub window: Seconds,
    /// Signals that are asked, in order.
    pub signals: Vec<Signal>,
    /// How many issues are looked at closer.
    pub pool: PoolSize,
    /// How many creations a run may attempt.
    pub max_creates: MaxCreates,
    /// What a run may do.
    pub mode: Mode,
    /// Whether links back are wanted.
    pub link_back: LinkBack,
    /// An unchanged issue is not reported again for this long.
    pub cooldown: Seconds,
    /// Below this nothing is worth a ticket.
    pub noise_floor: NoiseFloor,
    /// When an already linked item gets a comment with the new evidence.
    pub update_stale: UpdateStale,
    /// What happens when an issue comes back after its item was completed.
    pub regression: RegressionPolicy,
    /// Tracker priority of a new item.
    pub priorities: Priorities,
    /// Labels for new items, by name.
    pub labels: Vec<String>,
    /// Labels by project, added to `labels`.
    pub project_labels: BTreeMap<ProjectSlug, Vec<String>>,
    /// Owner (e-mail, user name or `#team`) to assignee (e-mail in the tracker).
    pub assignees: BTreeMap<String, String>,
    /// Project to team, where it is not the configured one.
    pub project_teams: BTreeMap<ProjectSlug, TeamKey>,
    /// Further patterns to take out of everything that leaves (regular expressions).
    pub redact: Vec<String>,
    /// What counts as the same problem already tracked.
    pub matching: Matching,
    /// A saved plan older than this is stale.
    pub plan_max_age: Seconds,
}

impl SyncPolicy {
    /// The team that the items of a project go to; `home` is the configured one.
    pub fn team_of<'a>(&'a self, project: &ProjectSlug, home: &'a TeamKey) -> &'a TeamKey {
        self.project_teams.get(project).unwrap_or(home)
    }

    /// The address in the tracker that configuration maps an owner to.
    pub fn assignee_of(&self, owner: &Assignee) -> Option<&String> {
        let names = match owner {
            Assignee::User { name, email } => [email.clone(), Some(name.clone())],
            Assignee::Team { slug } => [Some(format!("#{slug}")), None],
        };
        let mut names = names.iter().flatten();
        names.find_map(|name| {
            self.assignees.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, to)| to)
        })
    }

    /// The teams whose items are in the backlog: `home` and those that projects are mapped to, sorted.
    pub fn teams(&self, home: &TeamKey) -> BTreeSet<TeamKey> {
        self.project_teams.values().chain([home]).cloned().collect()
    }
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self {
            window: Seconds::hours(24),
            signals: Signal::ALL.to_vec(),
            pool: PoolSize(20),
            max_creates: MaxCreates(3),
            mode: Mode::CreateOrLink,
            link_back: LinkBack::BestEffort,
            cooldown: Seconds::hours(24),
            noise_floor: NoiseFloor { events: 2, users: 0, level: Level::Error },
            update_stale: UpdateStale::Never,
            regression: RegressionPolicy::Comment,
            priorities: Priorities::default(),
            labels: Vec::new(),
            project_labels: BTreeMap::new(),
            assignees: BTreeMap::new(),
            project_teams: BTreeMap::new(),
            redact: Vec::new(),
            matching: Matching::Signatures,
            plan_max_age: Seconds::hours(24),
        }
    }
}

/// How many issues are looked at closer: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PoolSize(u32);

/// How many creations a run may attempt: 0 to 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct MaxCreates(u32);

/// A bound was passed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}` is {got}; it must lie between {least} and {most}")]
pub struct OutOfBounds {
    /// The setting.
    pub setting: &'static str,
    /// What was given.
    pub got: u32,
    /// Lower bound.
    pub least: u32,
    /// Upper bound.
    pub most: u32,
}

impl PoolSize {
    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl MaxCreates {
    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for PoolSize {
    type Error = OutOfBounds;
    fn try_from(got: u32) -> Result<Self, OutOfBounds> {
        bounded("sync.pool", got, 1, 100).map(Self)
    }
}

impl TryFrom<u32> for MaxCreates {
    type Error = OutOfBounds;
    fn try_from(got: u32) -> Result<Self, OutOfBounds> {
        bounded("sync.max_creates", got, 0, 20).map(Self)
    }
}

impl From<PoolSize> for u32 {
    fn from(value: PoolSize) -> Self {
        value.0
    }
}

impl From<MaxCreates> for u32 {
    fn from(value: MaxCreates) -> Self {
        value.0
    }
}

fn bounded(setting: &'static str, got: u32, least: u32, most: u32) -> Result<u32, OutOfBounds> {
    if (least..=most).contains(&got) { Ok(got) } else { Err(OutOfBounds { setting, got, least, most }) }
}

/// What a run may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Link what is tracked, create what is proven not to be.
    CreateOrLink,
    /// Link only; what would be created is prepared.
    LinkOnly,
    /// Prepare everything, write nothing.
    PrepareOnly,
}

/// Whether links back into Sentry are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkBack {
    /// Written where possible; a failure is reported and tried again by the next run.
    BestEffort,
    /// Not written.
    Off,
    /// Where it is not possible nothing is created.
    Required,
}

/// Below this an issue is noise, unless it regressed or escalates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoiseFloor {
    /// At least this many events in the window.
    pub events: u64,
    /// At least this many users in the window.
    pub users: u64,
    /// At least this level.
    pub level: Level,
}

/// When an already linked item gets a comment with the new evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "update", content = "after", rename_all = "kebab-case")]
pub enum UpdateStale {
    /// Never.
    Never,
    /// When nobody touched the item for this long while events keep coming.
    After(Seconds),
}

/// What happens when an issue comes back after its item was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegressionPolicy {
    /// Move the item back to its team's first open state, with a comment.
    Reopen,
    /// Create the next generation and relate it to the completed one.
    NewAndRelate,
    /// One comment on the completed item.
    Comment,
}

/// Tracker priority of a new item (1 urgent, 2 high, 3 medium, 4 low) by the strongest signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priorities {
    /// For `is:regressed`.
    pub regressed: TrackerPriority,
    /// For `is:escalating`.
    pub escalating: TrackerPriority,
    /// For `issue.priority:high`.
    pub high_priority: TrackerPriority,
    /// For `is:for_review`.
    pub for_review: TrackerPriority,
}

impl Default for Priorities {
    fn default() -> Self {
        Self {
            regressed: TrackerPriority::High,
            escalating: TrackerPriority::High,
            high_priority: TrackerPriority::Medium,
            for_review: TrackerPriority::Medium,
        }
    }
}

/// Linear's priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackerPriority {
    /// 1
    Urgent,
    /// 2
    High,
    /// 3
    Medium,
    /// 4
    Low,
    /// 0
    None,
}

impl TrackerPriority {
    /// The number Linear knows it by.
    pub const fn number(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Urgent => 1,
            Self::High => 2,
            Self::Medium => 3,
            Self::Low => 4,
        }
    }
}

/// What counts as a possible duplicate that keeps an issue from being created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matching {
    /// Hard keys, title fingerprint, stack signature and owner clue (the default).
    Signatures,
    /// Only hard keys veto: external link, short id, permalink. Softer finds are named in the item.
    HardKeys,
}
