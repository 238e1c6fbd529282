//! Builds the real clients from the settings.

use crate::access;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use orderly_connect::http::{Settings as HttpSettings, SetupError};
use orderly_connect::linear::{self, LinearClient, LinearSettings};
use orderly_connect::sentry::{self, SentryClient, SentrySettings};
use std::sync::Arc;

/// The Sentry client of the configured organization.
///
/// # Errors
/// A usage failure without an organization, an access failure without a token.
pub async fn sentry(config: &Config) -> Result<SentryClient, Failure> {
    let site = config.settings.site()?;
    let (token, _) = access::sentry(config).await?;
    let settings = SentrySettings {
        url: site.base_url,
        org: site.org,
        token,
        link_app: config.settings.link_app.clone(),
        http: HttpSettings::default(),
    };
    let client = SentryClient::new(settings, Arc::new(SystemClock)).map_err(|error| setup(&error))?;
    Ok(if config.settings.projects.is_empty() { client.over_every_project() } else { client })
}

/// The tracker's client.
///
/// # Errors
/// An access failure without a key.
pub fn tracker(config: &Config) -> Result<LinearClient, Failure> {
    let (token, _) = access::tracker(config)?;
    let url = config.settings.tracker_url.to_string();
    LinearClient::new(LinearSettings { url, token, http: HttpSettings::default() }, Arc::new(SystemClock))
        .map_err(|error| setup(&error))
}

/// A Sentry client for looking around.
///
/// # Errors
/// When the token cannot be sent or TLS cannot be set up.
pub fn sentry_probe(url: &str, token: &sentry::SentryToken) -> Result<sentry::Probe, Failure> {
    sentry::Probe::new(url, token, HttpSettings::default(), Arc::new(SystemClock))
        .map_err(|error| setup(&error))
}

/// A tracker client for looking around.
///
/// # Errors
/// When the key cannot be sent or TLS cannot be set up.
pub fn tracker_probe(url: &str, token: &linear::LinearToken) -> Result<linear::Probe, Failure> {
    linear::Probe::new(url, token, HttpSettings::default(), Arc::new(SystemClock))
        .map_err(|error| setup(&error))
}

fn setup(error: &SetupError) -> Failure {
    Failure::new(Kind::Usage, "a client cannot be made from the settings").because(error)
}
