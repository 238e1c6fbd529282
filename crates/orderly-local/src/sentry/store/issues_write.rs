//! Issues as the writer of events sees them: opened, counted, moved by what happens to them.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection};

use super::activity::{self, Actor};
use super::events::as_json;
use super::rows::{Bound, ManyRows};
use crate::sentry::grouping::headline::Metadata;
use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::model::{ActivityKind, InboxReason, Priority, Status, Substatus, from_micros};
use crate::sentry::states::priority::{self, PriorityReason};

/// An issue being changed; [`OpenIssue::save`] writes it back.
#[derive(Debug, Clone)]
pub struct OpenIssue {
    /// Row id.
    pub id: i64,
    /// Row id of its project.
    pub project_id: i64,
    /// Where it stands.
    pub status: Status,
    /// Why.
    pub substatus: Option<Substatus>,
    substatus_at: i64,
    priority: Option<Priority>,
    priority_locked_at: Option<i64>,
    initial_priority: Option<Priority>,
    /// All its events.
    pub times_seen: i64,
    /// All its users.
    pub user_count: i64,
    first_seen_at: i64,
    last_seen_at: i64,
    active_at: i64,
    resolved_at: Option<i64>,
    first_release_id: Option<i64>,
    last_release_id: Option<i64>,
    inbox_reason: Option<InboxReason>,
    inbox_at: Option<i64>,
    inbox_details_json: Option<String>,
}

const BY_ID: &str = "SELECT id, project_id, status, substatus, substatus_at, priority, priority_locked_at,
    initial_priority, times_seen, user_count, first_seen_at, last_seen_at, active_at, resolved_at, first_release_id,
    last_release_id, inbox_reason, inbox_at, inbox_details_json
    FROM issue WHERE id IN (SELECT value FROM json_each($1))";

impl FromRow<'_, SqliteRow> for OpenIssue {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            project_id: row.try_get("project_id")?,
            status: row.try_get("status")?,
            substatus: row.try_get("substatus")?,
            substatus_at: row.try_get("substatus_at")?,
            priority: row.try_get("priority")?,
            priority_locked_at: row.try_get("priority_locked_at")?,
            initial_priority: row.try_get("initial_priority")?,
            times_seen: row.try_get("times_seen")?,
            user_count: row.try_get("user_count")?,
            first_seen_at: row.try_get("first_seen_at")?,
            last_seen_at: row.try_get("last_seen_at")?,
            active_at: row.try_get("active_at")?,
            resolved_at: row.try_get("resolved_at")?,
            first_release_id: row.try_get("first_release_id")?,
            last_release_id: row.try_get("last_release_id")?,
            inbox_reason: row.try_get("inbox_reason")?,
            inbox_at: row.try_get("inbox_at")?,
            inbox_details_json: row.try_get("inbox_details_json")?,
        })
    }
}

impl OpenIssue {
    /// Reads an issue.
    ///
    /// # Errors
    /// When the database refuses or the issue is gone.
    pub async fn load(connection: &mut SqliteConnection, id: i64) -> Result<Self, sqlx::Error> {
        sqlx::query_as(BY_ID).bind(as_json(&[id])).fetch_one(connection).await
    }

    /// Reads issues.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn load_all(connection: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<Self>, sqlx::Error> {
        sqlx::query_as(BY_ID).bind(as_json(&ids)).fetch_all(connection).await
    }

    /// Opens an issue for its first event, which is not counted yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn create(
        connection: &mut SqliteConnection,
        project: i64,
        event: &PreparedEvent,
        release: Option<i64>,
        now: Timestamp,
    ) -> Result<Self, sqlx::Error> {
        let short_id: i64 = sqlx::query_scalar(
            "UPDATE project SET last_short_id = last_short_id + 1,
                    first_event_at = MIN(COALESCE(first_event_at, $2), $2),
                    platform = COALESCE(platform, $3)
             WHERE id = $1 RETURNING last_short_id",
        )
        .bind(project)
        .bind(event.occurred.as_microsecond())
        .bind(&event.platform)
        .fetch_one(&mut *connection)
        .await?;
        let first = priority::initial(event.level);
        let insertion = sqlx::query(
            "INSERT INTO issue (project_id, short_id, kind, title, culprit, message, location, metadata_json, level,
                                logger, platform, is_unhandled, status, substatus, substatus_at, priority,
                                initial_priority, first_seen_at, last_seen_at, created_at, active_at,
                                first_release_id, last_release_id, inbox_reason, inbox_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'unresolved', 'new', $13, $14,
                     $14, $15, $15, $13, $15, $16, $16, 'new', $13) RETURNING id",
        )
        .bind(project)
        .bind(short_id);
        let id: i64 = describe(insertion, event, Some(first))
            .bind(now.as_microsecond())
            .bind(first)
            .bind(event.occurred.as_microsecond())
            .bind(release)
            .fetch_one(&mut *connection)
            .await?
            .try_get(0)?;
        Self::load(connection, id).await
    }

    /// When its first event happened.
    pub fn first_seen(&self) -> Timestamp {
        from_micros(self.first_seen_at)
    }

    /// When its newest event happened.
    pub fn last_seen(&self) -> Timestamp {
        from_micros(self.last_seen_at)
    }

    /// When it was last (re)opened.
    pub fn active(&self) -> Timestamp {
        from_micros(self.active_at)
    }

    /// Since when its substatus holds.
    pub fn substatus_since(&self) -> Timestamp {
        from_micros(self.substatus_at)
    }

    /// Counts an event; whether it is the newest of several, which gives the issue its name.
    pub fn count(&mut self, event: &PreparedEvent, release: Option<i64>) -> bool {
        let at = event.occurred.as_microsecond();
        let is_first_event = self.times_seen == 0;
        self.times_seen += 1;
        if at < self.first_seen_at {
            self.first_seen_at = at;
            self.first_release_id = release.or(self.first_release_id);
        } else if self.first_release_id.is_none() {
            self.first_release_id = release;
        }
        if at < self.last_seen_at {
            return false;
        }
        self.last_seen_at = at;
        self.last_release_id = release.or(self.last_release_id);
        !is_first_event
    }

    /// Names issues after events.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rename_all(
        connection: &mut SqliteConnection,
        named: &[(&Self, &PreparedEvent)],
    ) -> Result<(), sqlx::Error> {
        RENAMING
            .run(connection, named, |query, (issue, event)| {
                describe(query.bind(issue.id), event, issue.initial_priority)
            })
            .await
    }

    /// It came back after it was resolved. `at` is the time of the event that shows it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn regress(
        &mut self,
        connection: &mut SqliteConnection,
        data: &Value,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        self.open_as(Substatus::Regressed, now);
        self.active_at = at.as_microsecond();
        self.enter_inbox(InboxReason::Regression, None, now);
        sqlx::query("DELETE FROM resolution WHERE issue_id = $1")
            .bind(self.id)
            .execute(&mut *connection)
            .await?;
        self.record(connection, ActivityKind::SetRegression, data, now).await
    }

    /// It rose above what is usual.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn escalate(
        &mut self,
        connection: &mut SqliteConnection,
        data: &Value,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        if self.status == Status::Ignored {
            self.active_at = now.as_microsecond();
        }
        self.open_as(Substatus::Escalating, now);
        self.enter_inbox(InboxReason::Escalating, None, now);
        sqlx::query("DELETE FROM forecast WHERE issue_id = $1")
            .bind(self.id)
            .execute(&mut *connection)
            .await?;
        self.record(connection, ActivityKind::SetEscalating, data, now).await?;
        let raised = Some(priority::escalated(self.priority));
        self.set_priority(connection, raised, PriorityReason::Escalating, now).await
    }

    /// The condition it was archived under is met.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_snooze(
        &mut self,
        connection: &mut SqliteConnection,
        details: &Value,
        data: &Value,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        self.open_as(Substatus::Ongoing, now);
        self.active_at = now.as_microsecond();
        self.enter_inbox(InboxReason::Unignored, Some(details), now);
        sqlx::query("DELETE FROM snooze WHERE issue_id = $1").bind(self.id).execute(&mut *connection).await?;
        self.record(connection, ActivityKind::SetUnresolved, data, now).await
    }

    /// It has been open for so long that it is simply known.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn become_ongoing(
        &mut self,
        connection: &mut SqliteConnection,
        data: &Value,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        let was = self.substatus;
        self.open_as(Substatus::Ongoing, now);
        self.record(connection, ActivityKind::AutoSetOngoing, data, now).await?;
        if was == Some(Substatus::Escalating) {
            let calmed = priority::calmed(self.initial_priority, self.priority);
            self.set_priority(connection, calmed, PriorityReason::Ongoing, now).await?;
        }
        Ok(())
    }

    /// Writes the issue back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        Self::save_all(connection, &[self]).await
    }

    /// Writes issues back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_all(connection: &mut SqliteConnection, issues: &[&Self]) -> Result<(), sqlx::Error> {
        SAVING
            .run(connection, issues, |query, issue| {
                query
                    .bind(issue.id)
                    .bind(issue.status)
                    .bind(issue.substatus)
                    .bind(issue.substatus_at)
                    .bind(issue.priority)
                    .bind(issue.times_seen)
                    .bind(issue.user_count)
                    .bind(issue.first_seen_at)
                    .bind(issue.last_seen_at)
                    .bind(issue.active_at)
                    .bind(issue.resolved_at)
                    .bind(issue.first_release_id)
                    .bind(issue.last_release_id)
                    .bind(issue.inbox_reason)
                    .bind(issue.inbox_at)
                    .bind(issue.inbox_details_json.as_deref())
            })
            .await
    }

    fn open_as(&mut self, substatus: Substatus, now: Timestamp) {
        self.status = substatus.status();
        self.substatus = Some(substatus);
        self.substatus_at = now.as_microsecond();
        self.resolved_at = None;
    }

    fn enter_inbox(&mut self, reason: InboxReason, details: Option<&Value>, now: Timestamp) {
        self.inbox_reason = Some(reason);
        self.inbox_at = Some(now.as_microsecond());
        self.inbox_details_json = details.map(Value::to_string);
    }

    async fn set_priority(
        &mut self,
        connection: &mut SqliteConnection,
        to: Option<Priority>,
        reason: PriorityReason,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        if self.priority_locked_at.is_some() || self.priority == to {
            return Ok(());
        }
        self.priority = to;
        let data = json!({"priority": to, "reason": reason.as_str()});
        self.record(connection, ActivityKind::SetPriority, &data, now).await
    }

    async fn record(
        &self,
        connection: &mut SqliteConnection,
        kind: ActivityKind,
        data: &Value,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        activity::record(connection, self.id, kind, Actor::default(), data, now).await?;
        Ok(())
    }
}

static SAVING: LazyLock<ManyRows> = LazyLock::new(|| {
    update_of(&[
        "status",
        "substatus",
        "substatus_at",
        "priority",
        "times_seen",
        "user_count",
        "first_seen_at",
        "last_seen_at",
        "active_at",
        "resolved_at",
        "first_release_id",
        "last_release_id",
        "inbox_reason",
        "inbox_at",
        "inbox_details_json",
    ])
});

/// What an issue is called after an event.
const DESCRIPTION: [&str; 10] = [
    "kind",
    "title",
    "culprit",
    "message",
    "location",
    "metadata_json",
    "level",
    "logger",
    "platform",
    "is_unhandled",
];

static RENAMING: LazyLock<ManyRows> = LazyLock::new(|| update_of(&DESCRIPTION));

/// Sets these columns; a row is the id of an issue and their values.
fn update_of(columns: &[&str]) -> ManyRows {
    let set: Vec<String> = columns.iter().map(|column| format!("{column} = sent.{column}")).collect();
    ManyRows::new(
        &format!("WITH sent (id, {}) AS (", columns.join(", ")),
        &format!("(?{})", ", ?".repeat(columns.len())),
        &format!(") UPDATE issue SET {} FROM sent WHERE issue.id = sent.id", set.join(", ")),
    )
}

/// The text that a search for words looks through.
fn searchable(event: &PreparedEvent) -> String {
    [event.message.as_str(), &event.headline.title, &event.culprit].join(" ").trim().to_owned()
}

/// The column `issue.metadata_json`.
#[derive(Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_priority: Option<i64>,
}

/// Adds the values of [`DESCRIPTION`] after an event.
fn describe<'q>(query: Bound<'q>, event: &'q PreparedEvent, first: Option<Priority>) -> Bound<'q> {
    let metadata =
        Described { metadata: &event.headline.metadata, initial_priority: first.map(Priority::number) };
    query
        .bind(event.headline.kind)
        .bind(&event.headline.title)
        .bind(&event.culprit)
        .bind(searchable(event))
        .bind(event.headline.location())
        .bind(as_json(&metadata))
        .bind(event.level)
        .bind(event.logger.as_deref())
        .bind(&event.platform)
        .bind(event.handled == Some(false))
}
