//! The searchable values of issues that are neither columns nor tags.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use super::events::as_json;
use crate::sentry::search::terms::Terms;

/// Adds values to those of their issues. One statement, whatever their number.
///
/// # Errors
/// When the database refuses.
pub async fn record(
    connection: &mut SqliteConnection,
    terms: &BTreeMap<i64, Terms>,
) -> Result<(), sqlx::Error> {
    let rows: Vec<(i64, &str, &String)> = terms
        .iter()
        .flat_map(|(issue, terms)| terms.iter().map(|(key, value)| (*issue, key.as_str(), value)))
        .collect();
    sqlx::query(
        "INSERT OR IGNORE INTO issue_term (issue_id, key, value)
         SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)",
    )
    .bind(as_json(&rows))
    .execute(connection)
    .await?;
    Ok(())
}
