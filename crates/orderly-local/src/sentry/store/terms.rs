//! The searchable values of issues that are neither columns nor tags.

use serde_json::json;
use sqlx::SqliteConnection;

use crate::sentry::search::terms::Terms;

/// Adds the values of an event to those of its issue. One statement, whatever their number.
///
/// # Errors
/// When the database refuses.
pub async fn record(connection: &mut SqliteConnection, issue: i64, terms: &Terms) -> Result<(), sqlx::Error> {
    let pairs: Vec<_> = terms.iter().map(|(key, value)| json!([key.as_str(), value])).collect();
    sqlx::query(
        "INSERT OR IGNORE INTO issue_term (issue_id, key, value)
         SELECT $1, value ->> 0, value ->> 1 FROM json_each($2)",
    )
    .bind(issue)
    .bind(serde_json::Value::from(pairs).to_string())
    .execute(connection)
    .await?;
    Ok(())
}
