//! How far the journal of ingest is in the database. It is written in the transaction that files what it counts.

use sqlx::{SqliteConnection, SqlitePool};

/// A place in the journal: everything before it is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Number of the file.
    pub segment: u32,
    /// Bytes of the file.
    pub offset: u64,
}

/// Where everything before is filed.
///
/// # Errors
/// When the database refuses.
pub async fn get(pool: &SqlitePool) -> Result<Position, sqlx::Error> {
    let found: Option<(u32, i64)> =
        sqlx::query_as("SELECT segment, bytes FROM journal_position").fetch_optional(pool).await?;
    Ok(found.map_or_else(Position::default, |(segment, bytes)| Position {
        segment,
        offset: bytes.unsigned_abs(),
    }))
}

/// Everything before this place is filed.
///
/// # Errors
/// When the database refuses.
pub async fn set(connection: &mut SqliteConnection, position: Position) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT OR REPLACE INTO journal_position (id, segment, bytes) VALUES (1, $1, $2)")
        .bind(position.segment)
        .bind(i64::try_from(position.offset).unwrap_or(i64::MAX))
        .execute(connection)
        .await
        .map(drop)
}
