//! An issue, as lists and details answer it. Only what Orderly reads; every other key is ignored.

use super::external::{Annotation, ExternalIssue};
use super::tolerant;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An issue. Servers of any age: only `id` must be there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// Numeric id, as text.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Short id; null for very old issues.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub short_id: Option<String>,
    /// Title made from the event.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub title: String,
    /// Where it is blamed on.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub culprit: String,
    /// Severity.
    #[serde(default)]
    pub level: Level,
    /// Status.
    #[serde(default)]
    pub status: Status,
    /// Substatus; absent on servers before 2023.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub substatus: Option<Substatus>,
    /// Priority; absent on servers before 2024.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub priority: Option<Priority>,
    /// Its project.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub project: ProjectRef,
    /// Exception type and message.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub metadata: Metadata,
    /// Platform: `python`.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub platform: Option<String>,
    /// Whom it is assigned to.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub assigned_to: Option<Actor>,
    /// Links to other systems, as people see them.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub annotations: Vec<Annotation>,
    /// Events: in a list, those of the asked period and environments; in details, all.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub count: u64,
    /// Users, counted as `count` is.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub user_count: u64,
    /// First event.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub first_seen: Option<Timestamp>,
    /// Last event.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub last_seen: Option<Timestamp>,
    /// Counts over time by period (`24h`, `30d`): pairs of epoch seconds and events.
    #[serde(default, deserialize_with = "series")]
    pub stats: Stats,
    /// The row of the review inbox; null when it does not wait for review.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub inbox: Option<Inbox>,
    /// Suggested owners (`expand=owners`).
    #[serde(default, deserialize_with = "tolerant::list")]
    pub owners: Vec<Owner>,
    /// Links of apps (`expand=sentryAppIssues`): `None` when the answer does not tell all of them.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub sentry_app_issues: Option<Vec<ExternalIssue>>,
    /// Links of integrations (`expand=integrationIssues`).
    #[serde(default, deserialize_with = "tolerant::list")]
    pub integration_issues: Vec<ExternalIssue>,
}

/// Counts over time by period: pairs of epoch seconds and events.
pub type Stats = BTreeMap<String, Vec<(i64, u64)>>;

tolerant::words! {
    /// Severity of events.
    Level {
        /// Debug.
        Debug = "debug",
        /// Information.
        Info = "info",
        /// Warning.
        Warning = "warning",
        /// Error.
        Error = "error",
        /// Crash.
        Fatal = "fatal",
    }
}

tolerant::words! {
    /// Status of an issue.
    Status {
        /// Open.
        Unresolved = "unresolved",
        /// Done.
        Resolved = "resolved",
        /// Archived.
        Ignored = "ignored",
        /// Archived, as servers before 2023 and one client say it.
        Muted = "muted",
        /// Being deleted.
        PendingDeletion = "pending_deletion",
        /// Being deleted.
        DeletionInProgress = "deletion_in_progress",
        /// Being merged.
        PendingMerge = "pending_merge",
        /// Being reprocessed.
        Reprocessing = "reprocessing",
    }
}

tolerant::words! {
    /// Substatus of an issue.
    Substatus {
        /// Until more events come than forecast.
        ArchivedUntilEscalating = "archived_until_escalating",
        /// Until a count or a time is reached.
        ArchivedUntilConditionMet = "archived_until_condition_met",
        /// For good.
        ArchivedForever = "archived_forever",
        /// More events than forecast.
        Escalating = "escalating",
        /// Known.
        Ongoing = "ongoing",
        /// Came back.
        Regressed = "regressed",
        /// First seen within 7 days.
        New = "new",
    }
}

tolerant::words! {
    /// Priority of an issue.
    Priority {
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
}

tolerant::words! {
    /// What a suggested owner rests on.
    OwnerKind {
        /// Author of a commit that touched the code of the trace.
        SuspectCommit = "suspectCommit",
        /// A rule of the project.
        OwnershipRule = "ownershipRule",
        /// A CODEOWNERS file.
        Codeowners = "codeowners",
    }
}

/// The project of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRef {
    /// Numeric id, as text.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub id: String,
    /// Slug.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub slug: String,
}

/// What the title was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Exception type.
    #[serde(default, rename = "type", deserialize_with = "tolerant::optional_text")]
    pub kind: Option<String>,
    /// Exception message.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub value: Option<String>,
    /// Title of an issue that is no exception.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub title: Option<String>,
}

/// A user or team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `user` or `team`.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
    /// Numeric id, as text.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Display name; a team's slug.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// E-mail, if the token may see it.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub email: Option<String>,
}

/// Row of the review inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Why it waits: 0 new, 1 unarchived, 2 regression, 3 by hand, 4 reprocessed; later numbers exist.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub reason: Option<i64>,
    /// Since when.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_added: Option<Timestamp>,
}

/// A suggested owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// What the suggestion rests on.
    #[serde(default, rename = "type")]
    pub kind: OwnerKind,
    /// `user:12` or `team:3`.
    #[serde(deserialize_with = "tolerant::id")]
    pub owner: String,
    /// Since when.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_added: Option<Timestamp>,
}

fn series<'de, D: Deserializer<'de>>(input: D) -> Result<Stats, D::Error> {
    let Value::Object(periods) = Value::deserialize(input)? else { return Ok(BTreeMap::new()) };
    Ok(periods.into_iter().map(|(period, points)| (period, points_of(&points))).collect())
}

fn points_of(points: &Value) -> Vec<(i64, u64)> {
    let point =
        |p: &Value| Some((i64::try_from(tolerant::number(p.get(0)?)?).ok()?, tolerant::number(p.get(1)?)?));
    points.as_array().into_iter().flatten().filter_map(point).collect()
}

#[cfg(test)]
mod tests;
