//! The spans and errors of one trace.

use std::collections::HashMap;

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::ApiResult;
use crate::sentry::store::spans::{self, TraceError, TraceSpan};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/trace/{trace}/", get(tree))
        .route("/organizations/{org}/trace-meta/{trace}/", get(numbers))
        .route("/organizations/{org}/events-trace/{trace}/", get(tree))
}

async fn tree(asked: Asked, Path((_, trace)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::Explore).await?;
    let trace = trace.replace('-', "").to_lowercase();
    let spans = spans::of_trace(asked.state.pool(), &trace).await?;
    let errors = spans::errors_of_trace(asked.state.pool(), &trace).await?;
    Ok(Json(nest(&spans, &errors)))
}

/// Spans under their parents; what has no parent here is at the top, and so are the errors.
fn nest(spans: &[TraceSpan], errors: &[TraceError]) -> Value {
    let ids: HashMap<&str, usize> =
        spans.iter().enumerate().map(|(at, span)| (span.span_id.as_str(), at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut top = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let parent = span.parent_span_id.as_deref().and_then(|parent| ids.get(parent).copied());
        match parent {
            // A span that names itself, or one that ends before it begins, cannot be a parent.
            Some(parent) if parent != at && spans[parent].started_at <= span.started_at => {
                children[parent].push(at);
            }
            _ => top.push(at),
        }
    }
    // Children start no earlier than their parents and, at the same moment, come later in the list: built from the end,
    // every child is ready before its parent.
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|at| spans[*at].started_at);
    let mut built: Vec<Value> = vec![Value::Null; spans.len()];
    for at in order.into_iter().rev() {
        let inside: Vec<Value> = children[at].iter().map(|child| built[*child].take()).collect();
        built[at] = span(&spans[at], inside);
    }
    let mut shown: Vec<Value> =
        top.into_iter().map(|at| built[at].take()).filter(|value| !value.is_null()).collect();
    shown.extend(errors.iter().map(error));
    json!(shown)
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}

fn span(span: &TraceSpan, children: Vec<Value>) -> Value {
    json!({
        "event_id": span.span_id,
        "span_id": span.span_id,
        "transaction_id": span.event_id,
        "parent_span_id": span.parent_span_id,
        "project_id": span.project_id,
        "project_slug": span.project_slug,
        "profile_id": null,
        "profiler_id": null,
        "start_timestamp": seconds(span.started_at),
        "end_timestamp": seconds(span.ended_at),
        "duration": span.duration / 1000.0,
        "measurements": {},
        "transaction": span.transaction,
        "is_transaction": span.is_segment,
        "description": span.description,
        "op": span.op,
        "name": span.op,
        "status": span.status,
        "event_type": "span",
        "additional_attributes": {},
        "errors": [],
        "occurrences": [],
        "children": children,
    })
}

fn error(error: &TraceError) -> Value {
    json!({
        "event_id": error.event_id,
        "id": error.event_id,
        "issue_id": error.issue,
        "project_id": error.project_id,
        "project_slug": error.project_slug,
        "title": error.title,
        "culprit": error.culprit,
        "level": error.level,
        "message": error.title,
        "description": error.title,
        "transaction": error.culprit,
        "event_type": "error",
        "start_timestamp": seconds(error.occurred_at),
        "timestamp": error.occurred_at,
    })
}

async fn numbers(asked: Asked, Path((_, trace)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::Explore).await?;
    let trace = trace.replace('-', "").to_lowercase();
    let spans = spans::of_trace(asked.state.pool(), &trace).await?;
    let errors = spans::errors_of_trace(asked.state.pool(), &trace).await?;
    let mut by_op: Vec<(String, i64)> = Vec::new();
    for span in &spans {
        match by_op.iter_mut().find(|(op, _)| *op == span.op) {
            Some((_, count)) => *count += 1,
            None => by_op.push((span.op.clone(), 1)),
        }
    }
    let segments = spans.iter().filter(|span| span.is_segment);
    let children: Vec<Value> = segments
        .map(|segment| {
            let own = spans.iter().filter(|span| span.event_id == segment.event_id).count();
            json!({"transaction.event_id": segment.event_id, "count()": own})
        })
        .collect();
    let by_op: serde_json::Map<String, Value> =
        by_op.into_iter().map(|(op, count)| (op, json!(count))).collect();
    Ok(Json(json!({
        "errors": errors.len(),
        "logs": 0,
        "performance_issues": 0,
        "span_count": spans.len(),
        "transaction_child_count_map": children,
        "span_count_map": by_op,
        "uptime_checks": 0,
    })))
}
