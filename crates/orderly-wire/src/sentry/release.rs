//! A release, as the list of releases answers it.

use super::tolerant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Projects that have it.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub projects: Vec<ReleaseProject>,
}

/// A project that has a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseProject {
    /// Slug.
    #[serde(deserialize_with = "tolerant::id")]
    pub slug: String,
}
