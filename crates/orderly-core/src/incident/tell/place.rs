//! Where people are told of an incident, and what such a place does with a message.

use crate::ids::IssueId;
use crate::incident::audience::Audience;
use crate::incident::state::Incident;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Characters of a channel's name.
const LONGEST: usize = 40;

/// Where people are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Place {
    /// A comment on one of its issues in Sentry.
    Issue(IssueId),
    /// A chat channel of the configuration.
    Channel(ChannelName),
}

impl Place {
    /// `on BACKEND-3F`, `in ops`.
    pub fn shown(&self, incident: &Incident) -> String {
        match self {
            Self::Issue(issue) => {
                let owned = incident.owned(*issue);
                let name = owned.map(|owned| owned.issue.short_id.to_string());
                format!("on {}", name.unwrap_or_else(|| issue.to_string()))
            }
            Self::Channel(name) => format!("in {name}"),
        }
    }
}

/// Name of a chat channel in the configuration: small letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);

/// A text that names no channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a channel is 1 to {LONGEST} small letters, digits and `-`")]
pub struct NoName;

impl TryFrom<String> for ChannelName {
    type Error = NoName;

    fn try_from(name: String) -> Result<Self, NoName> {
        let plain = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if plain && (1..=LONGEST).contains(&name.len()) { Ok(Self(name)) } else { Err(NoName) }
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> Self {
        name.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A message, as its place names it: the id of a comment, the time stamp of a message in Slack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// Wraps an id that the place issued; `None` for what none issues: it becomes part of an address.
    pub fn new(id: impl Into<String>) -> Option<Self> {
        let id = id.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        (id.len() <= 100 && !id.is_empty() && id.bytes().all(plain)).then_some(Self(id))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A chat channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the configuration.
    pub name: ChannelName,
    /// What serves it.
    pub kind: ChannelKind,
    /// Who reads it: a restricted incident is told in restricted channels alone.
    pub audience: Audience,
}

/// What serves a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Slack, through a bot.
    Slack,
    /// A webhook of Discord.
    Discord,
    /// A workflow or incoming webhook of Microsoft Teams.
    Teams,
    /// A program of one's own.
    Webhook,
}

/// What a place does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It can be edited, and found again by its marker.
    Findable,
    /// What is sent again under its id takes its place: sending twice does no harm.
    Replaceable,
    /// It can be edited, but not found again once the reply with its id was lost.
    Editable,
    /// It stays as it was sent.
    Fixed,
}

impl ChannelKind {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Teams => "teams",
            Self::Webhook => "webhook",
        }
    }

    /// What it does with a message.
    pub const fn keeps(self) -> Keeps {
        match self {
            Self::Slack => Keeps::Findable,
            Self::Discord => Keeps::Editable,
            Self::Teams => Keeps::Fixed,
            Self::Webhook => Keeps::Replaceable,
        }
    }
}
