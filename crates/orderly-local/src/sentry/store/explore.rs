//! Runs questions about events, transactions and spans: see `sentry::explore`.

use std::cmp::Ordering;

use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqlitePool, TypeInfo, ValueRef};

use super::issues_read::arguments;
use crate::sentry::explore::Dataset;
use crate::sentry::explore::field::{Direction, Field, Order};
use crate::sentry::explore::filter::GroupTest;
use crate::sentry::explore::outcome::{Raw, finish, show};
use crate::sentry::search::Fragment;

/// More groups than this are not looked at.
const MOST_GROUPS: i64 = 100_000;

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// About what.
    pub dataset: Dataset,
    /// What is shown; with an aggregate among them, rows are grouped by the columns.
    pub fields: Vec<Field>,
    /// Which rows.
    pub condition: Fragment,
    /// Which groups.
    pub groups: Vec<GroupTest>,
    /// In which order.
    pub order: Vec<Order>,
    /// How many are skipped.
    pub offset: i64,
    /// How many are given at most.
    pub limit: i64,
    /// Length of the period, for rates.
    pub seconds: f64,
}

impl Question {
    /// Whether rows are grouped.
    pub fn is_grouped(&self) -> bool {
        self.fields.iter().any(|field| matches!(field, Field::Function(_))) || !self.groups.is_empty()
    }
}

/// The answer: for each row, the values of the fields in order.
///
/// # Errors
/// When the database refuses.
pub async fn ask(pool: &SqlitePool, question: &Question) -> Result<Vec<Vec<Value>>, sqlx::Error> {
    if question.is_grouped() { groups(pool, question).await } else { rows(pool, question).await }
}

async fn rows(pool: &SqlitePool, question: &Question) -> Result<Vec<Vec<Value>>, sqlx::Error> {
    let mut statement = select(question).sql(" ORDER BY ");
    for order in &question.order {
        let Some(Field::Column(column)) = question.fields.get(order.field) else { continue };
        statement = statement.then(column.sql.clone()).sql(match order.direction {
            Direction::Ascending => ", ",
            Direction::Descending => " DESC, ",
        });
    }
    let statement =
        statement.sql("event.id DESC LIMIT ").int(question.limit).sql(" OFFSET ").int(question.offset);
    let rows = fetch(pool, &statement).await?;
    rows.iter().map(|row| shown(question, row)).collect()
}

async fn groups(pool: &SqlitePool, question: &Question) -> Result<Vec<Vec<Value>>, sqlx::Error> {
    let mut statement = select(question);
    let mut first = true;
    for field in &question.fields {
        if let Field::Column(column) = field {
            statement = statement.sql(if first { " GROUP BY " } else { ", " }).then(column.sql.clone());
            first = false;
        }
    }
    let grouped_by_nothing = first;
    let rows = fetch(pool, &statement.sql(" LIMIT ").int(MOST_GROUPS)).await?;
    let mut kept = Vec::new();
    for row in &rows {
        if passes(question, row)? {
            kept.push(shown(question, row)?);
        }
    }
    if grouped_by_nothing && rows.is_empty() {
        return Ok(kept);
    }
    kept.sort_by(|left, right| {
        let by = |order: &Order| {
            let compared = compare(left.get(order.field), right.get(order.field));
            match order.direction {
                Direction::Ascending => compared,
                Direction::Descending => compared.reverse(),
            }
        };
        question.order.iter().map(by).find(|compared| compared.is_ne()).unwrap_or(Ordering::Equal)
    });
    let skip = usize::try_from(question.offset).unwrap_or(usize::MAX);
    Ok(kept.into_iter().skip(skip).take(usize::try_from(question.limit).unwrap_or(usize::MAX)).collect())
}

/// Counts of rows in steps of time, apart for each group of columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Start of the step, microseconds since 1970.
    pub at: i64,
    /// Values of the columns.
    pub group: Vec<Value>,
    /// Values of the aggregates.
    pub values: Vec<Value>,
}

/// The aggregates of a question in steps of `step` microseconds. Steps without rows are missing.
///
/// # Errors
/// When the database refuses.
pub async fn series(pool: &SqlitePool, question: &Question, step: i64) -> Result<Vec<Point>, sqlx::Error> {
    let bucket = Fragment::new("event.occurred_at - event.occurred_at % ").int(step);
    let mut statement = Fragment::new("SELECT ").then(bucket.clone());
    for field in &question.fields {
        statement = statement.sql(", ").then(sql_of(field));
    }
    statement = from(statement, question).sql(" GROUP BY ").then(bucket);
    for field in &question.fields {
        if let Field::Column(column) = field {
            statement = statement.sql(", ").then(column.sql.clone());
        }
    }
    let rows = fetch(pool, &statement.sql(" ORDER BY 1 LIMIT ").int(MOST_GROUPS)).await?;
    rows.iter()
        .map(|row| {
            let mut point = Point { at: row.try_get(0)?, group: Vec::new(), values: Vec::new() };
            for (index, field) in question.fields.iter().enumerate() {
                let value = show(field, &raw(row, index + 1)?, question.seconds);
                match field {
                    Field::Column(_) => point.group.push(value),
                    Field::Function(_) => point.values.push(value),
                }
            }
            Ok(point)
        })
        .collect()
}

fn select(question: &Question) -> Fragment {
    let mut statement = Fragment::new("SELECT ");
    for (index, field) in question.fields.iter().enumerate() {
        statement = if index > 0 { statement.sql(", ") } else { statement }.then(sql_of(field));
    }
    for test in &question.groups {
        statement = statement.sql(", ").then(test.function.sql.clone());
    }
    from(statement, question)
}

fn from(statement: Fragment, question: &Question) -> Fragment {
    statement
        .sql(" FROM ")
        .sql(question.dataset.source())
        .sql(" WHERE ")
        .then(question.dataset.condition())
        .sql(" AND ")
        .then(question.condition.clone())
}

fn sql_of(field: &Field) -> Fragment {
    match field {
        Field::Column(column) => column.sql.clone(),
        Field::Function(function) => function.sql.clone(),
    }
}

fn passes(question: &Question, row: &SqliteRow) -> Result<bool, sqlx::Error> {
    for (index, test) in question.groups.iter().enumerate() {
        let value = finish(test.function.finish, &raw(row, question.fields.len() + index)?, question.seconds);
        if !test.passes(value.as_f64().unwrap_or(0.0)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn shown(question: &Question, row: &SqliteRow) -> Result<Vec<Value>, sqlx::Error> {
    let fields = question.fields.iter().enumerate();
    fields.map(|(index, field)| Ok(show(field, &raw(row, index)?, question.seconds))).collect()
}

fn raw(row: &SqliteRow, index: usize) -> Result<Raw, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    Ok(match value.type_info().name() {
        "NULL" => Raw::Nothing,
        "INTEGER" | "BOOLEAN" => Raw::Integer(row.try_get(index)?),
        "REAL" => Raw::Real(row.try_get(index)?),
        _ => Raw::Text(row.try_get(index)?),
    })
}

async fn fetch(pool: &SqlitePool, statement: &Fragment) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let arguments = arguments(statement)?;
    sqlx::query_with(AssertSqlSafe(statement.as_sql().to_owned()), arguments).fetch_all(pool).await
}

/// Numbers by size, texts by letters, what is missing first.
fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            text(left).cmp(&text(right))
        }
    }
}
