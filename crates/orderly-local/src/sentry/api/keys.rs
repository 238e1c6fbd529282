//! DSN keys.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::missing;
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::store::keys::{self, KeyRateLimit, ProjectKey};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/projects/{org}/{project}/keys/", get(of_project).post(create))
        .route("/projects/{org}/{project}/keys/{key}/", get(detail).put(change))
        .route("/organizations/{org}/project-keys/", get(of_organization))
}

async fn of_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    list(&asked.state, Some(project.id), &page, &params).await
}

async fn of_organization(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    list(&asked.state, None, &page, &params).await
}

async fn list(
    state: &AppState,
    project: Option<i64>,
    page: &PageRequest,
    params: &Params,
) -> ApiResult<Paged<Value>> {
    let mut keys = keys::list(state.pool(), project).await?;
    match params.first("status") {
        Some("active") => keys.retain(|key| key.is_active),
        Some("inactive") => keys.retain(|key| !key.is_active),
        _ => {}
    }
    Ok(Paged::from_whole(keys.iter().map(|key| render(state, key)).collect(), page))
}

async fn detail(
    asked: Asked,
    Path((_, project, key)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    let key = keys::find(asked.state.pool(), project.id, &key).await?.ok_or_else(missing)?;
    Ok(Json(render(&asked.state, &key)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyBody {
    name: Option<String>,
    is_active: Option<bool>,
    /// Outer `None`: not mentioned. Inner `None`: null, no limit.
    #[serde(default, deserialize_with = "mentioned")]
    rate_limit: Option<Option<RateLimitBody>>,
}

fn mentioned<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct RateLimitBody {
    count: i64,
    window: i64,
}

impl RateLimitBody {
    fn read(self) -> ApiResult<Option<KeyRateLimit>> {
        if self.count < 0 || self.window < 0 {
            return Err(ApiError::invalid_field("rateLimit", "Ensure these values are not below 0."));
        }
        let limited = self.count > 0 && self.window > 0;
        Ok(limited.then_some(KeyRateLimit { count: self.count, window: self.window }))
    }
}

async fn create(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    JsonBody(body): JsonBody<KeyBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = asked.project(&project, Access::WriteProjects).await?;
    let label = body.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or("Default");
    let limit = body.rate_limit.flatten().map(RateLimitBody::read).transpose()?.flatten();
    let key = keys::create(asked.state.pool(), project.id, label, limit, asked.state.clock().now()).await?;
    Ok((StatusCode::CREATED, Json(render(&asked.state, &key))))
}

async fn change(
    asked: Asked,
    Path((_, project, key)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<KeyBody>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::WriteProjects).await?;
    let mut key = keys::find(asked.state.pool(), project.id, &key).await?.ok_or_else(missing)?;
    if let Some(name) = body.name {
        key.label = name;
    }
    if let Some(is_active) = body.is_active {
        key.is_active = is_active;
    }
    if let Some(limit) = body.rate_limit {
        key.rate_limit = limit.map(RateLimitBody::read).transpose()?.flatten();
    }
    keys::save(asked.state.pool(), &key).await?;
    Ok(Json(render(&asked.state, &key)))
}

fn render(state: &AppState, key: &ProjectKey) -> Value {
    let base = state.base_url();
    let host = base.strip_prefix("http://").unwrap_or(base);
    let ProjectKey { project_id, public_key, secret_key, .. } = key;
    let api = format!("{base}/api/{project_id}");
    json!({
        "id": public_key,
        "name": key.label,
        "label": key.label,
        "public": public_key,
        "secret": secret_key,
        "projectId": project_id,
        "isActive": key.is_active,
        "rateLimit": key.rate_limit.map(|limit| json!({"count": limit.count, "window": limit.window})),
        "dsn": {
            "public": format!("http://{public_key}@{host}/{project_id}"),
            "secret": format!("http://{public_key}:{secret_key}@{host}/{project_id}"),
            "csp": format!("{api}/csp-report/?sentry_key={public_key}"),
            "security": format!("{api}/security/?sentry_key={public_key}"),
            "minidump": format!("{api}/minidump/?sentry_key={public_key}"),
            "nel": format!("{api}/nel/?sentry_key={public_key}"),
            "unreal": format!("{api}/unreal/{public_key}/"),
            "crons": format!("{api}/cron/___MONITOR_SLUG___/{public_key}/"),
            "cdn": format!("{base}/js-sdk-loader/{public_key}.min.js"),
            "playstation": format!("{api}/playstation/?sentry_key={public_key}"),
            "integration": format!("{api}/integration/"),
            "otlp_traces": format!("{api}/integration/otlp/v1/traces"),
            "otlp_logs": format!("{api}/integration/otlp/v1/logs"),
        },
        "browserSdkVersion": "10.x",
        "browserSdk": {"choices": [["10.x", "10.x"]]},
        "dateCreated": key.created_at,
        "dynamicSdkLoaderOptions": {
            "hasReplay": false,
            "hasPerformance": false,
            "hasDebug": false,
            "hasFeedback": false,
            "hasLogsAndMetrics": false,
        },
        "useCase": "user",
    })
}
