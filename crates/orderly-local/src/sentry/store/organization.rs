//! The organization: one per database.

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::sentry::model::from_micros;

/// The organization that a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Row id.
    pub id: i64,
    /// Slug, as in every address.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// When the database was made.
    pub created_at: Timestamp,
}

/// Everything that is an organization here; a list because the API's answer is one.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &SqlitePool) -> Result<Vec<Organization>, sqlx::Error> {
    let rows: Vec<(i64, String, String, i64)> =
        sqlx::query_as("SELECT id, slug, name, created_at FROM org ORDER BY id").fetch_all(pool).await?;
    Ok(rows
        .into_iter()
        .map(|(id, slug, name, created)| Organization { id, slug, name, created_at: from_micros(created) })
        .collect())
}

/// The organization with this slug or id.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &SqlitePool, slug_or_id: &str) -> Result<Option<Organization>, sqlx::Error> {
    let all = list(pool).await?;
    Ok(all.into_iter().find(|org| org.slug == slug_or_id || org.id.to_string() == slug_or_id))
}
