//! A release as the list of a project answers it, and the values of a tag of an issue.

use super::tolerant;
use jiff::Timestamp;
use serde::Deserialize;

/// A release.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// Version, whole: `backend@1.2.3+abc`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub version: String,
    /// When Sentry first heard of it.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_created: Option<Timestamp>,
    /// When somebody said that it is out.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_released: Option<Timestamp>,
    /// The last of its commits, when Sentry was told of them.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub last_commit: Option<Commit>,
    /// Its last deploy.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub last_deploy: Option<Deploy>,
}

/// A commit of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Commit {
    /// Its name in the repository.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub id: String,
}

/// A deploy of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deploy {
    /// When it ended.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_finished: Option<Timestamp>,
}

impl Release {
    /// Since when users may have it: its deploy, else the day it was released, else the first that was heard of it.
    pub fn in_front_of_users(&self) -> Option<Timestamp> {
        let deployed = self.last_deploy.as_ref().and_then(|deploy| deploy.date_finished);
        deployed.or(self.date_released).or(self.date_created)
    }
}

/// The values that a tag of an issue has most often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagValues {
    /// They.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub top_values: Vec<TagSeen>,
}

/// One value of a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagSeen {
    /// The value.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub value: String,
    /// First event with it.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub first_seen: Option<Timestamp>,
    /// Last event with it.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub last_seen: Option<Timestamp>,
}
