//! Chat channels that people are told of incidents in. Tokens and addresses of webhooks are secrets: the file names the
//! variables that hold them.

use super::file::ChannelSection;
use crate::failure::{Failure, Kind};
use orderly_connect::chat;
use orderly_core::incident::{Audience, Channel, ChannelKind, ChannelName};

/// A channel, with the names of what lets Orderly in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSettings {
    /// The channel.
    pub channel: Channel,
    /// How it is reached.
    pub access: ChannelAccess,
}

/// How a channel is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelAccess {
    /// As a bot in Slack.
    Slack {
        /// Address.
        url: String,
        /// Id of the channel.
        id: String,
        /// Variable that holds the bot's token.
        token: Variable,
    },
    /// Through a webhook of Discord.
    Discord {
        /// Variable that holds its address.
        address: Variable,
    },
    /// Through a webhook of Teams.
    Teams {
        /// Variable that holds its address.
        address: Variable,
    },
    /// Through a webhook of one's own.
    Webhook {
        /// Variable that holds its address.
        address: Variable,
        /// Variable that holds what bodies are signed with.
        key: Variable,
    },
}

/// Name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable(String);

impl Variable {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ChannelAccess {
    /// The variables that it takes.
    pub fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Slack { token, .. } => vec![token],
            Self::Discord { address } | Self::Teams { address } => vec![address],
            Self::Webhook { address, key } => vec![address, key],
        }
    }
}

/// Every channel of the file.
///
/// # Errors
/// A usage failure that names channel and setting, and never repeats what may be a secret.
pub fn resolve(sections: &[ChannelSection]) -> Result<Vec<ChannelSettings>, Failure> {
    let mut all: Vec<ChannelSettings> = Vec::new();
    for section in sections {
        let one = channel(section)?;
        if all.iter().any(|other| other.channel.name == one.channel.name) {
            return Err(Failure::new(
                Kind::Usage,
                format!("two of `[[incident.channel]]` are called `{}`", one.channel.name),
            ));
        }
        all.push(one);
    }
    Ok(all)
}

fn channel(section: &ChannelSection) -> Result<ChannelSettings, Failure> {
    let name = ChannelName::try_from(section.name.clone()).map_err(|why| {
        Failure::new(Kind::Usage, "a `name` under `[[incident.channel]]` cannot be used").because(&why)
    })?;
    let read = Reading { name: &name, section };
    let access = match section.kind {
        ChannelKind::Slack => {
            read.only(&["channel", "url", "token_variable"])?;
            ChannelAccess::Slack {
                url: section.url.clone().unwrap_or_else(|| chat::SLACK.to_owned()),
                id: read.slack_id()?,
                token: read.variable("token_variable", section.token_variable.as_deref())?,
            }
        }
        ChannelKind::Discord | ChannelKind::Teams => {
            read.only(&["address_variable"])?;
            let address = read.variable("address_variable", section.address_variable.as_deref())?;
            match section.kind {
                ChannelKind::Discord => ChannelAccess::Discord { address },
                _ => ChannelAccess::Teams { address },
            }
        }
        ChannelKind::Webhook => {
            read.only(&["address_variable", "key_variable"])?;
            ChannelAccess::Webhook {
                address: read.variable("address_variable", section.address_variable.as_deref())?,
                key: read.variable("key_variable", section.key_variable.as_deref())?,
            }
        }
    };
    let audience = section.audience.unwrap_or(Audience::Open);
    Ok(ChannelSettings { channel: Channel { name, kind: section.kind, audience }, access })
}

struct Reading<'a> {
    name: &'a ChannelName,
    section: &'a ChannelSection,
}

impl Reading<'_> {
    fn wrong(&self, what: &str) -> Failure {
        Failure::new(Kind::Usage, format!("the channel `{}` under `[[incident.channel]]` {what}", self.name))
    }

    /// Settings that this kind does not read are a mistake.
    fn only(&self, own: &[&str]) -> Result<(), Failure> {
        let given = [
            ("channel", &self.section.channel),
            ("url", &self.section.url),
            ("token_variable", &self.section.token_variable),
            ("address_variable", &self.section.address_variable),
            ("key_variable", &self.section.key_variable),
        ];
        match given.iter().find(|(key, value)| value.is_some() && !own.contains(key)) {
            Some((key, _)) => {
                Err(self.wrong(&format!("has `{key}`, which `{}` does not read", self.section.kind.word())))
            }
            None => Ok(()),
        }
    }

    fn variable(&self, key: &str, name: Option<&str>) -> Result<Variable, Failure> {
        let Some(name) = name else { return Err(self.wrong(&format!("lacks `{key}`"))) };
        let letters = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        let is_name = (1..=100).contains(&name.len())
            && name.bytes().all(letters)
            && !name.starts_with(|first: char| first.is_ascii_digit());
        if is_name {
            return Ok(Variable(name.to_owned()));
        }
        // It may be the secret itself.
        Err(self
            .wrong(&format!("has a `{key}` that is no name of an environment variable"))
            .hint("capital letters, digits and `_`; the variable holds the secret, the file only names it"))
    }

    fn slack_id(&self) -> Result<String, Failure> {
        let id = self.section.channel.as_deref().unwrap_or_default();
        let is_id = (2..=30).contains(&id.len())
            && id.starts_with(['C', 'D', 'G'])
            && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_id {
            return Ok(id.to_owned());
        }
        Err(self
            .wrong("needs `channel`: its id in Slack, like C0123456789")
            .hint("in Slack the details of a channel show its id; a name cannot be edited in"))
    }
}
