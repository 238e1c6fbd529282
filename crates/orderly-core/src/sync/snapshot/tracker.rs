//! What the tracker, and Sentry, allow.

use crate::ids::TeamKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the tracker allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerFacts {
    /// Team that items go to.
    pub team: TeamKey,
    /// Id of that team in the tracker.
    pub team_id: String,
    /// State that new items get: triage when the team has it.
    pub initial_state: Option<String>,
    /// State that a reopened item is moved to: the team's first open state that is not triage.
    pub reopen_state: Option<String>,
    /// Ids of labels by lower-case name.
    pub labels: BTreeMap<String, String>,
    /// Ids of people by lower-case e-mail.
    pub people: BTreeMap<String, String>,
    /// Whether our credentials may create.
    pub creation: Creation,
    /// What the tracker does with a client-chosen id that it has seen before.
    pub repeated_ids: RepeatedIds,
    /// Teams that configuration maps projects to. One that is not in the tracker is absent.
    pub other_teams: BTreeMap<TeamKey, TeamFacts>,
}

/// What the tracker says of a further team; states and labels belong to a team. The fields are those of
/// [`TrackerFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamFacts {
    /// Id.
    pub team_id: String,
    /// State that new items get.
    pub initial_state: Option<String>,
    /// State that a reopened item is moved to.
    pub reopen_state: Option<String>,
    /// Ids of labels by lower-case name.
    pub labels: BTreeMap<String, String>,
}

/// Whether items can be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "creation", content = "because", rename_all = "snake_case")]
pub enum Creation {
    /// Yes, as far as can be told without creating.
    Allowed,
    /// No, and why.
    Refused(String),
}

/// What a tracker does with a client-chosen id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedIds {
    /// Refuses the second insert (Linear).
    Refused,
    /// Takes the second insert as an update of the first.
    Merged,
    /// Ignores ids: creation stays in preview.
    Ignored,
}

/// How a link back can be written in Sentry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "path", rename_all = "snake_case")]
pub enum LinkBackPath {
    /// Through this app installation.
    Installation {
        /// Installation id.
        uuid: String,
        /// App slug.
        app: String,
    },
    /// Not possible; says what to set up.
    Unavailable {
        /// The step that closes the gap.
        step: String,
    },
    /// Not wanted by configuration.
    Off,
}
