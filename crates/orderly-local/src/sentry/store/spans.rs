//! Transactions and their spans.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::events::as_json;
use crate::sentry::ingest::transaction::PreparedTransaction;
use crate::sentry::model::from_micros;

/// Stores a transaction and its spans, unless its project has it already. Whether it was new.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    transaction: &PreparedTransaction,
    project: i64,
    environment: i64,
    release: Option<i64>,
) -> Result<bool, sqlx::Error> {
    let rows: Vec<_> = transaction
        .spans
        .iter()
        .map(|span| {
            let tags: Vec<(&String, &String)> = span.tags.iter().collect();
            (
                &span.span_id,
                &span.parent_span_id,
                span.is_segment,
                &span.op,
                &span.description,
                &span.status,
                span.started.as_microsecond(),
                span.ended.as_microsecond(),
                tags,
            )
        })
        .collect();
    // The segment comes first; when it is there already, the unique index drops it and nothing else is written.
    let known: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM span WHERE project_id = $1 AND event_id = $2 AND is_segment = 1)",
    )
    .bind(project)
    .bind(transaction.id.to_string())
    .fetch_one(&mut *connection)
    .await?;
    if known {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO span (span_id, parent_span_id, segment_id, is_segment, event_id, trace_id, project_id,
                           environment_id, release_id, transaction_name, op, description, status, platform, user_key,
                           started_at, occurred_at, duration, tags_json)
         SELECT s.value ->> 0, s.value ->> 1, $2, s.value ->> 2, $3, $4, $5, $6, $7, $8, s.value ->> 3, s.value ->> 4,
                s.value ->> 5, $9, $10, s.value ->> 6, s.value ->> 7, MAX(0, (s.value ->> 7) - (s.value ->> 6)),
                s.value -> 8
         FROM json_each($1) AS s",
    )
    .bind(as_json(&rows))
    .bind(transaction.spans.first().map_or("", |span| span.span_id.as_str()))
    .bind(transaction.id.to_string())
    .bind(transaction.trace_id.as_deref())
    .bind(project)
    .bind(environment)
    .bind(release)
    .bind(&transaction.name)
    .bind(&transaction.platform)
    .bind(transaction.user_key.as_deref())
    .execute(connection)
    .await?;
    Ok(true)
}

/// A span as a trace shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSpan {
    /// 16 hex digits.
    pub span_id: String,
    /// The span it is inside of.
    pub parent_span_id: Option<String>,
    /// The transaction's event id.
    pub event_id: String,
    /// Row id of its project.
    pub project_id: i64,
    /// Slug of its project.
    pub project_slug: String,
    /// Name of its transaction.
    pub transaction: String,
    /// What kind of work.
    pub op: String,
    /// Which work.
    pub description: String,
    /// How it ended; empty when it does not say.
    pub status: String,
    /// Whether it is the transaction itself.
    pub is_segment: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Microseconds.
    pub duration: f64,
}

/// Spans of one trace that are shown.
const MOST_SPANS: i64 = 10_000;

type SpanRow =
    (String, Option<String>, String, i64, String, String, String, String, String, bool, i64, i64, i64);

/// The spans of a trace, earliest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_trace(pool: &SqlitePool, trace: &str) -> Result<Vec<TraceSpan>, sqlx::Error> {
    let rows: Vec<SpanRow> = sqlx::query_as(
        "SELECT span.span_id, span.parent_span_id, span.event_id, span.project_id, project.slug, span.transaction_name,
                span.op, span.description, span.status, span.is_segment, span.started_at, span.occurred_at, span.duration
         FROM span JOIN project ON project.id = span.project_id
         WHERE span.trace_id = $1 ORDER BY span.started_at, span.id LIMIT $2",
    )
    .bind(trace)
    .bind(MOST_SPANS)
    .fetch_all(pool)
    .await?;
    let span = |row: SpanRow| TraceSpan {
        span_id: row.0,
        parent_span_id: row.1,
        event_id: row.2,
        project_id: row.3,
        project_slug: row.4,
        transaction: row.5,
        op: row.6,
        description: row.7,
        status: row.8,
        is_segment: row.9,
        started_at: from_micros(row.10),
        ended_at: from_micros(row.11),
        #[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^53 microseconds")]
        duration: row.12 as f64,
    };
    Ok(rows.into_iter().map(span).collect())
}

/// An error as a trace shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceError {
    /// 32 hex digits.
    pub event_id: String,
    /// Row id of its issue.
    pub issue: i64,
    /// Row id of its project.
    pub project_id: i64,
    /// Slug of its project.
    pub project_slug: String,
    /// What it is called.
    pub title: String,
    /// Where it comes from.
    pub culprit: String,
    /// How bad it is.
    pub level: String,
    /// When.
    pub occurred_at: Timestamp,
}

type ErrorRow = (String, i64, i64, String, String, String, String, i64);

/// The errors of a trace, earliest first.
///
/// # Errors
/// When the database refuses.
pub async fn errors_of_trace(pool: &SqlitePool, trace: &str) -> Result<Vec<TraceError>, sqlx::Error> {
    let rows: Vec<ErrorRow> = sqlx::query_as(
        "SELECT event.event_id, event.issue_id, event.project_id, project.slug, event.title, event.culprit, event.level,
                event.occurred_at
         FROM event JOIN project ON project.id = event.project_id
         WHERE event.trace_id = $1 ORDER BY event.occurred_at, event.id LIMIT 100",
    )
    .bind(trace)
    .fetch_all(pool)
    .await?;
    let error = |row: ErrorRow| TraceError {
        event_id: row.0,
        issue: row.1,
        project_id: row.2,
        project_slug: row.3,
        title: row.4,
        culprit: row.5,
        level: row.6,
        occurred_at: from_micros(row.7),
    };
    Ok(rows.into_iter().map(error).collect())
}
