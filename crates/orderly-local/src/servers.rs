//! Starts and stops the two servers.
//!
//! [`LocalServers::start`] opens the data, fills it with what is missing, and serves the Sentry side and the tracker
//! on two ports of 127.0.0.1 until [`LocalServers::stop`].

mod config;
mod listen;

use std::path::Path;

use axum::middleware::from_fn;
use serde::Serialize;

use crate::clock::Clock;
use crate::error::LocalError;
use crate::knobs::Knobs;
use crate::sentry::api::host::{loopback_only, own_pages_only};
use crate::sentry::api::rate_limit::RateLimits;
use crate::sentry::ingest::Journal;
use crate::sentry::side::{self, Background, SentrySide, Stored};
use crate::sentry::store::journal_position;
use crate::sentry::store::payloads::Dictionaries;
use crate::sentry::store::seed::{self, Seed, Seeded};
use crate::sentry::store::sentry_apps;
use crate::sentry::webhooks::address::{self, Reach};
use crate::store::Store;
use crate::tracker::{Tracker, TrackerSeed};
pub use config::{LocalConfig, Steering};
use listen::{Running, bind, serve};

/// Both servers, running. Dropping it without [`LocalServers::stop`] cuts them off.
#[derive(Debug)]
pub struct LocalServers {
    ready: Ready,
    pages_link: String,
    clock: Clock,
    sentry_knobs: Knobs,
    tracker_knobs: Knobs,
    sentry_rate_limits: RateLimits,
    tracker: Tracker,
    sentry_server: Running,
    tracker_server: Running,
    background: Background,
    // Last: an ephemeral directory goes when everything that uses it is gone.
    store: Store,
}

/// Where the servers are and how to get in. Serialises to the line that `orderly local --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// The Sentry side.
    pub sentry: SentryReady,
    /// The tracker.
    pub tracker: TrackerReady,
}

/// How to reach the Sentry side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentryReady {
    /// `http://127.0.0.1:PORT`, no trailing slash.
    pub url: String,
    /// A token with every scope.
    pub token: String,
    /// Slug of the organization.
    pub org: String,
    /// The projects, oldest first.
    pub projects: Vec<ReadyProject>,
    /// The webhooks that were asked for at the start; left out when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<ReadyWebhook>,
}

/// Where an app is told of everything, and how it knows who tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyWebhook {
    /// The address.
    pub url: String,
    /// Slug of the app.
    pub app: String,
    /// The client secret that requests are signed with.
    pub secret: String,
    /// The uuid of the installation that requests name.
    pub installation: String,
}

/// A project events can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyProject {
    /// Slug.
    pub slug: String,
    /// Number, as text.
    pub id: String,
    /// Where SDKs send events; empty when every key of the project is disabled.
    pub dsn: String,
}

/// How to reach the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackerReady {
    /// The GraphQL endpoint.
    pub url: String,
    /// An API key.
    pub token: String,
    /// Key of the first team.
    pub team: String,
}

impl LocalServers {
    /// Starts both servers; when it returns they answer.
    ///
    /// # Errors
    /// When the configuration cannot be served, the data cannot be opened or belongs to a running server, or a port
    /// is taken.
    pub async fn start(config: LocalConfig) -> Result<Self, LocalError> {
        config.check()?;
        let store = Store::open(&config.data).await?;
        let clock = config.clock.clone();
        let seed = Seed { org: &config.org, projects: &config.projects };
        let seeded = seed::ensure(store.pool(), seed, clock.now()).await?;

        let sentry_listener = bind("Sentry side", config.sentry_port).await?;
        let tracker_listener = bind("tracker", config.tracker_port).await?;
        let sentry_url = format!("http://{}", sentry_listener.address());
        let (sentry_knobs, tracker_knobs) = (Knobs::new(), Knobs::new());
        let sentry_rate_limits = RateLimits::new();

        let tracker_url = format!("http://{}", tracker_listener.address());
        let tracker_seed = TrackerSeed {
            organization: config.org.clone(),
            team: config.team,
            base_url: tracker_url.clone(),
        };
        let tracker = Tracker::open(store.pool().clone(), clock.clone(), tracker_seed).await?;
        let mut webhooks = Vec::with_capacity(config.webhooks.len());
        for url in &config.webhooks {
            webhooks.push(webhook(&store, url, config.webhook_reach, &clock).await?);
        }
        let ready = Ready {
            sentry: SentryReady { webhooks, ..sentry_ready(&sentry_url, &config.org, seeded)? },
            tracker: TrackerReady {
                url: format!("{tracker_url}/graphql"),
                token: tracker.api_key().to_owned(),
                team: tracker.team().to_owned(),
            },
        };

        let dictionaries = Dictionaries::load(store.pool())
            .await
            .map_err(LocalError::database("read what events are packed against"))?;
        let journal = match store.lasting_dir() {
            Some(dir) => Some(open_journal(&store, dir, &dictionaries).await?),
            None => None,
        };
        let limits = sentry_rate_limits.clone();
        let SentrySide { front, background, pages_link } = side::start(
            store.pool().clone(),
            clock.clone(),
            &sentry_url,
            limits,
            config.webhook_reach,
            config.retention,
            Stored { journal, dictionaries },
        )
        .map_err(|source| LocalError::Thread { of: "the journal of ingest", source })?;
        background.settled().await;
        let (sentry_steered, tracker_steered) = match config.steering {
            Steering::Knobs => (Some(&sentry_knobs), Some(&tracker_knobs)),
            Steering::Nobody => (None, None),
        };
        let sentry_server = serve(sentry_listener, front, sentry_steered);
        let tracker_router = tracker.router().layer(from_fn(own_pages_only)).layer(from_fn(loopback_only));
        let tracker_server = serve(tracker_listener, tracker_router, tracker_steered);
        Ok(Self {
            ready,
            pages_link,
            clock,
            sentry_knobs,
            tracker_knobs,
            sentry_rate_limits,
            tracker,
            sentry_server,
            tracker_server,
            background,
            store,
        })
    }

    /// Addresses and credentials.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The link that opens the pages for people, until the servers stop.
    pub fn pages_link(&self) -> &str {
        &self.pages_link
    }

    /// Failures of the Sentry side, and what it was asked. They do nothing where [`Steering::Nobody`] steers.
    pub fn sentry_knobs(&self) -> &Knobs {
        &self.sentry_knobs
    }

    /// Failures of the tracker, and what it was asked. They do nothing where [`Steering::Nobody`] steers.
    pub fn tracker_knobs(&self) -> &Knobs {
        &self.tracker_knobs
    }

    /// The request limits of the Sentry web API.
    pub fn sentry_rate_limits(&self) -> &RateLimits {
        &self.sentry_rate_limits
    }

    /// How the tracker behaves where trackers differ: repeated ids, search lag, limits, further API keys.
    pub fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// The time both servers live by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until everything that was acknowledged before is filed.
    #[cfg(test)]
    pub(crate) async fn settled(&self) {
        self.background.settled().await;
    }

    /// What both sides have stored, for tests that look behind the web API.
    #[cfg(test)]
    pub(crate) fn pool(&self) -> &sqlx::SqlitePool {
        self.store.pool()
    }

    /// Stops taking requests, answers those that are being handled (for at most two seconds), and closes the data.
    ///
    /// # Errors
    /// When a server had already stopped on its own.
    pub async fn stop(self) -> Result<(), LocalError> {
        let (sentry, tracker) = tokio::join!(self.sentry_server.stop(), self.tracker_server.stop());
        self.background.stop().await;
        self.store.close().await;
        sentry.and(tracker)
    }

    /// Serves until one of the servers stops on its own, which only a fault makes it do.
    ///
    /// # Errors
    /// Always, with the reason.
    pub async fn wait(&mut self) -> Result<(), LocalError> {
        tokio::select! {
            stopped = self.sentry_server.ended() => stopped,
            stopped = self.tracker_server.ended() => stopped,
        }
    }
}

async fn open_journal(store: &Store, dir: &Path, dictionaries: &Dictionaries) -> Result<Journal, LocalError> {
    let filed = journal_position::get(store.pool())
        .await
        .map_err(LocalError::database("read how far the journal is filed"))?;
    Journal::open(dir, filed, dictionaries).map_err(|source| LocalError::DataDir {
        doing: "read the journal in",
        path: dir.to_owned(),
        source,
    })
}

fn sentry_ready(url: &str, org: &str, seeded: Seeded) -> Result<SentryReady, LocalError> {
    let mut projects = Vec::with_capacity(seeded.projects.len());
    for project in seeded.projects {
        let dsn = project.public_key.map(|key| side::dsn(url, &key, project.id)).transpose()?;
        projects.push(ReadyProject {
            slug: project.slug,
            id: project.id.to_string(),
            dsn: dsn.unwrap_or_default(),
        });
    }
    Ok(SentryReady {
        url: url.to_owned(),
        token: seeded.token,
        org: org.to_owned(),
        projects,
        webhooks: Vec::new(),
    })
}

/// The app that is told at this address, made by the first start that asks for it.
async fn webhook(store: &Store, url: &str, reach: Reach, clock: &Clock) -> Result<ReadyWebhook, LocalError> {
    let refused = |why| LocalError::Webhook { url: url.to_owned(), why };
    address::read(url, reach).map_err(refused)?;
    let app = sentry_apps::listener(store.pool(), url, clock.now())
        .await
        .map_err(LocalError::database("register a webhook"))?;
    let secret = app.webhook.map(|hook| hook.secret).unwrap_or_default();
    Ok(ReadyWebhook { url: url.to_owned(), app: app.slug, secret, installation: app.installation })
}

#[cfg(test)]
mod tests;
