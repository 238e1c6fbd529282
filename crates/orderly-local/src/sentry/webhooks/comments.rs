//! Notes on issues, told to apps when they are written, changed or deleted.

use serde_json::json;

use super::feed::listening;
use super::payload::{HookActor, envelope};
use crate::sentry::api::AppState;
use crate::sentry::api::error::ApiResult;
use crate::sentry::model::watch::HookResource;
use crate::sentry::store::activity::Actor;
use crate::sentry::store::deliveries::{self, NewDelivery};
use crate::sentry::store::{issue_people, issues_read, sentry_apps};

/// A note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment<'a> {
    /// Row id of its issue.
    pub issue: i64,
    /// Its id.
    pub id: i64,
    /// What it says, or said.
    pub text: &'a str,
}

/// Tells the apps that want to know.
///
/// # Errors
/// When the database refuses.
pub async fn tell(
    state: &AppState,
    action: &'static str,
    comment: Comment<'_>,
    actor: Actor,
) -> ApiResult<()> {
    let apps = listening(state.pool(), HookResource::Comment).await?;
    if apps.is_empty() {
        return Ok(());
    }
    let issues = issues_read::load(state.pool(), &[comment.issue], None).await?;
    let Some(issue) = issues.first() else { return Ok(()) };
    let now = state.clock().now();
    let data = json!({
        "comment": comment.text,
        "comment_id": comment.id,
        "issue_id": comment.issue,
        "project_slug": issue.project.slug,
        "timestamp": now,
    });
    let actor = who(state, actor).await?;
    let mut tx = state.pool().begin_with("BEGIN IMMEDIATE").await?;
    for app in apps {
        let body = envelope(action, &app.installation, &data, &actor);
        let delivery = NewDelivery { app: app.id, resource: HookResource::Comment, action, body };
        deliveries::add(&mut tx, &delivery, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn who(state: &AppState, actor: Actor) -> ApiResult<HookActor> {
    if let Some(id) = actor.app {
        let apps = sentry_apps::list(state.pool()).await?;
        if let Some(app) = apps.into_iter().find(|app| app.id == id) {
            return Ok(HookActor::App(app.uuid, app.name));
        }
    }
    let members: Vec<i64> = actor.member.into_iter().collect();
    let found = issue_people::members(state.pool(), &members).await?;
    Ok(found.values().next().map_or(HookActor::Sentry, HookActor::member))
}
