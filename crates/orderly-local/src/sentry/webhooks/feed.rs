//! From what was stored to deliveries: new issues and changes of issues, read in the order they were written.

use sqlx::SqlitePool;

use super::payload::{HookActor, envelope};
use crate::sentry::api::AppState;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::issues::hooked_issue;
use crate::sentry::model::ActivityKind;
use crate::sentry::model::watch::HookResource;
use crate::sentry::store::activity;
use crate::sentry::store::deliveries::{self, NewDelivery};
use crate::sentry::store::log_positions::{self, Position, Reader};
use crate::sentry::store::sentry_apps::{self, App};

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

/// Puts everything that happened since the last call on its way to the apps that want to know of it.
///
/// # Errors
/// When the database refuses; the same is tried again by the next call.
pub async fn collect(state: &AppState) -> ApiResult<()> {
    loop {
        let apps = listening(state.pool(), HookResource::Issue).await?;
        let Some(from) = log_positions::of(state.pool(), Reader::Webhooks).await? else { return Ok(()) };
        let happened = read(state.pool(), from).await?;
        if happened.is_empty() {
            return Ok(());
        }
        let mut position = from;
        let mut made = Vec::new();
        for one in &happened {
            position.issue = position.issue.max(one.issue_row);
            position.activity = position.activity.max(one.activity_row);
            if apps.is_empty() {
                continue;
            }
            let Some(action) = one.action else { continue };
            let Some(issue) = hooked_issue(state, one.issue).await? else { continue };
            let data = serde_json::json!({ "issue": issue });
            made.extend(apps.iter().map(|app| NewDelivery {
                app: app.id,
                resource: HookResource::Issue,
                action,
                body: envelope(action, &app.installation, &data, &one.actor),
            }));
        }
        let now = state.clock().now();
        let mut tx = state.pool().begin_with("BEGIN IMMEDIATE").await?;
        for delivery in &made {
            deliveries::add(&mut tx, delivery, now).await?;
        }
        log_positions::set(&mut tx, Reader::Webhooks, position).await?;
        tx.commit().await?;
    }
}

/// The apps that want to know of this and can be told.
///
/// # Errors
/// When the database refuses.
pub async fn listening(pool: &SqlitePool, resource: HookResource) -> Result<Vec<App>, sqlx::Error> {
    let mut apps = sentry_apps::list(pool).await?;
    apps.retain(|app| {
        app.webhook.as_ref().is_some_and(|hook| {
            let wanted = match resource {
                HookResource::EventAlert | HookResource::MetricAlert => {
                    hook.alerts == sentry_apps::Alerts::Told
                }
                HookResource::Issue | HookResource::Comment => hook.events.contains(&resource),
            };
            wanted && hook.disabled_at.is_none()
        })
    });
    Ok(apps)
}

/// Something that happened to an issue.
struct Happened {
    issue: i64,
    issue_row: i64,
    activity_row: i64,
    /// `None`: apps are not told of it.
    action: Option<&'static str>,
    actor: HookActor,
}

async fn read(pool: &SqlitePool, from: Position) -> Result<Vec<Happened>, sqlx::Error> {
    let issues: Vec<i64> = sqlx::query_scalar("SELECT id FROM issue WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(from.issue)
        .bind(AT_ONCE)
        .fetch_all(pool)
        .await?;
    let new = issues.into_iter().map(|id| Happened {
        issue: id,
        issue_row: id,
        activity_row: 0,
        action: Some("created"),
        actor: HookActor::Sentry,
    });
    let mut happened: Vec<Happened> = new.collect();
    for (issue, activity, actor) in activity::after(pool, from.activity, AT_ONCE).await? {
        happened.push(Happened {
            issue,
            issue_row: 0,
            activity_row: activity.id,
            action: action(activity.kind),
            actor,
        });
    }
    Ok(happened)
}

/// What apps are told of a change. Regressions and escalations are told as `unresolved`: the substatus says which.
const fn action(kind: ActivityKind) -> Option<&'static str> {
    match kind {
        ActivityKind::SetResolved
        | ActivityKind::SetResolvedInRelease
        | ActivityKind::SetResolvedInCommit
        | ActivityKind::SetResolvedInPullRequest
        | ActivityKind::SetResolvedByAge => Some("resolved"),
        ActivityKind::SetUnresolved | ActivityKind::SetRegression | ActivityKind::SetEscalating => {
            Some("unresolved")
        }
        ActivityKind::SetIgnored => Some("ignored"),
        ActivityKind::Assigned => Some("assigned"),
        _ => None,
    }
}
