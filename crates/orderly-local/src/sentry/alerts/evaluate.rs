//! Measures what metric alerts watch, opens and closes incidents, and tells apps.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::metric::{Compared, MetricRule};
use super::ticks::ticks;
use crate::sentry::api::AppState;
use crate::sentry::api::alerts::metric_shape::{hooked_incident, title};
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::issues::selection::{Period, Selection};
use crate::sentry::explore::field::Field;
use crate::sentry::explore::{Dataset, ExploreError, filter};
use crate::sentry::model::watch::{AlarmWord, HookResource};
use crate::sentry::search::Fragment;
use crate::sentry::store::deliveries::{self, NewDelivery};
use crate::sentry::store::detectors::{self, Detector, Incident};
use crate::sentry::store::environments::{self, Visibility};
use crate::sentry::store::explore::{Question, ask};
use crate::sentry::store::organization;
use crate::sentry::webhooks::feed::listening;
use crate::sentry::webhooks::payload::{HookActor, envelope};

/// Evaluates every metric alert for each minute up to `now` that it has not been evaluated for.
///
/// # Errors
/// When the database refuses.
pub async fn evaluate(state: &AppState, now: Timestamp) -> ApiResult<()> {
    for (detector, rule) in detectors::enabled_metrics(state.pool()).await? {
        let moments = ticks(detector.evaluated_at, now, rule.minutes);
        // A clock that was set back begins again from there.
        let set_back = (now < detector.evaluated_at).then_some(now);
        let Some(until) = moments.last().copied().or(set_back) else { continue };
        for at in moments {
            measure(state, &detector, &rule, at).await?;
        }
        let mut connection = state.pool().acquire().await?;
        detectors::evaluated(&mut connection, detector.id, until).await?;
    }
    Ok(())
}

async fn measure(state: &AppState, detector: &Detector, rule: &MetricRule, at: Timestamp) -> ApiResult<()> {
    let value = value(state, detector.project.0, rule, at).await?;
    let earlier = match rule.compared {
        Compared::Value => 0.0,
        Compared::Percent { earlier } => {
            let then = at.checked_sub(SignedDuration::from_mins(earlier)).unwrap_or(Timestamp::UNIX_EPOCH);
            self::value(state, detector.project.0, rule, then).await?
        }
    };
    let Some(measured) = rule.measured(value, earlier) else { return Ok(()) };
    let mut connection = state.pool().acquire().await?;
    let open = detectors::open_incident(&mut connection, detector.id).await?;
    drop(connection);
    let was = open.as_ref().map(|incident| incident.alarm);
    let alarm = rule.judge(measured, was.map_or(super::metric::Alarm::Quiet, AlarmWord::alarm));
    if AlarmWord::of(alarm) == was {
        return Ok(());
    }
    let apps = listening(state.pool(), HookResource::MetricAlert).await?;
    let mut tx = state.pool().begin_with("BEGIN IMMEDIATE").await?;
    let changed = detectors::set_alarm(&mut tx, detector.id, open.as_ref(), (alarm, measured), at).await?;
    if let Some(incident) = changed {
        let (action, data) = told(state, detector, rule, &incident).await?;
        for app in apps {
            let body = envelope(action, &app.installation, &data, &HookActor::Sentry);
            let delivery = NewDelivery { app: app.id, resource: HookResource::MetricAlert, action, body };
            deliveries::add(&mut tx, &delivery, state.clock().now()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What apps are told of an incident.
async fn told(
    state: &AppState,
    detector: &Detector,
    rule: &MetricRule,
    incident: &Incident,
) -> ApiResult<(&'static str, Value)> {
    let action = match (incident.closed_at, incident.alarm) {
        (Some(_), _) => "resolved",
        (None, AlarmWord::Warning) => "warning",
        (None, AlarmWord::Critical) => "critical",
    };
    let organizations = organization::list(state.pool()).await?;
    let org =
        organizations.into_iter().next().ok_or_else(|| ApiError::not_found("There is no organization"))?;
    let name = title(detector);
    let text = format!("{} {} in the last {} minutes", incident.value, rule.aggregate, rule.minutes);
    let heading = match action {
        "resolved" => format!("Resolved: {name}"),
        "critical" => format!("Critical: {name}"),
        _ => format!("Warning: {name}"),
    };
    let web =
        format!("{}/organizations/{}/alerts/rules/details/{}/", state.base_url(), org.slug, detector.id);
    Ok((
        action,
        json!({
            "metric_alert": hooked_incident(&org, detector, rule, incident),
            "description_title": heading,
            "description_text": text,
            "web_url": web,
        }),
    ))
}

/// Why a rule can never be measured.
///
/// # Errors
/// What does not read, or cannot be measured of this data.
pub fn check(rule: &MetricRule, now: Timestamp) -> Result<(), ExploreError> {
    let dataset: Dataset = rule.dataset.parse()?;
    filter::compile(dataset, &rule.query, now)?;
    match Field::parse(dataset, &rule.aggregate)? {
        Field::Function(_) => Ok(()),
        Field::Column(_) => Err(ExploreError::NotHere(rule.aggregate.clone(), "an alert watches a function")),
    }
}

/// The aggregate over the window that ends at this moment.
async fn value(state: &AppState, project: i64, rule: &MetricRule, until: Timestamp) -> ApiResult<f64> {
    let dataset: Dataset = rule.dataset.parse()?;
    let filter = filter::compile(dataset, &rule.query, until)?;
    let environments = match &rule.environment {
        None => None,
        Some(name) => {
            let known = environments::list(state.pool(), None, Visibility::All).await?;
            Some(
                known
                    .into_iter()
                    .filter(|known| known.name == *name)
                    .map(|known| known.id)
                    .collect::<Vec<_>>(),
            )
        }
    };
    // An environment that no event ever had: there is none of it.
    if environments.as_ref().is_some_and(Vec::is_empty) {
        return Ok(0.0);
    }
    let from = until.checked_sub(SignedDuration::from_mins(rule.minutes)).unwrap_or(Timestamp::UNIX_EPOCH);
    let period = Period { from, until: Some(until), now: until };
    let selection = Selection { projects: vec![project], environments, period };
    let question = Question {
        dataset,
        fields: vec![Field::parse(dataset, &rule.aggregate)?],
        condition: Fragment::all([selection.event_condition(), filter.rows]),
        groups: filter.groups,
        order: Vec::new(),
        offset: 0,
        limit: 1,
        seconds: (rule.minutes * 60) as f64,
    };
    let rows = ask(state.pool(), &question).await?;
    Ok(rows.first().and_then(|row| row.first()).and_then(Value::as_f64).unwrap_or(0.0))
}
