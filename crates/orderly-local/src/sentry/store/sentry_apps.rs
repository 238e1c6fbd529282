//! Apps of the integration platform: their webhooks, their installation.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqlitePool};
use uuid::Uuid;

use super::log_positions::{self, Reader};
use crate::sentry::model::watch::HookResource;
use crate::sentry::model::{UnknownWord, from_micros};
use crate::sentry::webhooks::attempt::AppKind;

/// An app and its installation in the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Row id.
    pub id: i64,
    /// Its uuid.
    pub uuid: String,
    /// Its slug.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// The uuid of its installation.
    pub installation: String,
    /// Row id of its installation.
    pub installation_id: i64,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// Where it is told of what happens.
    pub webhook: Option<Webhook>,
}

/// Where an app is told of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The address.
    pub url: String,
    /// What signs the requests.
    pub secret: String,
    /// What it is told of, besides alerts.
    pub events: Vec<HookResource>,
    /// Whether it is told of alerts.
    pub alerts: Alerts,
    /// Internal or published.
    pub kind: AppKind,
    /// When it was switched off because it timed out too often.
    pub disabled_at: Option<Timestamp>,
}

/// Whether an app is told of alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alerts {
    /// Those that name it, or nobody.
    Told,
    /// None.
    Silent,
}

/// An app to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApp<'a> {
    /// Its slug.
    pub slug: &'a str,
    /// Name for people.
    pub name: &'a str,
    /// Its webhook.
    pub webhook: Webhook,
}

impl FromRow<'_, SqliteRow> for App {
    fn from_row(row: &SqliteRow) -> Result<App, sqlx::Error> {
        let webhook = match row.try_get::<Option<String>, _>("url")? {
            Some(url) => Some(Webhook {
                url,
                secret: row.try_get("secret")?,
                events: events(row.try_get("events_json")?)?,
                alerts: if row.try_get("is_alertable")? { Alerts::Told } else { Alerts::Silent },
                kind: if row.try_get("is_internal")? { AppKind::Internal } else { AppKind::Published },
                disabled_at: row.try_get::<Option<i64>, _>("disabled_at")?.map(from_micros),
            }),
            None => None,
        };
        Ok(App {
            id: row.try_get("id")?,
            uuid: row.try_get("uuid")?,
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            installation: row.try_get("installation")?,
            installation_id: row.try_get("installation_id")?,
            created_at: from_micros(row.try_get("created_at")?),
            webhook,
        })
    }
}

fn events(json: &str) -> Result<Vec<HookResource>, sqlx::Error> {
    let names: Vec<String> = serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let read: Result<Vec<HookResource>, UnknownWord> = names.iter().map(|name| name.parse()).collect();
    read.map_err(|unknown| sqlx::Error::Decode(unknown.into()))
}

/// Every app, oldest first.
///
/// # Errors
/// When the database refuses or holds an event that does not exist.
pub async fn list(pool: &SqlitePool) -> Result<Vec<App>, sqlx::Error> {
    sqlx::query_as(
        "SELECT sentry_app.*, installation.uuid AS installation, installation.id AS installation_id, webhook.url,
                webhook.secret, webhook.events_json, webhook.is_alertable, webhook.is_internal, webhook.disabled_at
         FROM sentry_app JOIN installation ON installation.app_id = sentry_app.id
         LEFT JOIN webhook ON webhook.app_id = sentry_app.id ORDER BY sentry_app.id",
    )
    .fetch_all(pool)
    .await
}

/// The app with this slug or uuid.
///
/// # Errors
/// When the database refuses.
pub async fn find(pool: &SqlitePool, slug_or_uuid: &str) -> Result<Option<App>, sqlx::Error> {
    Ok(list(pool).await?.into_iter().find(|app| app.slug == slug_or_uuid || app.uuid == slug_or_uuid))
}

/// Creates an app with its installation. `None` when the slug is taken.
///
/// # Errors
/// When the database refuses.
pub async fn create(pool: &SqlitePool, app: &NewApp<'_>, now: Timestamp) -> Result<Option<App>, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let made: Option<i64> = sqlx::query_scalar(
        "INSERT INTO sentry_app (uuid, slug, name, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(Uuid::new_v4().to_string())
    .bind(app.slug)
    .bind(app.name)
    .bind(now.as_microsecond())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(id) = made else { return Ok(None) };
    sqlx::query("INSERT INTO installation (uuid, app_id, created_at) VALUES ($1, $2, $3)")
        .bind(Uuid::new_v4().to_string())
        .bind(id)
        .bind(now.as_microsecond())
        .execute(&mut *tx)
        .await?;
    save_webhook(&mut tx, id, &app.webhook).await?;
    tx.commit().await?;
    Ok(list(pool).await?.into_iter().find(|app| app.id == id))
}

/// The app that is told of everything at this address: the one that is there already, or a new one.
///
/// # Errors
/// When the database refuses.
pub async fn listener(pool: &SqlitePool, url: &str, now: Timestamp) -> Result<App, sqlx::Error> {
    let at_this_address = |app: &App| app.webhook.as_ref().is_some_and(|hook| hook.url == url);
    if let Some(known) = list(pool).await?.into_iter().find(at_this_address) {
        return Ok(known);
    }
    let webhook = Webhook {
        url: url.to_owned(),
        events: vec![HookResource::Issue, HookResource::Comment],
        alerts: Alerts::Told,
        ..Webhook::blank()
    };
    let slug = format!("listener-{}", &fresh_secret()[..8]);
    let app = NewApp { slug: &slug, name: "Listener", webhook };
    create(pool, &app, now).await?.ok_or(sqlx::Error::RowNotFound)
}

impl Webhook {
    /// A published app's webhook with a new secret, that goes nowhere and tells nothing yet.
    pub fn blank() -> Webhook {
        Webhook {
            url: String::new(),
            secret: fresh_secret(),
            events: Vec::new(),
            alerts: Alerts::Silent,
            kind: AppKind::Published,
            disabled_at: None,
        }
    }
}

/// A client secret: 64 hex digits.
fn fresh_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Changes an app's name and webhook.
///
/// # Errors
/// When the database refuses.
pub async fn update(pool: &SqlitePool, app: i64, name: &str, webhook: &Webhook) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("UPDATE sentry_app SET name = $2 WHERE id = $1")
        .bind(app)
        .bind(name)
        .execute(&mut *tx)
        .await?;
    save_webhook(&mut tx, app, webhook).await?;
    tx.commit().await
}

/// Removes an app with its installation, tokens, links and deliveries.
///
/// # Errors
/// When the database refuses.
pub async fn delete(pool: &SqlitePool, app: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sentry_app WHERE id = $1").bind(app).execute(pool).await.map(drop)
}

async fn save_webhook(
    connection: &mut sqlx::SqliteConnection,
    app: i64,
    webhook: &Webhook,
) -> Result<(), sqlx::Error> {
    let any: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM webhook)").fetch_one(&mut *connection).await?;
    if !any {
        // The first one: it is told of what happens from now on.
        let end = log_positions::end(connection).await?;
        log_positions::set(connection, Reader::Webhooks, end).await?;
    }
    sqlx::query(
        "INSERT OR REPLACE INTO webhook (app_id, url, secret, events_json, is_alertable, is_internal, disabled_at)
         VALUES ($1, $2, $3, $4, $5, $6, NULL)",
    )
    .bind(app)
    .bind(&webhook.url)
    .bind(&webhook.secret)
    .bind(texts(&webhook.events))
    .bind(webhook.alerts == Alerts::Told)
    .bind(webhook.kind == AppKind::Internal)
    .execute(connection)
    .await
    .map(drop)
}

fn texts<T: Serialize>(values: &[T]) -> String {
    super::events::as_json(&values)
}
