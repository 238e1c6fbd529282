//! Carrying out what people ask for: status, priority, assignee and marks of an issue.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::activity::{self, Actor};
use super::forecasts;
use crate::sentry::model::{ResolutionKind, from_micros};
use crate::sentry::states::update::{Assignee, Before, Commit, Effect, Forecast, Release, Snooze, Target};

/// What a pure update needs to know about an issue, read inside the transaction that will change it.
///
/// # Errors
/// When the database refuses, or the issue is gone (`RowNotFound`).
pub async fn before(connection: &mut SqliteConnection, issue: i64) -> Result<Before, sqlx::Error> {
    let row = sqlx::query(
        "SELECT issue.status, issue.substatus, issue.priority, issue.first_seen_at, issue.is_public,
                issue.inbox_reason IS NOT NULL AS in_inbox, resolution.issue_id IS NOT NULL AS has_resolution,
                assignment.team_id, assignment.member_id, member.email
         FROM issue
         LEFT JOIN resolution ON resolution.issue_id = issue.id
         LEFT JOIN assignment ON assignment.issue_id = issue.id
         LEFT JOIN member ON member.id = assignment.member_id
         WHERE issue.id = $1",
    )
    .bind(issue)
    .fetch_one(connection)
    .await?;
    let team: Option<i64> = row.try_get("team_id")?;
    let member: Option<i64> = row.try_get("member_id")?;
    let assignee = match (team, member) {
        (Some(id), _) => Some(Assignee::Team { id }),
        (None, Some(id)) => Some(Assignee::Member { id, email: row.try_get("email")? }),
        (None, None) => None,
    };
    Ok(Before {
        status: row.try_get("status")?,
        substatus: row.try_get("substatus")?,
        priority: row.try_get("priority")?,
        first_seen: from_micros(row.try_get("first_seen_at")?),
        in_inbox: row.try_get("in_inbox")?,
        has_resolution: row.try_get("has_resolution")?,
        assignee,
        public: row.try_get("is_public")?,
    })
}

/// Carries the effects of an update out, in order.
///
/// # Errors
/// When the database refuses; the caller's transaction then takes everything back.
pub async fn apply(
    connection: &mut SqliteConnection,
    issue: i64,
    effects: &[Effect],
    actor: Actor,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    for effect in effects {
        apply_one(connection, issue, effect, actor, now).await?;
    }
    Ok(())
}

async fn apply_one(
    connection: &mut SqliteConnection,
    issue: i64,
    effect: &Effect,
    actor: Actor,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let at = now.as_microsecond();
    let statement = match effect {
        Effect::Status(status, substatus) => sqlx::query(
            "UPDATE issue SET status = $2, substatus = $3, substatus_at = $4,
                    resolved_at = CASE WHEN $2 = 'resolved' THEN $4 END,
                    active_at = CASE WHEN $2 = 'unresolved' AND status <> 'unresolved' THEN $4 ELSE active_at END
             WHERE id = $1",
        )
        .bind(issue)
        .bind(*status)
        .bind(*substatus)
        .bind(at),
        Effect::Resolution(target) => return resolve(connection, issue, target, actor, at).await,
        Effect::Snooze(Some(snooze)) => return snooze_issue(connection, issue, snooze, actor, now).await,
        Effect::Snooze(None) => sqlx::query("DELETE FROM snooze WHERE issue_id = $1").bind(issue),
        Effect::Forecast(Forecast::Make) => return forecasts::make(connection, issue, now).await.map(drop),
        Effect::Forecast(Forecast::Drop) => {
            sqlx::query("DELETE FROM forecast WHERE issue_id = $1").bind(issue)
        }
        Effect::LeaveInbox => sqlx::query(
            "UPDATE issue SET inbox_reason = NULL, inbox_at = NULL, inbox_details_json = NULL WHERE id = $1",
        )
        .bind(issue),
        Effect::EnterInbox(reason) => sqlx::query(
            "UPDATE issue SET inbox_reason = $2, inbox_at = $3, inbox_details_json = NULL WHERE id = $1",
        )
        .bind(issue)
        .bind(*reason)
        .bind(at),
        Effect::LockPriority(priority) => {
            sqlx::query("UPDATE issue SET priority = $2, priority_locked_at = $3 WHERE id = $1")
                .bind(issue)
                .bind(*priority)
                .bind(at)
        }
        Effect::Assign(assignee) => return assign(connection, issue, assignee.as_ref(), at).await,
        Effect::Seen(_) | Effect::Bookmarked(_) | Effect::Subscribed(_) | Effect::SubscribeByActing => {
            return match actor.member {
                Some(member) => mark(connection, issue, member, effect, at).await,
                None => Ok(()),
            };
        }
        Effect::Public(public) => sqlx::query(
            "UPDATE issue SET is_public = $2, share_id = CASE WHEN $2 THEN COALESCE(share_id, $3) END WHERE id = $1",
        )
        .bind(issue)
        .bind(*public)
        .bind(Uuid::new_v4().simple().to_string()),
        Effect::Record(kind, data) => {
            return activity::record(connection, issue, *kind, actor, data, now).await.map(drop);
        }
    };
    statement.execute(connection).await.map(drop)
}

async fn resolve(
    connection: &mut SqliteConnection,
    issue: i64,
    target: &Target<Release, Commit>,
    actor: Actor,
    at: i64,
) -> Result<(), sqlx::Error> {
    let (kind, release, current, commit) = match target {
        Target::Now => {
            return sqlx::query("DELETE FROM resolution WHERE issue_id = $1")
                .bind(issue)
                .execute(connection)
                .await
                .map(drop);
        }
        Target::NextRelease(current) => {
            (ResolutionKind::InNextRelease, Some(current.id), Some(current.version.as_str()), None)
        }
        Target::InRelease(release) => (ResolutionKind::InRelease, Some(release.id), None, None),
        Target::InCommit(commit) => (ResolutionKind::InCommit, None, None, Some(commit.id)),
    };
    sqlx::query(
        "INSERT OR REPLACE INTO resolution
             (issue_id, kind, release_id, current_release_version, commit_id, actor_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(issue)
    .bind(kind)
    .bind(release)
    .bind(current)
    .bind(commit)
    .bind(actor.member)
    .bind(at)
    .execute(connection)
    .await
    .map(drop)
}

async fn snooze_issue(
    connection: &mut SqliteConnection,
    issue: i64,
    snooze: &Snooze,
    actor: Actor,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO snooze
             (issue_id, until_at, event_count, event_window, user_count, user_window,
              start_times_seen, start_user_count, actor_id, created_at)
         SELECT id, $2, $3, $4, $5, $6, times_seen, user_count, $7, $8 FROM issue WHERE id = $1",
    )
    .bind(issue)
    .bind(snooze.until(now).map(Timestamp::as_microsecond))
    .bind(snooze.count)
    .bind(snooze.window)
    .bind(snooze.user_count)
    .bind(snooze.user_window)
    .bind(actor.member)
    .bind(now.as_microsecond())
    .execute(connection)
    .await
    .map(drop)
}

async fn assign(
    connection: &mut SqliteConnection,
    issue: i64,
    assignee: Option<&Assignee>,
    at: i64,
) -> Result<(), sqlx::Error> {
    let (member, team) = match assignee {
        None => {
            return sqlx::query("DELETE FROM assignment WHERE issue_id = $1")
                .bind(issue)
                .execute(connection)
                .await
                .map(drop);
        }
        Some(Assignee::Member { id, .. }) => (Some(*id), None),
        Some(Assignee::Team { id }) => (None, Some(*id)),
    };
    sqlx::query(
        "INSERT OR REPLACE INTO assignment (issue_id, member_id, team_id, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(issue)
    .bind(member)
    .bind(team)
    .bind(at)
    .execute(&mut *connection)
    .await?;
    match member {
        Some(member) => activity::subscribe(connection, issue, member).await,
        None => Ok(()),
    }
}

/// Marks that belong to one member.
async fn mark(
    connection: &mut SqliteConnection,
    issue: i64,
    member: i64,
    effect: &Effect,
    at: i64,
) -> Result<(), sqlx::Error> {
    let statement = match effect {
        // Seen is a comparison with the last event, whose own clock may be ahead of ours.
        Effect::Seen(true) => sqlx::query(
            "INSERT OR REPLACE INTO issue_seen_by (issue_id, member_id, seen_at)
             SELECT id, $2, MAX($3, last_seen_at) FROM issue WHERE id = $1",
        )
        .bind(issue)
        .bind(member)
        .bind(at),
        Effect::Seen(false) => {
            sqlx::query("DELETE FROM issue_seen_by WHERE issue_id = $1 AND member_id = $2")
                .bind(issue)
                .bind(member)
        }
        Effect::Bookmarked(true) => {
            sqlx::query("INSERT OR IGNORE INTO issue_bookmark (issue_id, member_id) VALUES ($1, $2)")
                .bind(issue)
                .bind(member)
        }
        Effect::Bookmarked(false) => {
            sqlx::query("DELETE FROM issue_bookmark WHERE issue_id = $1 AND member_id = $2")
                .bind(issue)
                .bind(member)
        }
        Effect::Subscribed(active) => sqlx::query(
            "INSERT OR REPLACE INTO issue_subscription (issue_id, member_id, is_active) VALUES ($1, $2, $3)",
        )
        .bind(issue)
        .bind(member)
        .bind(*active),
        _ => return activity::subscribe(connection, issue, member).await,
    };
    statement.execute(connection).await.map(drop)
}

/// Deletes issues with everything that hangs off them. Later events of the same kind make new issues.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, issues: &[i64]) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM issue WHERE id IN (SELECT value FROM json_each($1))")
        .bind(super::issues_read::id_list(issues))
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}

/// Deletes issues and drops all their future events.
///
/// # Errors
/// When the database refuses.
pub async fn discard(pool: &SqlitePool, issues: &[i64]) -> Result<u64, sqlx::Error> {
    let ids = super::issues_read::id_list(issues);
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("UPDATE issue_hash SET issue_id = NULL WHERE issue_id IN (SELECT value FROM json_each($1))")
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    let done = sqlx::query("DELETE FROM issue WHERE id IN (SELECT value FROM json_each($1))")
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}
