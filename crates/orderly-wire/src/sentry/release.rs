//! A release, as the list of releases answers it.

use super::tolerant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedRelease {
    /// Version.
    #[serde(deserialize_with = "tolerant::text")]
    pub version: String,
    /// When it was made known.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_created: Option<Timestamp>,
    /// When it was released, where somebody said so.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_released: Option<Timestamp>,
    /// Its latest event.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub last_event: Option<Timestamp>,
    /// Its last deploy.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub last_deploy: Option<Deploy>,
    /// Projects that have it.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub projects: Vec<ReleaseProject>,
}

/// A deploy of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deploy {
    /// Where to.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub environment: String,
    /// When it began, where somebody said so.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_started: Option<Timestamp>,
    /// When it was done.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_finished: Option<Timestamp>,
}

/// A commit of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// What it says.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub message: String,
}

/// A file that a commit of a release changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitFile {
    /// Path.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub filename: String,
}

/// A project that has a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseProject {
    /// Slug.
    #[serde(deserialize_with = "tolerant::id")]
    pub slug: String,
    /// Issues that were first seen in the release.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub new_groups: u64,
    /// How the release fares, where that was asked for.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub health_data: Option<HealthData>,
}

/// How a release fares in a project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthData {
    /// Part of the sessions of the last day, per cent.
    #[serde(default)]
    pub sessions_adoption: Option<f64>,
    /// Its sessions.
    #[serde(default)]
    pub total_sessions: Option<u64>,
    /// Those of them that crashed.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub sessions_crashed: u64,
}
