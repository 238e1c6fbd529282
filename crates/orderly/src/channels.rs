//! Builds what reaches the configured chat channels. A channel that cannot be reached is no failure: it is said where people
//! are told.

use crate::clock::SystemClock;
use crate::config::Config;
use crate::config::channel::{ChannelAccess, ChannelSettings, Variable};
use crate::config::secret::{self, Found};
use orderly_connect::chat::{self, Service};
use orderly_engine::incident::ChannelAt;
use secrecy::SecretString;
use std::path::Path;
use std::sync::Arc;

/// Every channel of the configuration.
pub fn all(config: &Config) -> Vec<ChannelAt> {
    let channels = config.settings.channels.iter();
    channels.map(|one| ChannelAt { channel: one.channel.clone(), teller: teller(one, &config.dir) }).collect()
}

/// The variables of a channel with the places that they were found in, or without one.
pub fn variables<'c>(one: &'c ChannelSettings, dir: &Path) -> Vec<(&'c Variable, Option<String>)> {
    let found = |variable: &Variable| secret::named(variable.as_str(), dir).map(|found| found.place);
    one.access.variables().into_iter().map(|variable| (variable, found(variable))).collect()
}

/// What tells people in a channel.
///
/// # Errors
/// Why nobody can be told there, without any secret.
pub fn teller(
    one: &ChannelSettings,
    dir: &Path,
) -> Result<Box<dyn orderly_engine::ports::incident::Teller>, String> {
    let held = |variable: &Variable| held(variable, dir);
    let service = match &one.access {
        ChannelAccess::Slack { url, id, token } => {
            Service::Slack { url: url.clone(), channel: id.clone(), token: held(token)? }
        }
        ChannelAccess::Discord { address } => Service::Discord { address: held(address)? },
        ChannelAccess::Teams { address } => Service::Teams { address: held(address)? },
        ChannelAccess::Webhook { address, key } => {
            Service::Webhook { address: held(address)?, key: held(key)? }
        }
    };
    chat::teller(&one.channel.name, service, chat::limits(), Arc::new(SystemClock))
        .map_err(|error| error.to_string())
}

fn held(variable: &Variable, dir: &Path) -> Result<SecretString, String> {
    match secret::named(variable.as_str(), dir) {
        Some(Found { secret, .. }) => Ok(secret),
        None => Err(format!("{} is not set, in the environment or in .env", variable.as_str())),
    }
}
