//! The audit log: who changed which setting. Every change over the web API that Sentry would log is written down by
//! one layer, from what was asked and what was answered; changes of issues are in the issues' own history.

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, TokenHash, bearer};
use super::error::ApiResult;
use super::issues::selection::Selection;
use super::members::render_user;
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::store::audit::{self, Entry, NewEntry};
use crate::sentry::store::{issue_people, tokens};

/// How far back the log goes when the client does not say.
const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Answers to changes are small; of a larger one the target is not read.
const LARGEST_ANSWER: usize = 1 << 20;

/// What is logged: the method, the route below `/api/0`, the event.
const LOGGED: &[(Method, &str, &str)] = &[
    (Method::PUT, "/organizations/{org}/", "org.edit"),
    (Method::POST, "/organizations/{org}/projects/", "project.create"),
    (Method::POST, "/teams/{org}/{team}/projects/", "project.create"),
    (Method::PUT, "/projects/{org}/{project}/", "project.edit"),
    (Method::DELETE, "/projects/{org}/{project}/", "project.remove"),
    (Method::POST, "/organizations/{org}/teams/", "team.create"),
    (Method::POST, "/organizations/{org}/members/", "member.invite"),
    (Method::POST, "/projects/{org}/{project}/keys/", "projectkey.create"),
    (Method::PUT, "/projects/{org}/{project}/keys/{key}/", "projectkey.edit"),
    (Method::DELETE, "/projects/{org}/{project}/keys/{key}/", "projectkey.remove"),
    (Method::PUT, "/projects/{org}/{project}/ownership/", "project.ownership-rule.edit"),
    (Method::POST, "/sentry-apps/", "sentry-app.add"),
    (Method::PUT, "/sentry-apps/{app}/", "sentry-app.edit"),
    (Method::DELETE, "/sentry-apps/{app}/", "sentry-app.remove"),
    (Method::POST, "/organizations/{org}/monitors/", "monitor.add"),
    (Method::PUT, "/organizations/{org}/monitors/{monitor}/", "monitor.edit"),
    (Method::DELETE, "/organizations/{org}/monitors/{monitor}/", "monitor.remove"),
    (Method::POST, "/organizations/{org}/projects/{project}/detectors/", "detector.add"),
    (Method::PUT, "/organizations/{org}/detectors/{detector}/", "detector.edit"),
    (Method::DELETE, "/organizations/{org}/detectors/{detector}/", "detector.remove"),
    (Method::POST, "/organizations/{org}/alert-rules/", "alertrule.create"),
    (Method::PUT, "/organizations/{org}/alert-rules/{rule}/", "alertrule.edit"),
    (Method::DELETE, "/organizations/{org}/alert-rules/{rule}/", "alertrule.remove"),
    (Method::POST, "/organizations/{org}/workflows/", "workflow.add"),
    (Method::PUT, "/organizations/{org}/workflows/{workflow}/", "workflow.edit"),
    (Method::DELETE, "/organizations/{org}/workflows/{workflow}/", "workflow.remove"),
    (Method::POST, "/projects/{org}/{project}/rules/", "rule.create"),
    (Method::PUT, "/projects/{org}/{project}/rules/{rule}/", "rule.edit"),
    (Method::DELETE, "/projects/{org}/{project}/rules/{rule}/", "rule.remove"),
    (Method::DELETE, "/organizations/{org}/issues/", "issue.delete"),
    (Method::DELETE, "/organizations/{org}/issues/{issue}/", "issue.delete"),
    (Method::DELETE, "/projects/{org}/{project}/issues/", "issue.delete"),
];

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/audit-logs/", get(list))
}

/// Writes down what a request changed.
pub async fn log(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let event = route.as_deref().and_then(|route| logged(request.method(), route));
    let Some(event) = event else { return next.run(request).await };
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_ANSWER).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let answer = serde_json::from_slice(&bytes).unwrap_or_default();
    if let Err(error) = write(&state, event, &headers, &uri, &answer).await {
        tracing::error!(%error, event, "the audit log could not be written");
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn logged(method: &Method, route: &str) -> Option<&'static str> {
    let route = route.strip_prefix("/api/0").unwrap_or(route);
    LOGGED.iter().find(|(known, path, _)| known == method && *path == route).map(|(_, _, event)| *event)
}

async fn write(
    state: &AppState,
    event: &'static str,
    headers: &HeaderMap,
    uri: &Uri,
    answer: &Map<String, Value>,
) -> Result<(), sqlx::Error> {
    let now = state.clock().now();
    let token = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()).and_then(bearer);
    let caller = match token {
        Some(token) => tokens::find(state.pool(), &TokenHash::of(token), now).await?,
        None => None,
    };
    let text = |key: &str| match answer.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    // What was deleted is only named in the address.
    let in_path = uri.path().trim_end_matches('/').rsplit('/').next().map(str::to_owned);
    let target = text("id").or_else(|| text("uuid")).or(in_path);
    let called = text("slug").or_else(|| text("name")).or_else(|| target.clone()).unwrap_or_default();
    let entry = NewEntry {
        event,
        member: caller.as_ref().and_then(|caller| caller.member),
        target: target.as_deref(),
        note: &format!("{event} {called}"),
        data: &json!({"name": text("name"), "slug": text("slug")}),
    };
    audit::write(state.pool(), &entry, now).await
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<(HeaderMap, Json<Value>)> {
    asked.organization(Access::ReadAuditLog).await?;
    let period = Selection::read(&asked.state, &params, DEFAULT_PERIOD).await?.period;
    let event = params.first_non_empty("event");
    let actor = params.first_non_empty("actor").and_then(|id| id.parse().ok());
    let found = audit::list(asked.state.pool(), (period.from, period.end()), event, actor).await?;
    let members: Vec<i64> = found.iter().filter_map(|entry| entry.member).collect();
    let members = issue_people::members(asked.state.pool(), &members).await?;
    let shown = found.iter().map(|entry| {
        let actor = entry.member.and_then(|id| members.get(&id)).map(render_user);
        render(entry, actor)
    });
    let page = Paged::from_whole(shown.collect(), &page);
    let mut options: Vec<&str> = LOGGED.iter().map(|(_, _, event)| *event).collect();
    options.sort_unstable();
    options.dedup();
    Ok((page.link_headers(), Json(json!({"rows": page.items(), "options": options}))))
}

fn render(entry: &Entry, actor: Option<Value>) -> Value {
    json!({
        "id": entry.id.to_string(),
        "event": entry.event,
        "actor": actor,
        "note": entry.note,
        "targetObject": entry.target,
        "targetUser": null,
        "ipAddress": "127.0.0.1",
        "data": entry.data,
        "dateCreated": entry.created_at,
    })
}
