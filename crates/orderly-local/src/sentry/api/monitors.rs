//! Monitors of scheduled jobs and their check-ins.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::{missing, read_slug, slugify};
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::monitors::schedule::Config;
use crate::sentry::store::monitors::{self, Monitor, Place, Run};
use crate::sentry::store::projects;

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/monitors/", get(list).post(create))
        .route("/organizations/{org}/monitors/{monitor}/", get(detail).put(update).delete(remove))
        .route("/organizations/{org}/monitors/{monitor}/checkins/", get(check_ins))
        .route("/projects/{org}/{project}/monitors/{monitor}/", get(detail_in_project))
        .route("/projects/{org}/{project}/monitors/{monitor}/checkins/", get(check_ins_in_project))
}

async fn named(state: &AppState, slug_or_guid: &str) -> ApiResult<Monitor> {
    let all = monitors::list(state.pool()).await?;
    let found = all.into_iter().find(|known| known.slug == slug_or_guid || known.guid == slug_or_guid);
    found.ok_or_else(missing)
}

async fn shown(state: &AppState, monitor: &Monitor) -> ApiResult<Value> {
    let project = projects::find(state.pool(), &monitor.project.to_string()).await?.ok_or_else(missing)?;
    let places = monitors::places(state.pool(), monitor.id).await?;
    Ok(json!({
        "id": monitor.guid,
        "slug": monitor.slug,
        "name": monitor.name,
        "type": "cron_job",
        "status": if monitor.is_active { "active" } else { "disabled" },
        "isMuted": false,
        "isUpserting": false,
        "config": config(&monitor.config),
        "dateCreated": monitor.created_at,
        "project": {
            "id": project.id.to_string(),
            "slug": project.slug,
            "name": project.name,
            "platform": project.platform,
        },
        "owner": null,
        "lastCheckIn": places.iter().filter_map(|place| place.last_check_in).max(),
        "nextCheckIn": places.iter().filter_map(|place| place.next_check_in).min(),
        "environments": places.iter().map(environment).collect::<Vec<_>>(),
    }))
}

fn config(config: &Config) -> Value {
    let mut shown = json!(config);
    shown["alert_rule_id"] = Value::Null;
    shown
}

fn environment(place: &Place) -> Value {
    let incident = place
        .incident_at
        .map(|since| json!({"startingTimestamp": since, "resolvingTimestamp": null, "brokenNotice": null}));
    json!({
        "name": place.name,
        "status": place.status,
        "isMuted": false,
        "dateCreated": place.created_at,
        "lastCheckIn": place.last_check_in,
        "nextCheckIn": place.next_check_in,
        "nextCheckInLatest": place.next_latest,
        "activeIncident": incident,
    })
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let projects = asked.state.projects_in(&params).await?;
    let query = params.first("query").unwrap_or_default().to_lowercase();
    let mut rendered = Vec::new();
    for monitor in monitors::list(asked.state.pool()).await? {
        let named = monitor.slug.contains(&query) || monitor.name.to_lowercase().contains(&query);
        if named && (projects.is_empty() || projects.contains(&monitor.project)) {
            rendered.push(shown(&asked.state, &monitor).await?);
        }
    }
    Ok(Paged::from_whole(rendered, &page))
}

async fn detail(asked: Asked, Path((_, monitor)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let monitor = named(&asked.state, &monitor).await?;
    shown(&asked.state, &monitor).await.map(Json)
}

async fn detail_in_project(
    asked: Asked,
    Path((org, project, monitor)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    asked.state.project(&asked.org, &project).await?;
    detail(asked, Path((org, monitor))).await
}

#[derive(Debug, Deserialize)]
struct MonitorBody {
    name: Option<String>,
    slug: Option<String>,
    project: Option<String>,
    config: Option<Config>,
    /// `active` or `disabled`.
    status: Option<String>,
}

impl MonitorBody {
    fn config(&self) -> ApiResult<Option<&Config>> {
        match self.config.as_ref().and_then(Config::problem) {
            Some(problem) => Err(ApiError::invalid_field("config", problem)),
            None => Ok(self.config.as_ref()),
        }
    }
}

async fn create(asked: Asked, JsonBody(body): JsonBody<MonitorBody>) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::WriteAlerts).await?;
    let name = body.name.clone().unwrap_or_default();
    let slug = body.slug.clone().unwrap_or_else(|| slugify(&name));
    let slug = read_slug("slug", &slug)?;
    let config =
        body.config()?.ok_or_else(|| ApiError::invalid_field("config", "This field is required."))?;
    let project = asked.state.projects_named("project", body.project.as_slice()).await?;
    let project =
        project.first().ok_or_else(|| ApiError::invalid_field("project", "This field is required."))?;
    let now = asked.state.clock().now();
    let mut tx = asked.state.pool().begin_with("BEGIN IMMEDIATE").await?;
    if monitors::by_slug(&mut tx, slug).await?.is_some() {
        return Err(ApiError::invalid_field("slug", format!("The slug \"{slug}\" is already in use.")));
    }
    let called = if name.trim().is_empty() { slug } else { name.trim() };
    monitors::save(&mut tx, *project, (slug, called), config, now).await?;
    tx.commit().await?;
    let made = named(&asked.state, slug).await?;
    Ok((StatusCode::CREATED, Json(shown(&asked.state, &made).await?)))
}

async fn update(
    asked: Asked,
    Path((_, monitor)): Path<(String, String)>,
    JsonBody(body): JsonBody<MonitorBody>,
) -> ApiResult<Json<Value>> {
    asked.organization(Access::WriteAlerts).await?;
    let known = named(&asked.state, &monitor).await?;
    let config = body.config()?.unwrap_or(&known.config);
    let name = body.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&known.name);
    let now = asked.state.clock().now();
    let mut connection = asked.state.pool().acquire().await?;
    monitors::save(&mut connection, known.project, (&known.slug, name), config, now).await?;
    drop(connection);
    match body.status.as_deref() {
        Some("active") => monitors::set_active(asked.state.pool(), known.id, true).await?,
        Some("disabled") => monitors::set_active(asked.state.pool(), known.id, false).await?,
        Some(_) => return Err(ApiError::invalid_field("status", "Use active or disabled.")),
        None => {}
    }
    let changed = named(&asked.state, &known.slug).await?;
    shown(&asked.state, &changed).await.map(Json)
}

async fn remove(asked: Asked, Path((_, monitor)): Path<(String, String)>) -> ApiResult<StatusCode> {
    asked.organization(Access::WriteAlerts).await?;
    let known = named(&asked.state, &monitor).await?;
    monitors::delete(asked.state.pool(), known.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check_ins(
    asked: Asked,
    Path((_, monitor)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadAlerts).await?;
    let monitor = named(&asked.state, &monitor).await?;
    let runs = monitors::runs(asked.state.pool(), monitor.id, page.fetch(), page.offset()).await?;
    let shown = runs.iter().map(|(run, environment)| render_run(&monitor, run, environment));
    Ok(Paged::from_overfetched(shown.collect(), &page))
}

async fn check_ins_in_project(
    asked: Asked,
    Path((org, project, monitor)): Path<(String, String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    asked.state.project(&asked.org, &project).await?;
    check_ins(asked, Path((org, monitor)), page).await
}

fn render_run(monitor: &Monitor, run: &Run, environment: &str) -> Value {
    json!({
        "id": run.guid,
        "environment": environment,
        "status": run.status,
        "duration": run.duration,
        "dateCreated": run.added_at,
        "dateAdded": run.added_at,
        "dateUpdated": run.updated_at,
        "dateInProgress": null,
        "dateClock": run.added_at,
        "expectedTime": run.expected_at,
        "monitorConfig": config(&monitor.config),
    })
}
