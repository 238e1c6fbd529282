//! How far the readers of the growing tables have come. Row ids of issues, activities and events only grow, and one
//! writer at a time gives them, so "everything after row n" misses nothing.

use sqlx::{SqliteConnection, SqlitePool};

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// What apps are told.
    Webhooks,
    /// What sets off issue alerts.
    Workflows,
}

impl Reader {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Webhooks => "webhooks",
            Self::Workflows => "workflows",
        }
    }
}

/// The largest row ids that were dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Of issues.
    pub issue: i64,
    /// Of activities.
    pub activity: i64,
    /// Of events.
    pub event: i64,
}

impl Position {
    fn of((issue, activity, event): (i64, i64, i64)) -> Self {
        Self { issue, activity, event }
    }
}

/// Where everything that is stored so far has been read.
///
/// # Errors
/// When the database refuses.
pub async fn end(connection: &mut SqliteConnection) -> Result<Position, sqlx::Error> {
    let found = sqlx::query_as(
        "SELECT (SELECT COALESCE(MAX(id), 0) FROM issue), (SELECT COALESCE(MAX(id), 0) FROM activity),
                (SELECT COALESCE(MAX(id), 0) FROM event)",
    );
    found.fetch_one(connection).await.map(Position::of)
}

/// Where a reader is; `None` before it began.
///
/// # Errors
/// When the database refuses.
pub async fn of(pool: &SqlitePool, reader: Reader) -> Result<Option<Position>, sqlx::Error> {
    let found = sqlx::query_as("SELECT issue, activity, event FROM log_position WHERE reader = $1")
        .bind(reader.as_str())
        .fetch_optional(pool)
        .await?;
    Ok(found.map(Position::of))
}

/// Puts a reader there.
///
/// # Errors
/// When the database refuses.
pub async fn set(
    connection: &mut SqliteConnection,
    reader: Reader,
    position: Position,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO log_position (reader, issue, activity, event) VALUES ($1, $2, $3, $4)",
    )
    .bind(reader.as_str())
    .bind(position.issue)
    .bind(position.activity)
    .bind(position.event)
    .execute(connection)
    .await
    .map(drop)
}
