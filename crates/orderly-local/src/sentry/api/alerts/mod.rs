//! Alerts, in the words of both of Sentry's APIs: detectors and workflows, metric alert rules and issue alert rules.
//!
//! - [`metric_shape`], [`workflow_shape`]: how both APIs show them, and what webhooks say.
//! - [`detectors`], [`metric_rules`]: metrics; [`incidents`]: what was found.
//! - [`workflows`], [`issue_rules`]: issues.

mod detectors;
mod incidents;
mod issue_rules;
mod metric_rules;
pub mod metric_shape;
pub mod workflow_shape;
mod workflows;

use axum::Router;

use super::AppState;
use super::error::{ApiError, ApiResult};
use crate::sentry::explore::ExploreError;

/// The endpoints of alerts, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .merge(detectors::router())
        .merge(metric_rules::router())
        .merge(incidents::router())
        .merge(workflows::router())
        .merge(issue_rules::router())
}

/// Longest name of an alert.
const LONGEST_NAME: usize = 256;

fn name(given: Option<&str>) -> ApiResult<&str> {
    let name = given.unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let why = format!("A name has 1 to {LONGEST_NAME} characters.");
        return Err(ApiError::invalid_field("name", why));
    }
    Ok(name)
}

/// Minutes of a window, at most thirty days.
fn minutes(field: &'static str, given: i64) -> ApiResult<i64> {
    if (1..=30 * 1_440).contains(&given) {
        Ok(given)
    } else {
        Err(ApiError::invalid_field(field, "A window is 1 minute to 30 days long."))
    }
}

fn unmeasurable(error: ExploreError) -> ApiError {
    ApiError::invalid_field("aggregate", error.to_string())
}
