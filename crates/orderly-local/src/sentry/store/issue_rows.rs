//! An issue as a query reads it, with what belongs to it one to one.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use crate::sentry::model::{
    InboxReason, IssueKind, Level, Priority, ResolutionKind, Status, Substatus, from_micros,
};

/// An issue with what belongs to it one to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// Row id.
    pub id: i64,
    /// Where it happens.
    pub project: IssueProject,
    /// Counter of its short id in the project.
    pub short_id: i64,
    /// Exceptions or messages.
    pub kind: IssueKind,
    /// What it is called.
    pub title: String,
    /// Where it comes from.
    pub culprit: String,
    /// Type, value, file, function as the API shows them.
    pub metadata: Value,
    /// How bad it is.
    pub level: Level,
    /// Which logger.
    pub logger: Option<String>,
    /// Which SDK platform.
    pub platform: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Why it stands there.
    pub substatus: Option<Substatus>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// Since when the priority is fixed by hand.
    pub priority_locked_at: Option<Timestamp>,
    /// Events in all.
    pub times_seen: i64,
    /// Users in all.
    pub user_count: i64,
    /// First event.
    pub first_seen: Timestamp,
    /// Last event.
    pub last_seen: Timestamp,
    /// Row id of its first release.
    pub first_release: Option<i64>,
    /// Row id of its last release.
    pub last_release: Option<i64>,
    /// Whether its newest event reached nobody's handler.
    pub is_unhandled: bool,
    /// Why and since when it waits for review.
    pub inbox: Option<InboxEntry>,
    /// Whether it is shared.
    pub is_public: bool,
    /// The shared address.
    pub share_id: Option<String>,
    /// Notes.
    pub num_comments: i64,
    /// Row id of the member who has it.
    pub assigned_member: Option<i64>,
    /// Row id of the team that has it.
    pub assigned_team: Option<i64>,
    /// What was named when it was resolved.
    pub resolution: Option<ResolutionRow>,
    /// What ends its archive.
    pub snooze: Option<SnoozeRow>,
    /// What the reader has to do with it.
    pub viewer: Viewer,
}

/// The project of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueProject {
    /// Row id.
    pub id: i64,
    /// Slug.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Platform.
    pub platform: Option<String>,
}

/// Why an issue waits for review.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxEntry {
    /// The reason.
    pub reason: InboxReason,
    /// More about it.
    pub details: Option<Value>,
    /// Since when.
    pub added_at: Timestamp,
}

/// How an issue was resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolutionRow {
    /// What was named.
    pub kind: ResolutionKind,
    /// The release.
    pub version: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The commit's repository.
    pub repository: Option<String>,
    /// Who did it.
    pub actor: Option<i64>,
}

/// What ends an archive. Windows are minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnoozeRow {
    /// A time.
    pub until: Option<Timestamp>,
    /// So many events.
    pub event_count: Option<i64>,
    /// Within so long.
    pub event_window: Option<i64>,
    /// So many users.
    pub user_count: Option<i64>,
    /// Within so long.
    pub user_window: Option<i64>,
    /// Who did it.
    pub actor: Option<i64>,
}

/// What one member has to do with an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewer {
    /// Looked at it since its last event.
    pub has_seen: bool,
    /// Bookmarked it.
    pub is_bookmarked: bool,
    /// Wants to hear of it; `None`: never said.
    pub subscription: Option<bool>,
}

impl FromRow<'_, SqliteRow> for Issue {
    fn from_row(row: &SqliteRow) -> Result<Issue, sqlx::Error> {
        let time = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(from_micros));
        let inbox = match row.try_get::<Option<InboxReason>, _>("inbox_reason")? {
            Some(reason) => Some(InboxEntry {
                reason,
                details: json(row.try_get("inbox_details_json")?)?,
                added_at: time("inbox_at")?.unwrap_or_default(),
            }),
            None => None,
        };
        let resolution = match row.try_get::<Option<ResolutionKind>, _>("resolution_kind")? {
            Some(kind) => Some(ResolutionRow {
                kind,
                version: row.try_get("resolution_version")?,
                commit: row.try_get("resolution_commit")?,
                repository: row.try_get("resolution_repository")?,
                actor: row.try_get("resolution_actor")?,
            }),
            None => None,
        };
        let snooze = match row.try_get::<Option<i64>, _>("snooze_issue")? {
            Some(_) => Some(SnoozeRow {
                until: time("snooze_until")?,
                event_count: row.try_get("snooze_event_count")?,
                event_window: row.try_get("snooze_event_window")?,
                user_count: row.try_get("snooze_user_count")?,
                user_window: row.try_get("snooze_user_window")?,
                actor: row.try_get("snooze_actor")?,
            }),
            None => None,
        };
        Ok(Issue {
            id: row.try_get("id")?,
            project: IssueProject {
                id: row.try_get("project_id")?,
                slug: row.try_get("project_slug")?,
                name: row.try_get("project_name")?,
                platform: row.try_get("project_platform")?,
            },
            short_id: row.try_get("short_id")?,
            kind: row.try_get("kind")?,
            title: row.try_get("title")?,
            culprit: row.try_get("culprit")?,
            metadata: json(row.try_get("metadata_json")?)?.unwrap_or_default(),
            level: row.try_get("level")?,
            logger: row.try_get("logger")?,
            platform: row.try_get("platform")?,
            status: row.try_get("status")?,
            substatus: row.try_get("substatus")?,
            priority: row.try_get("priority")?,
            priority_locked_at: time("priority_locked_at")?,
            times_seen: row.try_get("times_seen")?,
            user_count: row.try_get("user_count")?,
            first_seen: time("first_seen_at")?.unwrap_or_default(),
            last_seen: time("last_seen_at")?.unwrap_or_default(),
            first_release: row.try_get("first_release_id")?,
            last_release: row.try_get("last_release_id")?,
            is_unhandled: row.try_get("is_unhandled")?,
            inbox,
            is_public: row.try_get("is_public")?,
            share_id: row.try_get("share_id")?,
            num_comments: row.try_get("num_comments")?,
            assigned_member: row.try_get("assigned_member")?,
            assigned_team: row.try_get("assigned_team")?,
            resolution,
            snooze,
            viewer: Viewer {
                has_seen: row.try_get("viewer_has_seen")?,
                is_bookmarked: row.try_get("viewer_bookmarked")?,
                subscription: row.try_get("viewer_subscription")?,
            },
        })
    }
}

fn json(text: Option<String>) -> Result<Option<Value>, sqlx::Error> {
    text.map(|text| serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(Box::new(error))))
        .transpose()
}
