//! Notes that people write on an issue.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::store::activity::{self, Which};
use crate::sentry::webhooks::comments;

use super::activities::render_all;
use super::change::actor;
use super::lookup::issue_named;

/// Longest note, in characters.
const LONGEST: usize = 65_536;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/issues/{issue}/notes/", get(list).post(create))
        .route("/organizations/{org}/issues/{issue}/notes/{note}/", put(update).delete(delete))
        .route("/organizations/{org}/issues/{issue}/comments/", get(list).post(create))
        .route("/organizations/{org}/issues/{issue}/comments/{note}/", put(update).delete(delete))
}

#[derive(Debug, Deserialize)]
struct NewNote {
    #[serde(default)]
    text: String,
}

impl NewNote {
    fn checked(&self) -> ApiResult<&str> {
        let text = self.text.trim();
        if text.is_empty() {
            return Err(ApiError::invalid_field("text", "This field may not be blank."));
        }
        if text.chars().nth(LONGEST).is_some() {
            return Err(ApiError::invalid_field("text", format!("A note has at most {LONGEST} characters.")));
        }
        Ok(text)
    }
}

async fn list(
    asked: Asked,
    Path((_, issue)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let notes = activity::list(asked.state.pool(), issue, Which::Notes, page.fetch(), page.offset()).await?;
    Ok(Paged::from_overfetched(render_all(&asked.state, &notes).await?, &page))
}

async fn create(
    asked: Asked,
    Path((_, issue)): Path<(String, String)>,
    JsonBody(note): JsonBody<NewNote>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::WriteEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let actor = actor(&asked.state, &asked.caller).await?;
    let text = note.checked()?;
    let id = activity::add_note(asked.state.pool(), issue, actor, text, asked.state.clock().now()).await?;
    let note = comments::Comment { issue, id, text };
    comments::tell(&asked.state, "created", note, actor).await?;
    Ok((StatusCode::CREATED, Json(shown(&asked.state, issue, id).await?)))
}

async fn update(
    asked: Asked,
    Path((_, issue, note)): Path<(String, String, i64)>,
    JsonBody(body): JsonBody<NewNote>,
) -> ApiResult<Json<Value>> {
    asked.organization(Access::WriteEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let actor = actor(&asked.state, &asked.caller).await?;
    let text = body.checked()?;
    if activity::change_note(asked.state.pool(), issue, note, actor, text).await? {
        comments::tell(&asked.state, "updated", comments::Comment { issue, id: note, text }, actor).await?;
        shown(&asked.state, issue, note).await.map(Json)
    } else {
        Err(missing())
    }
}

async fn delete(asked: Asked, Path((_, issue, note)): Path<(String, String, i64)>) -> ApiResult<StatusCode> {
    asked.organization(Access::WriteEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let actor = actor(&asked.state, &asked.caller).await?;
    let known = activity::find(asked.state.pool(), issue, note).await?;
    if activity::delete_note(asked.state.pool(), issue, note, actor).await? {
        let text = known.as_ref().and_then(|known| known.data["text"].as_str()).unwrap_or_default();
        comments::tell(&asked.state, "deleted", comments::Comment { issue, id: note, text }, actor).await?;
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing())
    }
}

async fn shown(state: &AppState, issue: i64, note: i64) -> ApiResult<Value> {
    let found = activity::find(state.pool(), issue, note).await?.ok_or_else(missing)?;
    render_all(state, &[found]).await?.pop().ok_or_else(missing)
}
