//! The tags of many events or spans at once.

use sqlx::{AssertSqlSafe, SqlitePool};

use super::issues_read::arguments;
use crate::sentry::explore::Dataset;
use crate::sentry::search::Fragment;

/// Values that are shown of a key.
const MOST_VALUES: usize = 10;

/// Rows that are looked at, the newest ones.
const SAMPLE: i64 = 50_000;

/// A tag key and its most frequent values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The key.
    pub key: String,
    /// Rows that have it.
    pub total: i64,
    /// Different values.
    pub unique: i64,
    /// Values and how many rows have them, most first.
    pub values: Vec<(String, i64)>,
}

/// The tags of the newest rows for which `condition` holds, most frequent key first.
///
/// # Errors
/// When the database refuses.
pub async fn of(
    pool: &SqlitePool,
    dataset: Dataset,
    condition: &Fragment,
) -> Result<Vec<Facet>, sqlx::Error> {
    let statement = Fragment::new(
        "SELECT t.value ->> 0 AS key, t.value ->> 1 AS value, COUNT(*) FROM (SELECT event.tags_json FROM ",
    )
    .sql(dataset.source())
    .sql(" WHERE ")
    .then(dataset.condition())
    .sql(" AND ")
    .then(condition.clone())
    .sql(" ORDER BY event.id DESC LIMIT ")
    .int(SAMPLE)
    .sql(") AS sample, json_each(sample.tags_json) AS t GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2");
    let arguments = arguments(&statement)?;
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as_with(AssertSqlSafe(statement.as_sql().to_owned()), arguments).fetch_all(pool).await?;
    let mut facets: Vec<Facet> = Vec::new();
    for (key, value, count) in rows {
        let at = facets.iter().position(|facet| facet.key == key).unwrap_or_else(|| {
            facets.push(Facet { key, total: 0, unique: 0, values: Vec::new() });
            facets.len() - 1
        });
        let facet = &mut facets[at];
        facet.total += count;
        facet.unique += 1;
        if facet.values.len() < MOST_VALUES {
            facet.values.push((value, count));
        }
    }
    facets.sort_by(|left, right| right.total.cmp(&left.total).then_with(|| left.key.cmp(&right.key)));
    Ok(facets)
}
