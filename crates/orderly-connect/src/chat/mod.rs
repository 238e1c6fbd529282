//! Chat channels that people are told in: Slack through a bot, webhooks of Discord, Teams and one's own programs.
//!
//! Reading order: [`Service`] here; `wire` (one request, and what its answer leaves open); then one file per service:
//! `slack` and `discord` (edit what they sent), `teams` (cannot), `webhook` (signed, the receiver edits).
//!
//! Every address is a secret, or pinned beside a token: one host each, no redirects. Text has no meaning there: no mentions,
//! no links, no markup but ours.

mod discord;
mod slack;
mod teams;
mod webhook;
mod wire;

use crate::http::{BadOrigin, Settings, SetupError};
use orderly_core::incident::ChannelName;
use orderly_engine::ports::clock::Clock;
use orderly_engine::ports::incident::Teller;
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;

/// Where Slack's API is.
pub const SLACK: &str = "https://slack.com";

/// What serves a channel, with what lets Orderly in.
#[derive(Debug)]
pub enum Service {
    /// Slack's Web API.
    Slack {
        /// Address: [`SLACK`], or another one of Slack.
        url: String,
        /// Id of the channel: `C0123456789`.
        channel: String,
        /// Token of a bot with `chat:write`, and `channels:history` (`groups:history`) to find what was lost.
        token: SecretString,
    },
    /// A webhook of Discord.
    Discord {
        /// Its address.
        address: SecretString,
    },
    /// A workflow or an incoming webhook of Microsoft Teams.
    Teams {
        /// Its address.
        address: SecretString,
    },
    /// A program of one's own.
    Webhook {
        /// Its address.
        address: SecretString,
        /// What the bodies are signed with.
        key: SecretString,
    },
}

/// Why a channel cannot be reached at all. Never shows an address or a token.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The address of a webhook cannot be used.
    #[error("its address {why}")]
    Address {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The address of Slack cannot be used.
    #[error(transparent)]
    Origin(#[from] BadOrigin),
    /// A client cannot be made.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Limits of chat channels: nobody waits long for them.
pub fn limits() -> Settings {
    Settings { connect_timeout: Duration::from_secs(5), timeout: Duration::from_secs(10), max_body: 4 << 20 }
}

/// What tells people in a channel.
///
/// # Errors
/// When its address or token cannot be used.
pub fn teller(
    name: &ChannelName,
    service: Service,
    limits: Settings,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Teller>, ChatError> {
    Ok(match service {
        Service::Slack { url, channel, token } => {
            Box::new(slack::Slack::new(&url, channel, &token, limits, clock)?)
        }
        Service::Discord { address } => {
            Box::new(discord::Discord(wire::Hook::new(name, &address, limits, clock)?))
        }
        Service::Teams { address } => Box::new(teams::Teams(wire::Hook::new(name, &address, limits, clock)?)),
        Service::Webhook { address, key } => {
            Box::new(webhook::Webhook { hook: wire::Hook::new(name, &address, limits, clock)?, key })
        }
    })
}
