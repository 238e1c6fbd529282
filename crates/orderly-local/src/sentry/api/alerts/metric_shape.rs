//! Metric alerts as JSON: detectors, rules of the older API, incidents.

use serde_json::{Value, json};

use crate::sentry::alerts::metric::{Compared, Direction, MetricRule};
use crate::sentry::model::watch::AlarmWord;
use crate::sentry::store::detectors::{Detector, Incident, Watches};
use crate::sentry::store::organization::Organization;

/// What an incident is called.
pub fn title(detector: &Detector) -> String {
    detector.name.clone()
}

/// A detector.
pub fn detector(org: &Organization, detector: &Detector, open: bool) -> Value {
    let id = detector.id.to_string();
    let metric = match &detector.watches {
        Watches::Errors => None,
        Watches::Metric(rule) => Some(rule),
    };
    json!({
        "id": id,
        "projectId": detector.project.0.to_string(),
        "projectSlug": detector.project.1,
        "name": detector.name,
        "description": null,
        "type": if metric.is_some() { "metric_issue" } else { "error" },
        "workflowIds": [],
        "owner": null,
        "createdBy": detector.created_by.map(|id| id.to_string()),
        "latestGroup": null,
        "alertRuleId": metric.map(|_| id.clone()),
        "ruleId": null,
        "dateCreated": detector.created_at,
        "dateUpdated": detector.updated_at,
        "dataSources": metric.map_or_else(Vec::new, |rule| vec![data_source(org, &id, rule)]),
        "conditionGroup": metric.map(|rule| json!({
            "id": id,
            "organizationId": org.id.to_string(),
            "logicType": "any",
            "conditions": conditions(rule),
            "actions": [],
        })),
        "config": metric.map_or_else(|| json!({}), config),
        "enabled": detector.enabled,
        "openIssues": i64::from(open),
    })
}

fn data_source(org: &Organization, id: &str, rule: &MetricRule) -> Value {
    json!({
        "id": id,
        "organizationId": org.id.to_string(),
        "type": "snuba_query_subscription",
        "sourceId": id,
        "queryObj": {
            "id": id,
            "status": 0,
            "subscription": null,
            "snubaQuery": {
                "id": id,
                "dataset": rule.dataset,
                "query": rule.query,
                "aggregate": rule.aggregate,
                "timeWindow": rule.minutes * 60,
                "environment": rule.environment,
                "eventTypes": event_types(rule),
                "extrapolationMode": "none",
            },
        },
    })
}

fn event_types(rule: &MetricRule) -> &'static [&'static str] {
    match rule.dataset.as_str() {
        "errors" | "events" => &["default", "error"],
        "transactions" | "generic_metrics" => &["transaction"],
        _ => &["trace_item_span"],
    }
}

fn config(rule: &MetricRule) -> Value {
    match rule.compared {
        Compared::Value => json!({"detectionType": "static", "comparisonDelta": null}),
        Compared::Percent { earlier } => json!({"detectionType": "percent", "comparisonDelta": earlier * 60}),
    }
}

/// Results: 75 is high, 50 medium, 0 fine.
fn conditions(rule: &MetricRule) -> Vec<Value> {
    let (bad, good) = match rule.direction {
        Direction::Above => ("gt", "lte"),
        Direction::Below => ("lt", "gte"),
    };
    let fine = rule.resolve.or(rule.warning).or(rule.critical);
    let each = [(bad, rule.critical, 75), (bad, rule.warning, 50), (good, fine, 0)];
    let shown = each.into_iter().enumerate().filter_map(|(n, (kind, threshold, result))| {
        let threshold = threshold?;
        Some(json!({"id": (n + 1).to_string(), "type": kind, "comparison": threshold, "conditionResult": result}))
    });
    shown.collect()
}

/// A rule of the older API.
pub fn rule(org: &Organization, detector: &Detector, rule: &MetricRule, open: Option<&Incident>) -> Value {
    json!({
        "id": detector.id.to_string(),
        "name": detector.name,
        "organizationId": org.id.to_string(),
        "status": i64::from(!detector.enabled),
        "queryType": 0,
        "dataset": rule.dataset,
        "query": rule.query,
        "aggregate": rule.aggregate,
        "eventTypes": event_types(rule),
        "thresholdType": rule.threshold_type(),
        "resolveThreshold": rule.resolve,
        "timeWindow": rule.minutes,
        "comparisonDelta": earlier(rule),
        "detectionType": if earlier(rule).is_some() { "percent" } else { "static" },
        "environment": rule.environment,
        "projects": [detector.project.1],
        "owner": null,
        "createdBy": null,
        "dateCreated": detector.created_at,
        "dateModified": detector.updated_at,
        "triggers": triggers(detector, rule),
        "latestIncident": open.map(|incident| incident_of(org, detector, rule, incident)),
        "type": "alert_rule",
        "snooze": false,
    })
}

fn earlier(rule: &MetricRule) -> Option<i64> {
    match rule.compared {
        Compared::Value => None,
        Compared::Percent { earlier } => Some(earlier),
    }
}

fn triggers(detector: &Detector, rule: &MetricRule) -> Vec<Value> {
    let each = [("critical", rule.critical), ("warning", rule.warning)];
    let shown = each.into_iter().filter_map(|(label, threshold)| {
        Some(json!({
            "id": format!("{}-{label}", detector.id),
            "alertRuleId": detector.id.to_string(),
            "label": label,
            "thresholdType": rule.threshold_type(),
            "alertThreshold": threshold?,
            "resolveThreshold": rule.resolve,
            "dateCreated": detector.created_at,
            "actions": [],
        }))
    });
    shown.collect()
}

fn status(incident: &Incident) -> i64 {
    if incident.closed_at.is_some() { 2 } else { incident.alarm.status() }
}

/// An incident.
pub fn incident(org: &Organization, detector: &Detector, metric: &MetricRule, incident: &Incident) -> Value {
    let mut shown = incident_of(org, detector, metric, incident);
    shown["alertRule"] = rule(org, detector, metric, None);
    shown
}

fn incident_of(org: &Organization, detector: &Detector, metric: &MetricRule, incident: &Incident) -> Value {
    json!({
        "id": incident.id.to_string(),
        "identifier": incident.id.to_string(),
        "organizationId": org.id.to_string(),
        "projects": [detector.project.1],
        "status": status(incident),
        "statusMethod": 3,
        "type": 2,
        "title": title(detector),
        "worst": incident.worst,
        "value": incident.value,
        "aggregate": metric.aggregate,
        "dateStarted": incident.started_at,
        "dateDetected": incident.started_at,
        "dateCreated": incident.started_at,
        "dateClosed": incident.closed_at,
        "activities": [],
    })
}

/// An incident as webhooks carry it.
pub fn hooked_incident(
    org: &Organization,
    detector: &Detector,
    rule: &MetricRule,
    incident: &Incident,
) -> Value {
    let triggers: Vec<Value> = [(AlarmWord::Critical, rule.critical), (AlarmWord::Warning, rule.warning)]
        .into_iter()
        .filter_map(|(label, threshold)| Some(json!({"label": label, "alert_threshold": threshold?})))
        .collect();
    json!({
        "id": incident.id.to_string(),
        "identifier": incident.id.to_string(),
        "organization_id": org.id.to_string(),
        "title": title(detector),
        "status": status(incident),
        "status_method": 3,
        "type": 2,
        "projects": [detector.project.1],
        "date_started": incident.started_at,
        "date_detected": incident.started_at,
        "date_created": incident.started_at,
        "date_closed": incident.closed_at,
        "alert_rule": {
            "id": detector.id.to_string(),
            "name": detector.name,
            "aggregate": rule.aggregate,
            "query": rule.query,
            "dataset": rule.dataset,
            "environment": rule.environment,
            "time_window": rule.minutes,
            "comparison_delta": earlier(rule),
            "threshold_type": rule.threshold_type(),
            "resolve_threshold": rule.resolve,
            "status": i64::from(!detector.enabled),
            "projects": [detector.project.1],
            "triggers": triggers,
            "date_created": detector.created_at,
            "date_modified": detector.updated_at,
        },
    })
}
