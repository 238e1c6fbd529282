//! Sends webhooks: each app gets its own in order, apps do not wait for each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use orderly_wire::sentry::hook::signature;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::attempt::{Outcome, TIMEOUT};
use super::{address, feed};
use crate::sentry::alerts::workflows;
use crate::sentry::api::AppState;
use crate::sentry::api::error::ApiResult;
use crate::sentry::store::deliveries::{self, Delivery};
use crate::sentry::store::sentry_apps::{self, App, Webhook};

/// How often, in real time, the server looks for what has become due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The shortest time between two looks, however much is going on.
const REST: Duration = Duration::from_millis(50);
/// Deliveries of one look.
const AT_ONCE: i64 = 200;

/// Says that something has happened. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Something may have happened.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Sends until the set is dropped.
pub fn spawn(tasks: &mut JoinSet<()>, state: AppState, bell: Bell) {
    tasks.spawn(async move {
        let Some(sender) = Sender::new(state) else { return };
        loop {
            // Nobody rang: the clock may have gone on all the same.
            let _ = tokio::time::timeout(LOOK_EVERY, bell.0.notified()).await;
            if let Err(error) = sender.round().await {
                tracing::error!(%error, "webhooks could not be sent");
            }
            tokio::time::sleep(REST).await;
        }
    });
}

struct Sender {
    state: AppState,
    http: reqwest::Client,
}

impl Sender {
    fn new(state: AppState) -> Option<Self> {
        // An error means that the program chose a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent("Sentry/1.0 (orderly local)")
            .build();
        match client {
            Ok(http) => Some(Self { state, http }),
            Err(error) => {
                tracing::error!(%error, "no webhooks are sent: there is no HTTP client");
                None
            }
        }
    }

    /// Collects what happened, looks at what alerts ask for, and sends what is due.
    async fn round(&self) -> ApiResult<()> {
        workflows::run(&self.state).await?;
        feed::collect(&self.state).await?;
        let due = deliveries::due(self.state.pool(), self.state.clock().now(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(());
        }
        let apps = sentry_apps::list(self.state.pool()).await?;
        let mut queues: BTreeMap<i64, Vec<Delivery>> = BTreeMap::new();
        for delivery in due {
            queues.entry(delivery.app).or_default().push(delivery);
        }
        let sent = queues.into_iter().map(|(app, queue)| {
            let app = apps.iter().find(|known| known.id == app);
            self.send_all(app, queue)
        });
        join_all(sent).await.into_iter().collect()
    }

    async fn send_all(&self, app: Option<&App>, queue: Vec<Delivery>) -> ApiResult<()> {
        let Some(webhook) = app.and_then(|app| app.webhook.as_ref()) else { return Ok(()) };
        for delivery in queue {
            let outcome = self.send(webhook, &delivery).await;
            tracing::debug!(delivery = delivery.id, ?outcome, "a webhook was sent");
            let now = self.state.clock().now();
            deliveries::attempted(self.state.pool(), &delivery, &outcome, webhook.kind, now).await?;
        }
        Ok(())
    }

    async fn send(&self, webhook: &Webhook, delivery: &Delivery) -> Outcome {
        // The address was good when it was registered; the server may have been started with a shorter reach since.
        let url = match address::read(&webhook.url, self.state.webhook_reach()) {
            Ok(url) => url,
            Err(bad) => return Outcome::Unreachable(bad.to_string()),
        };
        let request = self
            .http
            .post(url)
            .header("Content-Type", "application/json")
            .header("Request-ID", &delivery.request_id)
            .header("Sentry-Hook-Resource", delivery.resource.as_str())
            .header("Sentry-Hook-Timestamp", self.state.clock().now().as_second().to_string())
            .header("Sentry-Hook-Signature", signature(&webhook.secret, delivery.body.as_bytes()))
            .body(delivery.body.clone());
        match request.send().await {
            Ok(response) => Outcome::Answered(response.status().as_u16()),
            Err(error) if error.is_timeout() => Outcome::TimedOut,
            Err(error) => Outcome::Unreachable(error.without_url().to_string()),
        }
    }
}
