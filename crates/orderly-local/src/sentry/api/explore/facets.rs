//! Which keys can be searched for: the tags of the organization and how often each value was seen.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::question::About;
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::params::Params;
use crate::sentry::explore::Dataset;
use crate::sentry::store::facets::{self, Facet};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/events-facets/", get(counted))
        .route("/organizations/{org}/tags/", get(keys))
        .route("/organizations/{org}/trace-items/attributes/", get(attributes))
}

async fn found(state: &AppState, caller: &Caller, org: &str, params: &Params) -> ApiResult<Vec<Facet>> {
    state.organization(org).await?;
    caller.require(Access::ReadEvents).or_else(|_| caller.require(Access::ReadOrganization))?;
    let about = About::read(state, params).await?;
    Ok(facets::of(state.pool(), about.dataset, &about.condition()).await?)
}

async fn counted(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    params: Params,
) -> ApiResult<Json<Value>> {
    let facets = found(&state, &caller, &org, &params).await?;
    let shown = facets.iter().map(|facet| {
        let values: Vec<Value> = facet
            .values
            .iter()
            .map(|(value, count)| json!({"name": value, "value": value, "count": count}))
            .collect();
        json!({"key": facet.key, "topValues": values})
    });
    Ok(Json(shown.collect()))
}

async fn keys(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    params: Params,
) -> ApiResult<Json<Value>> {
    let facets = found(&state, &caller, &org, &params).await?;
    let shown = facets
        .iter()
        .map(|facet| json!({"key": facet.key, "name": facet.key, "totalValues": facet.total, "uniqueValues": facet.unique}));
    Ok(Json(shown.collect()))
}

/// Attributes of spans: the columns that every span has, and its tags.
async fn attributes(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    asked.organization(Access::Explore).await?;
    let dataset = match params.first("itemType").or(params.first("dataset")) {
        Some("spans") | None => Dataset::Spans,
        Some(_) => Dataset::Absent,
    };
    let wanted = params.first("substringMatch").unwrap_or_default().to_lowercase();
    let kind = params.first("attributeType");
    let own = [
        ("span.op", "string"),
        ("span.description", "string"),
        ("span.duration", "number"),
        ("span.status", "string"),
        ("transaction", "string"),
        ("trace", "string"),
        ("release", "string"),
        ("environment", "string"),
        ("is_transaction", "boolean"),
    ];
    let own = own
        .into_iter()
        .filter(|_| dataset == Dataset::Spans)
        .map(|(name, kind)| (name.to_owned(), kind, "sentry"));
    let tags = facets::of(asked.state.pool(), dataset, &dataset.condition()).await?;
    let tags = tags.into_iter().map(|facet| (facet.key, "string", "user"));
    let shown = own
        .chain(tags)
        .filter(|(name, of, _)| name.to_lowercase().contains(&wanted) && kind.is_none_or(|kind| kind == *of))
        .map(|(name, kind, source)| {
            json!({
                "key": name,
                "name": name,
                "attributeType": kind,
                "attributeSource": {"source_type": source},
            })
        });
    Ok(Json(shown.collect()))
}
