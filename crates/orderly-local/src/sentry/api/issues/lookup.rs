//! Finding an issue by what people call it, and the addresses made for that.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::lookup::missing;
use crate::sentry::api::params::Params;
use crate::sentry::model::{parse_short_id, short_id};
use crate::sentry::search::Fragment;
use crate::sentry::store::events_read::{self, End};
use crate::sentry::store::issues_read;

use super::{detail, event};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/shortids/{short}/", get(by_short_id))
        .route("/organizations/{org}/eventids/{event}/", get(by_event_id))
}

/// The issue that an address names by number or short id, following merges.
///
/// # Errors
/// 404 when there is none.
pub(in crate::sentry) async fn issue_named(state: &AppState, name: &str) -> ApiResult<i64> {
    let found = match name.parse::<i64>() {
        Ok(id) => issues_read::by_id(state.pool(), id).await?,
        Err(_) => match parse_short_id(name) {
            Some((project, counter)) => issues_read::by_short_id(state.pool(), &project, counter).await?,
            None => None,
        },
    };
    found.ok_or_else(missing)
}

/// An event id as 32 lower-case hex digits, dashes taken out; `None` for anything else.
pub(super) fn event_id(text: &str) -> Option<String> {
    let id = text.trim().replace('-', "").to_lowercase();
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

/// The condition on `event` that it has this id.
pub(super) fn with_event_id(id: &str) -> Fragment {
    Fragment::new("event.event_id = ").text(id)
}

async fn by_short_id(
    asked: Asked,
    Path((_, short)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    let organization = asked.organization(Access::ReadEvents).await?;
    let (project, counter) = parse_short_id(&short).ok_or_else(missing)?;
    let id = issues_read::by_short_id(asked.state.pool(), &project, counter).await?.ok_or_else(missing)?;
    let shown = detail::listed(&asked.state, &asked.caller, &organization.slug, id, &params).await?;
    let issue = shown.issue;
    Ok(Json(json!({
        "organizationSlug": organization.slug,
        "projectSlug": issue.project.slug,
        "groupId": issue.id.to_string(),
        "shortId": short_id(&issue.project.slug, issue.short_id),
        "group": shown.rendered,
    })))
}

async fn by_event_id(asked: Asked, Path((_, id)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    let organization = asked.organization(Access::ReadEvents).await?;
    let id = event_id(&id).ok_or_else(missing)?;
    let found = events_read::at_end(asked.state.pool(), &with_event_id(&id), End::Oldest).await?;
    let found = found.ok_or_else(missing)?;
    Ok(Json(json!({
        "organizationSlug": organization.slug,
        "projectSlug": found.project_slug,
        "groupId": found.issue.to_string(),
        "eventId": found.id,
        "event": event::render(&asked.state, &found).await?,
    })))
}

#[cfg(test)]
mod tests {
    use super::event_id;

    #[test]
    fn event_ids_are_read_with_and_without_dashes() {
        let plain = "0123456789abcdef0123456789abcdef";
        assert_eq!(event_id(plain).as_deref(), Some(plain));
        assert_eq!(event_id(" 01234567-89AB-cdef-0123-456789abcdef ").as_deref(), Some(plain));
        for text in ["", "latest", "0123456789abcdef0123456789abcde", "g123456789abcdef0123456789abcdef"] {
            assert_eq!(event_id(text), None, "{text}");
        }
    }
}
