//! Issue alerts as JSON: workflows, rules of the older API, and what webhooks say.

use serde_json::{Map, Value, json};

use crate::sentry::alerts::condition::{Condition, Place, as_rule, as_workflow};
use crate::sentry::api::AppState;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::issues::only_organization;
use crate::sentry::search::Fragment;
use crate::sentry::store::events_read::{self, End};
use crate::sentry::store::organization::Organization;
use crate::sentry::store::workflows::Workflow;

/// A workflow; `detectors` are those of the errors of its projects.
pub fn workflow(org: &Organization, workflow: &Workflow, detectors: &[i64]) -> Value {
    let id = workflow.id.to_string();
    let rule = &workflow.rule;
    let group = |part: &str, logic: &str, conditions: &[Condition]| {
        let shown: Vec<Value> = conditions
            .iter()
            .enumerate()
            .map(|(n, condition)| {
                let (kind, comparison) = as_workflow(condition);
                json!({
                    "id": format!("{id}-{part}-{n}"),
                    "type": kind,
                    "comparison": comparison,
                    "conditionResult": true,
                })
            })
            .collect();
        json!({
            "id": format!("{id}-{part}"),
            "organizationId": org.id.to_string(),
            "logicType": logic,
            "conditions": shown,
            "actions": [],
        })
    };
    let mut filters = group("filter", rule.filter_match.as_str(), &rule.filters);
    filters["actions"] = json!(rule.actions);
    json!({
        "id": id,
        "name": workflow.name,
        "organizationId": org.id.to_string(),
        "createdBy": workflow.created_by.map(|id| id.to_string()),
        "dateCreated": workflow.created_at,
        "dateUpdated": workflow.updated_at,
        "triggers": group("trigger", logic_of_triggers(workflow), &rule.conditions),
        "actionFilters": [filters],
        "environment": rule.environment,
        "config": {"frequency": rule.frequency},
        "detectorIds": detectors.iter().map(i64::to_string).collect::<Vec<_>>(),
        "enabled": workflow.enabled,
        "lastTriggered": workflow.last_triggered,
        "owner": null,
    })
}

fn logic_of_triggers(workflow: &Workflow) -> &'static str {
    match workflow.rule.condition_match.as_str() {
        "any" => "any-short",
        other => other,
    }
}

/// A rule of the older API.
pub fn rule(workflow: &Workflow, project: &str) -> Value {
    let rule = &workflow.rule;
    let shown = |conditions: &[Condition], place| -> Vec<Value> {
        conditions.iter().map(|condition| as_rule(condition, place)).collect()
    };
    json!({
        "id": workflow.id.to_string(),
        "name": workflow.name,
        "conditions": shown(&rule.conditions, Place::Conditions),
        "filters": shown(&rule.filters, Place::Filters),
        "actions": rule.actions,
        "actionMatch": rule.condition_match.as_str(),
        "filterMatch": rule.filter_match.as_str(),
        "frequency": rule.frequency,
        "environment": rule.environment,
        "projects": [project],
        "owner": null,
        "createdBy": null,
        "dateCreated": workflow.created_at,
        "lastTriggered": workflow.last_triggered,
        "status": if workflow.enabled { "active" } else { "disabled" },
        "snooze": false,
        "type": "rule",
    })
}

/// An issue alert as webhooks name it.
pub fn hooked_rule(workflow: &Workflow) -> Value {
    json!({"id": workflow.id.to_string(), "title": workflow.name, "settings": []})
}

/// An event as webhooks carry it: as it was sent, in snake case, with what the server knows besides. `None` when it
/// is gone.
///
/// # Errors
/// When the database refuses.
pub async fn hooked_event(state: &AppState, row: i64) -> ApiResult<Option<Map<String, Value>>> {
    let condition = Fragment::new("event.id = ").int(row);
    let Some(event) = events_read::at_end(state.pool(), &condition, End::Newest).await? else {
        return Ok(None);
    };
    let org = only_organization(state).await?;
    let (issue, id) = (event.issue, &event.id);
    let api = format!("{}/api/0", state.base_url());
    let mut shown = event.payload.clone();
    let known = json!({
        "event_id": id,
        "project": event.project,
        "title": event.title,
        "culprit": event.culprit,
        "location": event.location,
        "level": event.level,
        "type": event.kind,
        "platform": event.platform,
        "metadata": event.metadata,
        "datetime": event.occurred_at,
        "timestamp": event.occurred_at.as_second(),
        "received": event.received_at.as_second(),
        "tags": event.tags,
        "hashes": event.hashes,
        "issue_id": issue.to_string(),
        "issue_url": format!("{api}/issues/{issue}/"),
        "url": format!("{api}/projects/{org}/{}/events/{id}/", event.project_slug),
        "web_url": format!("{}events/{id}/", state.issue_permalink(&org, issue)),
    });
    if let Value::Object(known) = known {
        shown.extend(known);
    }
    Ok(Some(shown))
}
