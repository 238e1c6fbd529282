//! The columns of each data set, as SQL over a table called `event`.

use super::dataset::Dataset;
use super::error::ExploreError;
use crate::sentry::search::Fragment;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Microseconds, shown as milliseconds.
    Duration,
    /// 0 or 1.
    Boolean,
    /// Microseconds since 1970.
    Time,
    /// `slug-counter` of an issue, shown as its short id.
    ShortId,
    /// Text that a search looks into rather than compares.
    Message,
}

/// A column of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As it was written.
    pub name: String,
    /// Its values.
    pub sql: Fragment,
    /// What they are.
    pub kind: Kind,
    /// Where they come from.
    pub source: Source,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Every row has it.
    Row,
    /// A tag of an event, or data of a span; a span's may be numbers.
    Tag,
}

/// Longest name of a tag that can be asked for.
const LONGEST: usize = 200;

impl Column {
    /// The column with this name; a name that no column has is a tag.
    ///
    /// # Errors
    /// A text that cannot be a name.
    pub fn find(dataset: Dataset, name: &str) -> Result<Column, ExploreError> {
        let known = common(name).or_else(|| match dataset {
            Dataset::Errors | Dataset::Absent => of_errors(name),
            Dataset::Transactions | Dataset::Spans => of_spans(dataset, name),
        });
        let (sql, kind, source) = match known {
            Some((sql, kind)) => (Fragment::new(sql), kind, Source::Row),
            None => (tag(dataset, name)?, Kind::Text, Source::Tag),
        };
        Ok(Column { name: name.to_owned(), sql, kind, source })
    }
}

type Known = Option<(&'static str, Kind)>;

fn common(name: &str) -> Known {
    const HOUR: &str = "event.occurred_at - event.occurred_at % 3600000000";
    const DAY: &str = "event.occurred_at - event.occurred_at % 86400000000";
    const PROJECT: &str = "(SELECT p.slug FROM project p WHERE p.id = event.project_id)";
    Some(match name {
        "timestamp" | "time" => ("event.occurred_at", Kind::Time),
        "timestamp.to_hour" => (HOUR, Kind::Time),
        "timestamp.to_day" => (DAY, Kind::Time),
        "project" | "project.name" | "project_name" => (PROJECT, Kind::Text),
        "project.id" | "project_id" => ("event.project_id", Kind::Integer),
        "environment" => {
            ("(SELECT NULLIF(n.name, '') FROM environment n WHERE n.id = event.environment_id)", Kind::Text)
        }
        "release" => ("(SELECT r.version FROM release r WHERE r.id = event.release_id)", Kind::Text),
        "platform" | "platform.name" => ("event.platform", Kind::Text),
        "trace" => ("event.trace_id", Kind::Text),
        "transaction" => ("event.transaction_name", Kind::Text),
        "user" => ("event.user_key", Kind::Text),
        "user.display" => ("substr(event.user_key, instr(event.user_key, ':') + 1)", Kind::Text),
        "user.id" => ("CASE WHEN event.user_key LIKE 'id:%' THEN substr(event.user_key, 4) END", Kind::Text),
        "user.email" => {
            ("CASE WHEN event.user_key LIKE 'email:%' THEN substr(event.user_key, 7) END", Kind::Text)
        }
        "user.username" => {
            ("CASE WHEN event.user_key LIKE 'username:%' THEN substr(event.user_key, 10) END", Kind::Text)
        }
        "user.ip" => ("CASE WHEN event.user_key LIKE 'ip:%' THEN substr(event.user_key, 4) END", Kind::Text),
        _ => return None,
    })
}

fn of_errors(name: &str) -> Known {
    const SHORT_ID: &str = "(SELECT p.slug || '-' || i.short_id FROM issue i JOIN project p ON p.id = i.project_id \
                            WHERE i.id = event.issue_id)";
    Some(match name {
        "id" | "event_id" => ("event.event_id", Kind::Text),
        "title" => ("event.title", Kind::Text),
        "message" => ("event.message", Kind::Message),
        "culprit" => ("event.culprit", Kind::Text),
        "location" => ("event.location", Kind::Text),
        "level" => ("event.level", Kind::Text),
        "event.type" | "type" => ("event.kind", Kind::Text),
        "issue" => (SHORT_ID, Kind::ShortId),
        "issue.id" | "group_id" => ("event.issue_id", Kind::Integer),
        "error.type" => ("json_extract(event.metadata_json, '$.type')", Kind::Text),
        "error.value" => ("json_extract(event.metadata_json, '$.value')", Kind::Text),
        "error.handled" => ("COALESCE(event.handled, 1)", Kind::Boolean),
        "error.unhandled" => ("1 - COALESCE(event.handled, 1)", Kind::Boolean),
        "stack.filename" => ("json_extract(event.metadata_json, '$.filename')", Kind::Text),
        "stack.function" => ("json_extract(event.metadata_json, '$.function')", Kind::Text),
        _ => return None,
    })
}

fn of_spans(dataset: Dataset, name: &str) -> Known {
    Some(match name {
        "id" if dataset == Dataset::Spans => ("event.span_id", Kind::Text),
        "id" | "event_id" | "transaction.event_id" => ("event.event_id", Kind::Text),
        "span_id" | "span.id" => ("event.span_id", Kind::Text),
        "parent_span" | "parent_span_id" | "span.parent_span" | "trace.parent_span" => {
            ("event.parent_span_id", Kind::Text)
        }
        "transaction.span_id" | "segment.id" | "segment_id" => ("event.segment_id", Kind::Text),
        "title" | "segment.name" => ("event.transaction_name", Kind::Text),
        "span.op" | "op" | "transaction.op" => ("event.op", Kind::Text),
        "span.description" | "span.name" | "description" => ("event.description", Kind::Text),
        "message" => ("event.transaction_name || ' ' || event.op || ' ' || event.description", Kind::Message),
        "span.status" | "transaction.status" | "trace.status" => ("event.status", Kind::Text),
        "span.duration" | "transaction.duration" | "span.self_time" | "duration" => {
            ("event.duration", Kind::Duration)
        }
        "is_transaction" | "is_segment" => ("event.is_segment", Kind::Boolean),
        "event.type" | "type" => ("'transaction'", Kind::Text),
        "precise.start_ts" | "start_timestamp" => ("event.started_at", Kind::Time),
        "precise.finish_ts" => ("event.occurred_at", Kind::Time),
        _ => return None,
    })
}

fn tag(dataset: Dataset, name: &str) -> Result<Fragment, ExploreError> {
    let inside = |prefix: &str| {
        let inside = name.strip_prefix(prefix)?.strip_suffix(']')?;
        let key = inside.rsplit_once(',').map_or(inside, |(key, _type)| key);
        Some(key.trim().trim_matches('"').to_owned())
    };
    let unknown = || ExploreError::UnknownField(name.to_owned());
    if let Some(flag) = inside("flags[").filter(|_| dataset == Dataset::Errors) {
        return Ok(Fragment::new(
            "(SELECT f.result FROM event_flag f WHERE f.event_row = event.id AND f.flag = ",
        )
        .text(flag)
        .sql(")"));
    }
    let plain = |name: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        (!name.is_empty() && name.chars().all(allowed)).then(|| name.to_owned())
    };
    let key = inside("tags[").or_else(|| plain(name)).filter(|key| !key.is_empty() && key.len() <= LONGEST);
    Ok(Fragment::new("(SELECT t.value ->> 1 FROM json_each(event.tags_json) t WHERE t.value ->> 0 = ")
        .text(key.ok_or_else(unknown)?)
        .sql(" LIMIT 1)"))
}
