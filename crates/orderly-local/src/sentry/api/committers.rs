//! Who may have caused an event: the authors of those commits in the issue's first release that changed a file of its
//! in-app frames.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::error::{ApiError, ApiResult};
use super::lookup::missing;
use super::release_commits::{author, render_all};
use crate::sentry::store::{commits, people};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new().route("/projects/{org}/{project}/events/{event}/committers/", get(committers))
}

async fn committers(
    asked: Asked,
    Path((_, project, event)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadProjectEvents).await?;
    let event = event.replace('-', "").to_lowercase();
    let found = commits::first_release_of_event(asked.state.pool(), project.id, &event).await?;
    let (issue, release) = found.ok_or_else(missing)?;
    let release = release.ok_or_else(|| ApiError::not_found("Release not found"))?;
    if commits::of_release(asked.state.pool(), release).await?.is_empty() {
        return Err(ApiError::not_found("No Commits found for Release"));
    }
    let members = people::members(asked.state.pool()).await?;
    let mut committers: Vec<(Value, Vec<Value>)> = Vec::new();
    for (commit, files) in commits::touching(asked.state.pool(), release, issue).await? {
        let mut rendered =
            render_all(&asked.state, std::slice::from_ref(&commit)).await?.pop().unwrap_or_default();
        if let Some(fields) = rendered.as_object_mut() {
            fields.insert("score".to_owned(), json!(files));
            fields.insert("suspectCommitType".to_owned(), json!("via commit in release"));
        }
        let author = author(&commit, &members);
        match committers.iter_mut().find(|(known, _)| *known == author) {
            Some((_, commits)) => commits.push(rendered),
            None => committers.push((author, vec![rendered])),
        }
    }
    let committers: Vec<Value> = committers
        .into_iter()
        .map(|(author, commits)| json!({"author": author, "commits": commits}))
        .collect();
    Ok(Json(json!({"committers": committers})))
}
