//! Rows of a data set, or groups of rows with aggregates.

use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::question::{About, fields, order};
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::page::{PageRequest, Paged};
use crate::sentry::api::params::Params;
use crate::sentry::explore::Field;
use crate::sentry::explore::outcome::{type_of, unit_of};
use crate::sentry::store::explore::ask;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/events/", get(list))
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<(HeaderMap, Json<Value>)> {
    asked.organization(Access::Explore).await?;
    let about = About::read(&asked.state, &params).await?;
    let mut selected = fields(about.dataset, &params, "field")?;
    if selected.is_empty() {
        return Err(ApiError::bad_request("No columns selected"));
    }
    let grouped = selected.iter().any(|field| matches!(field, Field::Function(_)));
    if !grouped {
        for name in ["id", "project.name"] {
            if selected.iter().all(|field| field.name() != name) {
                selected.push(Field::parse(about.dataset, name)?);
            }
        }
    }
    let shown = selected.len();
    let order = order(about.dataset, &params, &mut selected)?;
    let mut question = about.question(selected, order);
    (question.offset, question.limit) = (page.offset(), page.fetch());
    let rows = ask(asked.state.pool(), &question).await?;
    let fields = &question.fields[..shown];
    let data: Vec<Value> = rows.into_iter().map(|row| object(fields, row)).collect();
    let page = Paged::from_overfetched(data, &page);
    Ok((
        page.link_headers(),
        Json(json!({"data": page.items(), "meta": meta(about.dataset.as_str(), fields)})),
    ))
}

fn object(fields: &[Field], row: Vec<Value>) -> Value {
    fields.iter().map(|field| field.name().to_owned()).zip(row).collect::<Map<_, _>>().into()
}

/// Types and units of what is shown.
pub(super) fn meta(dataset: &str, fields: &[Field]) -> Value {
    let types: Map<String, Value> =
        fields.iter().map(|field| (field.name().to_owned(), json!(type_of(field)))).collect();
    let units: Map<String, Value> =
        fields.iter().map(|field| (field.name().to_owned(), json!(unit_of(field)))).collect();
    json!({
        "fields": types,
        "units": units,
        "isMetricsData": false,
        "isMetricsExtractedData": false,
        "dataset": dataset,
        "datasetReason": "unchanged",
        "tips": {},
        "dataScanned": "full",
    })
}
