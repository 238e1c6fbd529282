//! Links from issues to items in other systems, made through an installed app.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::body::JsonBody;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::store::external_issues::{self, ExternalIssue, NewLink};
use crate::sentry::store::installations::{self, Installation};

use super::lookup::issue_named;
use super::render;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/issues/{issue}/external-issues/", get(list))
        .route("/sentry-app-installations/{uuid}/external-issues/", post(create))
        .route("/sentry-app-installations/{uuid}/external-issues/{link}/", delete(remove))
}

async fn list(asked: Asked, Path((_, issue)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    Ok(Json(links_of(&asked.state, issue).await?.iter().map(render::link).collect()))
}

async fn links_of(state: &AppState, issue: i64) -> ApiResult<Vec<ExternalIssue>> {
    Ok(external_issues::of_issues(state.pool(), &[issue]).await?.remove(&issue).unwrap_or_default())
}

/// The installation of an address. An app's own token only reaches its own installation; a member's token any.
async fn installation(state: &AppState, caller: &Caller, uuid: &str) -> ApiResult<Installation> {
    let found = installations::find(state.pool(), uuid).await?.ok_or_else(missing)?;
    match caller.installation {
        Some(own) if own != found.id => Err(ApiError::Forbidden),
        _ => Ok(found),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewExternalIssue {
    issue_id: Option<Value>,
    web_url: Option<String>,
    project: Option<String>,
    identifier: Option<String>,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
    JsonBody(body): JsonBody<NewExternalIssue>,
) -> ApiResult<Json<Value>> {
    // Reading is enough upstream: whoever may see an issue may say where it is tracked.
    caller.require(Access::ReadEvents)?;
    let installation = installation(&state, &caller, &uuid).await?;
    let required = |field: &'static str, value: Option<&String>| {
        let text = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        text.ok_or_else(|| ApiError::invalid_field(field, "This field is required."))
    };
    let web_url = required("webUrl", body.web_url.as_ref())?;
    let project = required("project", body.project.as_ref())?;
    let identifier = required("identifier", body.identifier.as_ref())?;
    if !Url::parse(&web_url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(ApiError::invalid_field("webUrl", "Enter an http or https address."));
    }
    let issue = match &body.issue_id {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => return Err(ApiError::invalid_field("issueId", "This field is required.")),
    };
    let issue = issue_named(&state, &issue).await?;
    let display_name = escape_html(&format!("{project}#{identifier}"));
    let link = NewLink { issue, app: installation.app_id, display_name: &display_name, web_url: &web_url };
    let id = external_issues::upsert(state.pool(), link, state.clock().now()).await?;
    let made = links_of(&state, issue).await?.into_iter().find(|link| link.id == id);
    Ok(Json(render::link(&made.ok_or_else(missing)?)))
}

async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Path((uuid, link)): Path<(String, i64)>,
) -> ApiResult<StatusCode> {
    caller.require(Access::AdminEvents)?;
    let installation = installation(&state, &caller, &uuid).await?;
    if external_issues::delete(state.pool(), installation.app_id, link).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing())
    }
}

/// Display names are stored ready for a page, as Sentry does.
fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape_html;

    #[test]
    fn a_display_name_cannot_carry_markup() {
        assert_eq!(escape_html("<b>'PLAT'</b>&\"#1"), "&lt;b&gt;&#x27;PLAT&#x27;&lt;/b&gt;&amp;&quot;#1");
    }
}
