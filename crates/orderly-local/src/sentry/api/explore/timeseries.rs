//! Aggregates in steps of time, as the newer endpoint shows them.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::series::draw;
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::params::Params;
use crate::sentry::explore::outcome::{type_of, unit_of};

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/events-timeseries/", get(timeseries))
}

async fn timeseries(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    asked.organization(Access::Explore).await?;
    let drawn = draw(&asked.state, &params).await?;
    let now = asked.state.clock().now().as_microsecond();
    let mut all = Vec::new();
    for (order, (group, lines)) in drawn.groups.iter().enumerate() {
        let named = drawn.columns.iter().zip(group);
        let group: Vec<Value> =
            named.map(|(column, value)| json!({"key": column.name(), "value": value})).collect();
        for (axis, line) in drawn.axes.iter().zip(lines) {
            // The step that the present lies in may still grow.
            let values = line.iter().map(|(at, value)| {
                json!({"timestamp": at / 1000, "value": value, "incomplete": at + drawn.steps.length > now})
            });
            let mut one = json!({
                "yAxis": axis.name(),
                "values": values.collect::<Vec<_>>(),
                "meta": {
                    "interval": drawn.steps.length / 1000,
                    "valueType": type_of(axis),
                    "valueUnit": unit_of(axis),
                    "isOther": false,
                    "order": order,
                },
            });
            if let (Some(fields), false) = (one.as_object_mut(), group.is_empty()) {
                fields.insert("groupBy".to_owned(), json!(group));
            }
            all.push(one);
        }
    }
    let meta = json!({
        "dataset": drawn.dataset.as_str(),
        "start": drawn.steps.from / 1000,
        "end": drawn.steps.until / 1000,
    });
    Ok(Json(json!({"timeSeries": all, "meta": meta})))
}
