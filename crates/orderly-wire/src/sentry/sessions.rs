//! Release health: sessions over time, in groups.

use super::tolerant;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// An answer about sessions.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Sessions {
    /// When each step begins.
    #[serde(default)]
    pub intervals: Vec<Timestamp>,
    /// Groups.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub groups: Vec<SessionGroup>,
}

/// Sessions of one group.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct SessionGroup {
    /// What it is.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub by: SessionsBy,
    /// Each number that was asked for, step by step.
    #[serde(default)]
    pub series: BTreeMap<String, Vec<Option<f64>>>,
}

/// What a group of sessions has in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SessionsBy {
    /// The number of its project.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub project: Option<String>,
    /// How they ended: `healthy`, `errored`, `abnormal`, `crashed`.
    #[serde(default, rename = "session.status", deserialize_with = "tolerant::optional_text")]
    pub status: Option<String>,
}
