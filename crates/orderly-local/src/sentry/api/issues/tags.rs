//! Tags of an issue and their values.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::store::tags::{self, TagKey, TagValue, ValueOrder};

use super::lookup::issue_named;

/// How many values a tag shows of itself.
const TOP: i64 = 10;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/issues/{issue}/tags/", get(list))
        .route("/organizations/{org}/issues/{issue}/tags/{key}/", get(detail))
        .route("/organizations/{org}/issues/{issue}/tags/{key}/values/", get(values))
}

/// What people call a tag.
pub(super) fn name_of(key: &str) -> String {
    let words = key.split(['.', '_']).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<String>>().join(" ")
}

async fn list(asked: Asked, Path((_, issue)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let mut shown = Vec::new();
    for tag in tags::keys(asked.state.pool(), issue).await? {
        shown.push(render(&asked.state, issue, &tag).await?);
    }
    Ok(Json(shown.into()))
}

async fn detail(
    asked: Asked,
    Path((_, issue, key)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let tag = tags::key(asked.state.pool(), issue, &key).await?.ok_or_else(missing)?;
    render(&asked.state, issue, &tag).await.map(Json)
}

async fn values(
    asked: Asked,
    Path((_, issue, key)): Path<(String, String, String)>,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    let order = match params.first_non_empty("sort").map(|sort| sort.trim_start_matches('-')) {
        None | Some("id" | "date" | "last_seen") => ValueOrder::LastSeen,
        Some("age" | "first_seen") => ValueOrder::FirstSeen,
        Some("count") => ValueOrder::Count,
        Some("value") => ValueOrder::Value,
        Some(other) => {
            let message = format!("Invalid sort: {other:?}. Use age, count, date, id or value.");
            return Err(ApiError::bad_request(message));
        }
    };
    let values = tags::values(asked.state.pool(), issue, &key, order, page.fetch(), page.offset()).await?;
    Ok(Paged::from_overfetched(values, &page).map(|value| render_value(&key, &value)))
}

async fn render(state: &AppState, issue: i64, tag: &TagKey) -> ApiResult<Value> {
    let top = tags::values(state.pool(), issue, &tag.key, ValueOrder::Count, TOP, 0).await?;
    Ok(json!({
        "key": tag.key,
        "name": name_of(&tag.key),
        "uniqueValues": tag.unique_values,
        "totalValues": tag.total_values,
        "topValues": top.iter().map(|value| render_value(&tag.key, value)).collect::<Vec<_>>(),
    }))
}

fn render_value(key: &str, value: &TagValue) -> Value {
    json!({
        "key": key,
        "name": value.value,
        "value": value.value,
        "count": value.count,
        "firstSeen": value.first_seen,
        "lastSeen": value.last_seen,
        "query": format!("{key}:\"{}\"", value.value.replace('"', "\\\"")),
    })
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_tag_is_called_by_its_words() {
        assert_eq!(name_of("browser.name"), "Browser Name");
        assert_eq!(name_of("server_name"), "Server Name");
        assert_eq!(name_of(""), "");
    }
}
