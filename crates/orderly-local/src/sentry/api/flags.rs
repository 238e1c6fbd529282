//! The log of feature flag changes: flag services write it, whoever looks for what changed reads it.

use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::issues::selection::Selection;
use super::lookup::{missing, read_time};
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::store::flags::{self, FlagChange, NewChange};

/// How far back the log is shown when the client does not say.
const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Most changes of one request, and longest name.
const MOST: usize = 1_000;
const LONGEST: usize = 100;

/// What can happen to a flag.
const ACTIONS: [&str; 3] = ["created", "updated", "deleted"];

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/flags/logs/", get(list))
        .route("/organizations/{org}/flags/logs/{change}/", get(detail))
        .route("/organizations/{org}/flags/hooks/provider/{provider}/", post(record))
}

async fn list(
    asked: Asked,
    page: PageRequest,
    params: Params,
) -> ApiResult<(axum::http::HeaderMap, Json<Value>)> {
    asked.organization(Access::ReadOrganization).await?;
    let period = Selection::read(&asked.state, &params, DEFAULT_PERIOD).await?.period;
    let mut changes = flags::list(asked.state.pool(), period.from, period.end()).await?;
    let wanted = |key: &str, value: &str| {
        let mut names = params.all(key).filter(|name| !name.is_empty()).peekable();
        names.peek().is_none() || names.any(|name| name == value)
    };
    changes.retain(|change| wanted("flag", &change.change.flag) && wanted("provider", &change.provider));
    match params.first_non_empty("sort") {
        None | Some("-created_at") => {}
        Some("created_at") => changes.reverse(),
        Some("flag") => changes.sort_by(|left, right| left.change.flag.cmp(&right.change.flag)),
        Some("-flag") => changes.sort_by(|left, right| right.change.flag.cmp(&left.change.flag)),
        Some(other) => return Err(ApiError::bad_request(format!("Invalid sort: {other}"))),
    }
    let page = Paged::from_whole(changes.iter().map(render).collect(), &page);
    Ok((page.link_headers(), Json(json!({"data": page.items()}))))
}

async fn detail(asked: Asked, Path((_, change)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    let id = change.parse().map_err(|_| missing())?;
    let found = flags::find(asked.state.pool(), id).await?.ok_or_else(missing)?;
    Ok(Json(json!({"data": render(&found)})))
}

fn render(change: &FlagChange) -> Value {
    let FlagChange { id, provider, change } = change;
    let (by, kind) = change.created_by.as_ref().map(|(by, kind)| (by, kind)).unzip();
    json!({
        "id": id,
        "action": change.action,
        "createdAt": change.created_at,
        "createdBy": by,
        "createdByType": kind,
        "flag": change.flag,
        "provider": provider,
        "tags": change.tags,
    })
}

/// What the `generic` provider of Sentry sends.
#[derive(Debug, Deserialize)]
struct HookBody {
    data: Vec<ChangeBody>,
}

#[derive(Debug, Deserialize)]
struct ChangeBody {
    action: String,
    change_id: Value,
    created_at: String,
    created_by: Option<PersonBody>,
    flag: String,
    tags: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct PersonBody {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

async fn record(
    asked: Asked,
    Path((_, provider)): Path<(String, String)>,
    JsonBody(body): JsonBody<HookBody>,
) -> ApiResult<Json<Value>> {
    asked.organization(Access::WriteFlagLog).await?;
    if provider != "generic" {
        return Err(ApiError::not_found("This server takes flag changes of the provider `generic` only."));
    }
    if body.data.len() > MOST {
        return Err(ApiError::invalid_field("data", format!("At most {MOST} changes are taken at once.")));
    }
    let changes = body.data.into_iter().map(read).collect::<ApiResult<Vec<_>>>()?;
    flags::record(asked.state.pool(), &provider, &changes).await?;
    Ok(Json(json!({})))
}

fn read(change: ChangeBody) -> ApiResult<NewChange> {
    if !ACTIONS.contains(&change.action.as_str()) {
        return Err(ApiError::invalid_field("action", format!("Use one of {}.", ACTIONS.join(", "))));
    }
    if change.flag.is_empty() || change.flag.len() > LONGEST {
        return Err(ApiError::invalid_field("flag", format!("A name has 1 to {LONGEST} characters.")));
    }
    let change_id = match &change.change_id {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.len() <= LONGEST => text.clone(),
        _ => return Err(ApiError::invalid_field("change_id", "A number or a short text is needed.")),
    };
    let tags = change.tags.unwrap_or_else(|| json!({}));
    if !tags.is_object() {
        return Err(ApiError::invalid_field("tags", "An object is needed."));
    }
    Ok(NewChange {
        change_id,
        action: change.action,
        flag: change.flag,
        created_by: change.created_by.map(|person| (person.id, person.kind)),
        tags,
        created_at: read_time("created_at", &change.created_at)?,
    })
}
