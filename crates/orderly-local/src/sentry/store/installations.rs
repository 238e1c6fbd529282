//! Installed apps: through one of them, issues are linked to a tracker.

use sqlx::SqlitePool;

/// An app and its installation in the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Row id.
    pub id: i64,
    /// What addresses name it by.
    pub uuid: String,
    /// `installed` or `pending`.
    pub status: String,
    /// Row id of the app.
    pub app_id: i64,
    /// The app's own uuid.
    pub app_uuid: String,
    /// The app's slug: `serviceType` of the links it makes.
    pub app_slug: String,
    /// Name for people.
    pub app_name: String,
}

/// Every installation, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &SqlitePool) -> Result<Vec<Installation>, sqlx::Error> {
    let rows: Vec<(i64, String, String, i64, String, String, String)> = sqlx::query_as(
        "SELECT installation.id, installation.uuid, installation.status,
                sentry_app.id, sentry_app.uuid, sentry_app.slug, sentry_app.name
         FROM installation JOIN sentry_app ON sentry_app.id = installation.app_id ORDER BY installation.id",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, uuid, status, app_id, app_uuid, app_slug, app_name)| Installation {
            id,
            uuid,
            status,
            app_id,
            app_uuid,
            app_slug,
            app_name,
        })
        .collect())
}

/// The installation with this uuid.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &SqlitePool, uuid: &str) -> Result<Option<Installation>, sqlx::Error> {
    Ok(list(pool).await?.into_iter().find(|installation| installation.uuid == uuid))
}
