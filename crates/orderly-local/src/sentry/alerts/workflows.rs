//! Looks at what happened to issues and tells apps what their alerts ask for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::condition::{Facts, Moment};
use crate::sentry::api::AppState;
use crate::sentry::api::alerts::workflow_shape::{hooked_event, hooked_rule};
use crate::sentry::api::error::ApiResult;
use crate::sentry::model::watch::HookResource;
use crate::sentry::store::deliveries::{self, NewDelivery};
use crate::sentry::store::log_positions::{self, Reader};
use crate::sentry::store::workflows::{self, Touched, Workflow};
use crate::sentry::webhooks::feed::listening;
use crate::sentry::webhooks::payload::{HookActor, envelope};

/// Looks at every event since the last call. Times are those of the events: it does not matter when this runs.
///
/// # Errors
/// When the database refuses; the same is tried again by the next call.
pub async fn run(state: &AppState) -> ApiResult<()> {
    let pool = state.pool();
    let mut rules = workflows::list(pool).await?;
    rules.retain(|workflow| workflow.enabled);
    if rules.is_empty() {
        return Ok(());
    }
    let Some(from) = log_positions::of(pool, Reader::Workflows).await? else { return Ok(()) };
    let until = log_positions::end(&mut *pool.acquire().await?).await?;
    if until == from {
        return Ok(());
    }
    let moments = workflows::moments(pool, from.activity, until.activity).await?;
    let mut fired: Vec<(&Workflow, Touched)> = Vec::new();
    for touched in workflows::touched(pool, from.event, until.event).await? {
        let mut happened: BTreeSet<Moment> =
            moments.get(&touched.issue).into_iter().flatten().copied().collect();
        if touched.issue > from.issue {
            happened.insert(Moment::FirstSeen);
        }
        for workflow in &rules {
            let again =
                fired.iter().any(|(known, other)| known.id == workflow.id && other.issue == touched.issue);
            if !again && fires(state, workflow, &touched, &happened).await? {
                fired.push((workflow, touched.clone()));
            }
        }
    }
    let mut told = Vec::new();
    for (workflow, touched) in &fired {
        told.extend(tell(state, workflow, touched).await?);
    }
    let now = state.clock().now();
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    for (workflow, touched) in &fired {
        workflows::fired(&mut tx, workflow.id, touched.issue, &touched.event.1, touched.at).await?;
    }
    for delivery in &told {
        deliveries::add(&mut tx, delivery, now).await?;
    }
    log_positions::set(&mut tx, Reader::Workflows, until).await?;
    tx.commit().await?;
    Ok(())
}

async fn fires(
    state: &AppState,
    workflow: &Workflow,
    touched: &Touched,
    moments: &BTreeSet<Moment>,
) -> ApiResult<bool> {
    let rule = &workflow.rule;
    let environment = rule.environment.as_ref();
    let elsewhere = environment.is_some_and(|name| *name != touched.environment.1);
    if elsewhere || !(rule.projects.is_empty() || rule.projects.contains(&touched.project)) {
        return Ok(false);
    }
    let pool = state.pool();
    let mut counts = BTreeMap::new();
    for stretch in rule.stretches() {
        let environment = environment.map(|_| touched.environment.0);
        counts
            .insert(stretch, workflows::count(pool, touched.issue, environment, stretch, touched.at).await?);
    }
    let facts = Facts {
        moments: moments.clone(),
        times_seen: touched.times_seen,
        priority: touched.priority,
        level: touched.level,
        tags: touched.tags.clone(),
        counts,
    };
    if !rule.holds(&facts) {
        return Ok(false);
    }
    let quiet_since = touched.at.checked_sub(SignedDuration::from_mins(rule.frequency)).unwrap_or(touched.at);
    Ok(!workflows::fired_since(pool, workflow.id, touched.issue, quiet_since).await?)
}

async fn tell(state: &AppState, workflow: &Workflow, touched: &Touched) -> ApiResult<Vec<NewDelivery>> {
    let mut apps = listening(state.pool(), HookResource::EventAlert).await?;
    apps.retain(|app| workflow.rule.tells(&app.slug, &app.installation));
    if apps.is_empty() {
        return Ok(Vec::new());
    }
    let Some(event) = hooked_event(state, touched.event.0).await? else { return Ok(Vec::new()) };
    let data: Value = json!({
        "event": event,
        "triggered_rule": workflow.name,
        "issue_alert": hooked_rule(workflow),
    });
    Ok(apps
        .into_iter()
        .map(|app| NewDelivery {
            app: app.id,
            resource: HookResource::EventAlert,
            action: "triggered",
            body: envelope("triggered", &app.installation, &data, &HookActor::Sentry),
        })
        .collect())
}
