//! Whether a question about events would be answered, part by part.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::params::Params;
use crate::sentry::explore::field::{alias, split};
use crate::sentry::explore::outcome::attribute_type;
use crate::sentry::explore::{Dataset, ExploreError, Field, filter};
use crate::sentry::store::environments::{self, Visibility};
use crate::sentry::store::projects;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/events/validate/", get(validate))
}

async fn validate(asked: Asked, params: Params) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::Explore).await?;
    let wanted = params.first_non_empty("dataset").unwrap_or("errors");
    let dataset: Result<Dataset, ExploreError> = wanted.parse();
    let mut parts = Parts::default();
    let datasets = params.all("dataset").map(|name| parts.named(name, name.parse::<Dataset>().err()));
    let datasets: Vec<Value> = datasets.collect();
    let dataset = dataset.unwrap_or(Dataset::Errors);

    let mut found = Vec::new();
    for name in params.all("project").filter(|name| !name.is_empty() && *name != "-1") {
        let known = projects::find(asked.state.pool(), name).await?.is_some();
        found.push(parts.anonymous((!known).then(|| format!("`{name}` is not a project"))));
    }
    let known = environments::list(asked.state.pool(), None, Visibility::All).await?;
    let environments: Vec<Value> = params
        .all("environment")
        .map(|name| {
            let exists = known.iter().any(|environment| environment.name == name);
            parts.anonymous((!exists).then(|| format!("`{name}` is not an environment")))
        })
        .collect();

    let names: Vec<&str> = params.all("field").filter(|name| !name.is_empty()).collect();
    let fields: Vec<Value> =
        names.iter().map(|name| parts.attribute(name, Field::parse(dataset, name))).collect();
    let grouped = names.iter().any(|name| name.contains('('));
    let sorts: Vec<&str> =
        params.all("orderby").chain(params.all("sort")).filter(|name| !name.is_empty()).collect();
    let orderby: Vec<Value> = sorts
        .iter()
        .map(|text| {
            let (_, name) = split(text);
            let selected = names.iter().find(|field| **field == name || alias(field) == alias(name));
            let field = match selected {
                Some(field) => Field::parse(dataset, field),
                None if grouped => Err(ExploreError::NotSelected(name.to_owned())),
                None => Field::parse(dataset, name),
            };
            parts.attribute(text, field)
        })
        .collect();
    let query = parts.query(dataset, params.first("query").unwrap_or_default(), &asked.state);
    let status = if parts.refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let answer = json!({
        "valid": !parts.refused,
        "projects": found,
        "dataset": datasets,
        "environment": environments,
        "field": fields,
        "query": query,
        "orderby": orderby,
    });
    Ok((status, Json(answer)))
}

/// Remembers whether any part was refused.
#[derive(Debug, Default)]
struct Parts {
    refused: bool,
}

impl Parts {
    fn anonymous(&mut self, error: Option<String>) -> Value {
        self.refused |= error.is_some();
        json!({"valid": error.is_none(), "error": error})
    }

    fn named(&mut self, name: &str, error: Option<ExploreError>) -> Value {
        self.refused |= error.is_some();
        json!({"name": name, "valid": error.is_none(), "error": error.map(|error| error.to_string())})
    }

    fn attribute(&mut self, name: &str, field: Result<Field, ExploreError>) -> Value {
        self.refused |= field.is_err();
        json!({
            "name": name,
            "valid": field.is_ok(),
            "attrType": field.as_ref().ok().map(attribute_type),
            "error": field.err().map(|error| error.to_string()),
        })
    }

    fn query(&mut self, dataset: Dataset, text: &str, state: &AppState) -> Value {
        match filter::compile(dataset, text, state.clock().now()) {
            Ok(filter) => {
                let fields: Vec<Value> =
                    filter.keys.iter().map(|key| self.attribute(key, Field::parse(dataset, key))).collect();
                json!({"valid": true, "error": null, "fields": fields})
            }
            Err(error) => {
                self.refused = true;
                json!({"valid": false, "error": error.to_string(), "fields": []})
            }
        }
    }
}
