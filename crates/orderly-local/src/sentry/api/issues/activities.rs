//! The history of an issue.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::members::render_user;
use crate::sentry::store::activity::{self, Activity, Which};
use crate::sentry::store::issue_people;

use super::lookup::issue_named;

/// How much of the history is shown.
const MOST: i64 = 100;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/issues/{issue}/activities/", get(list))
}

async fn list(asked: Asked, Path((_, issue)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let history = activity::list(asked.state.pool(), issue, Which::All, MOST, 0).await?;
    Ok(Json(json!({"activity": render_all(&asked.state, &history).await?})))
}

/// Activities as JSON, with the people who did it.
pub(super) async fn render_all(state: &AppState, activities: &[Activity]) -> ApiResult<Vec<Value>> {
    let ids: Vec<i64> = activities.iter().filter_map(|activity| activity.member).collect();
    let members = issue_people::members(state.pool(), &ids).await?;
    let shown = activities.iter().map(|activity| {
        let user = activity.member.and_then(|id| members.get(&id)).map(render_user);
        let app =
            activity.app.as_ref().map(|(slug, name, uuid)| json!({"slug": slug, "name": name, "uuid": uuid}));
        json!({
            "id": activity.id.to_string(),
            "type": activity.kind,
            "user": user,
            "sentry_app": app,
            "data": activity.data,
            "dateCreated": activity.created_at,
        })
    });
    Ok(shown.collect())
}
