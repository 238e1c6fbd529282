//! Apps of the integration platform: registering one with its webhook, and what it was told.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::{missing, read_slug, slugify};
use super::page::{PageRequest, Paged};
use crate::sentry::model::watch::HookResource;
use crate::sentry::store::deliveries::{self, Delivery};
use crate::sentry::store::organization::{self, Organization};
use crate::sentry::store::sentry_apps::{self, Alerts, App, NewApp, Webhook};
use crate::sentry::webhooks::address;
use crate::sentry::webhooks::attempt::AppKind;
use orderly_wire::sentry::hook::signature;

/// Longest name of an app.
const LONGEST_NAME: usize = 57;

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/sentry-apps/", get(list).post(create))
        .route("/organizations/{org}/sentry-apps/", get(list_of_organization))
        .route("/sentry-apps/{app}/", get(detail).put(update).delete(remove))
        .route("/sentry-apps/{app}/webhook-requests/", get(log))
        .route("/sentry-apps/{app}/requests/", get(log))
}

async fn list(State(state): State<AppState>, caller: Caller, page: PageRequest) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadInstallations)?;
    shown_list(&state, &caller, &page).await
}

async fn list_of_organization(asked: Asked, page: PageRequest) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadInstallations).await?;
    shown_list(&asked.state, &asked.caller, &page).await
}

async fn shown_list(state: &AppState, caller: &Caller, page: &PageRequest) -> ApiResult<Paged<Value>> {
    let owner = owner(state).await?;
    let apps = sentry_apps::list(state.pool()).await?;
    Ok(Paged::from_whole(apps.iter().map(|app| render(app, &owner, caller)).collect(), page))
}

async fn owner(state: &AppState) -> ApiResult<Organization> {
    organization::list(state.pool()).await?.into_iter().next().ok_or_else(missing)
}

async fn named(state: &AppState, slug_or_uuid: &str) -> ApiResult<App> {
    sentry_apps::find(state.pool(), slug_or_uuid).await?.ok_or_else(missing)
}

async fn detail(
    State(state): State<AppState>,
    caller: Caller,
    Path(app): Path<String>,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadInstallations)?;
    let app = named(&state, &app).await?;
    Ok(Json(render(&app, &owner(&state).await?, &caller)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppBody {
    name: Option<String>,
    slug: Option<String>,
    webhook_url: Option<String>,
    events: Option<Vec<String>>,
    is_alertable: Option<bool>,
    is_internal: Option<bool>,
    /// A client that knows its secret already may name it.
    client_secret: Option<String>,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody<AppBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    caller.require(Access::WriteApps)?;
    let name = name(body.name.as_deref().unwrap_or_default())?.to_owned();
    let slug = body.slug.clone().unwrap_or_else(|| slugify(&name));
    let slug = read_slug("name", &slug)?;
    let webhook = body.read(&state, Webhook::blank())?;
    let app = NewApp { slug, name: &name, webhook };
    let made = sentry_apps::create(state.pool(), &app, state.clock().now()).await?.ok_or_else(|| {
        ApiError::invalid_field("name", format!("Name {name} is already taken, please use another."))
    })?;
    Ok((StatusCode::CREATED, Json(render(&made, &owner(&state).await?, &caller))))
}

async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(app): Path<String>,
    JsonBody(body): JsonBody<AppBody>,
) -> ApiResult<Json<Value>> {
    caller.require(Access::WriteApps)?;
    let app = named(&state, &app).await?;
    let known = app.webhook.clone().unwrap_or_else(Webhook::blank);
    let name = name(body.name.as_deref().unwrap_or(&app.name))?.to_owned();
    let webhook = body.read(&state, known)?;
    sentry_apps::update(state.pool(), app.id, &name, &webhook).await?;
    let changed = named(&state, &app.slug).await?;
    Ok(Json(render(&changed, &owner(&state).await?, &caller)))
}

async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Path(app): Path<String>,
) -> ApiResult<StatusCode> {
    caller.require(Access::WriteApps)?;
    let app = named(&state, &app).await?;
    sentry_apps::delete(state.pool(), app.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn name(text: &str) -> ApiResult<&str> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(ApiError::invalid_field(
            "name",
            format!("An app's name has 1 to {LONGEST_NAME} characters."),
        ));
    }
    Ok(name)
}

impl AppBody {
    /// The webhook that this body makes out of another one.
    fn read(&self, state: &AppState, mut webhook: Webhook) -> ApiResult<Webhook> {
        if let Some(url) = &self.webhook_url {
            webhook.url.clone_from(url);
        }
        address::read(&webhook.url, state.webhook_reach())
            .map_err(|why| ApiError::invalid_field("webhookUrl", why.to_string()))?;
        if let Some(events) = &self.events {
            webhook.events = events.iter().map(|name| event(name)).collect::<ApiResult<_>>()?;
        }
        if let Some(secret) = &self.client_secret {
            if secret.len() < 16 || secret.len() > 200 {
                return Err(ApiError::invalid_field("clientSecret", "A secret has 16 to 200 characters."));
            }
            webhook.secret.clone_from(secret);
        }
        match self.is_alertable {
            Some(true) => webhook.alerts = Alerts::Told,
            Some(false) => webhook.alerts = Alerts::Silent,
            None => {}
        }
        match self.is_internal {
            Some(true) => webhook.kind = AppKind::Internal,
            Some(false) => webhook.kind = AppKind::Published,
            None => {}
        }
        Ok(webhook)
    }
}

fn event(name: &str) -> ApiResult<HookResource> {
    match name.parse() {
        Ok(resource @ (HookResource::Issue | HookResource::Comment)) => Ok(resource),
        _ => Err(ApiError::invalid_field(
            "events",
            format!(
                "This server tells of issue and comment, and of alerts with isAlertable; not of {name:?}."
            ),
        )),
    }
}

/// An app; its secret is for those who may change it.
fn render(app: &App, owner: &Organization, caller: &Caller) -> Value {
    let hook = app.webhook.as_ref();
    let internal = hook.is_some_and(|hook| hook.kind == AppKind::Internal);
    json!({
        "uuid": app.uuid,
        "slug": app.slug,
        "name": app.name,
        "status": if internal { "internal" } else { "published" },
        "author": null,
        "overview": null,
        "popularity": 1,
        "schema": {},
        "scopes": [],
        "allowedOrigins": [],
        "avatars": [],
        "featureData": [],
        "metadata": {},
        "redirectUrl": null,
        "verifyInstall": false,
        "webhookUrl": hook.map(|hook| &hook.url),
        "events": hook.map_or_else(Vec::new, |hook| hook.events.clone()),
        "isAlertable": hook.is_some_and(|hook| hook.alerts == Alerts::Told),
        "isDisabled": hook.is_some_and(|hook| hook.disabled_at.is_some()),
        "clientId": app.uuid,
        "clientSecret": hook.filter(|_| caller.require(Access::WriteApps).is_ok()).map(|hook| &hook.secret),
        "owner": {"id": owner.id, "slug": owner.slug},
        "installation": {"uuid": app.installation},
        "dateCreated": app.created_at,
    })
}

/// What the app was told, newest first: each webhook with its body, headers, and how it went.
async fn log(
    State(state): State<AppState>,
    caller: Caller,
    Path(app): Path<String>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadInstallations)?;
    let app = named(&state, &app).await?;
    let owner = owner(&state).await?;
    let log = deliveries::log(state.pool(), app.id, page.fetch(), page.offset()).await?;
    let shown = log.iter().map(|delivery| render_delivery(&app, &owner, delivery));
    Ok(Paged::from_overfetched(shown.collect(), &page))
}

fn render_delivery(app: &App, owner: &Organization, delivery: &Delivery) -> Value {
    let hook = app.webhook.as_ref();
    json!({
        "id": delivery.id.to_string(),
        "sentryAppSlug": app.slug,
        "webhookUrl": hook.map(|hook| &hook.url),
        "eventType": format!("{}.{}", delivery.resource, delivery.action),
        "organization": {"name": owner.name, "slug": owner.slug},
        "date": delivery.created_at,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "responseCode": delivery.response_code.unwrap_or(0),
        "error": delivery.error,
        "requestBody": delivery.body,
        "requestHeaders": {
            "Content-Type": "application/json",
            "Request-ID": delivery.request_id,
            "Sentry-Hook-Resource": delivery.resource,
            "Sentry-Hook-Signature": hook.map(|hook| signature(&hook.secret, delivery.body.as_bytes())),
        },
    })
}
