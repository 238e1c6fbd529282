//! Exactly what is sent to a place; kept in the log before it leaves.

use super::place::{ChannelKind, MessageId, Place};
use crate::digest;
use crate::ids::{Digest, ItemId, item_id};
use crate::incident::audience::Audience;
use crate::incident::draft::Draft;
use crate::incident::entry::IncidentKey;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How markers begin.
const UPDATE: &str = "Update of Orderly: ";
/// Characters (of UTF-16) of a headline: a header in Slack takes no more.
const HEADLINE: usize = 150;
/// Characters of a text in Slack: a section takes no more.
const SLACK: usize = 3_000;
/// Characters of a message in Discord.
const DISCORD: usize = 2_000;
/// Characters elsewhere: a card of Teams may have 28 KB, a comment in Sentry 64 Ki characters.
const ELSEWHERE: usize = 6_000;

/// What a message is for. The same key has the same marker on every machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostKey {
    /// The incident.
    pub incident: IncidentKey,
    /// Where it is told.
    pub place: Place,
    /// Which message this is there, from 1: a further one only where the last is gone or stays as it was sent.
    pub message: u32,
}

impl PostKey {
    /// Whether a text is an update of one of the incidents of this organization.
    pub fn is_update(text: &str, incident: &IncidentKey) -> bool {
        let beginning = format!("{UPDATE}{}/", incident.org);
        text.lines().any(|line| line.trim().starts_with(&beginning))
    }

    /// The line by which Orderly knows the message again.
    pub fn marker(&self) -> String {
        let fingerprint = &self.hash()[16..22];
        let Self { incident, message, .. } = self;
        format!("{UPDATE}{}/{incident} {message} k:{}", incident.org, hex::encode(fingerprint))
    }

    /// Whether a text has the marker in a line of its own.
    pub fn marks(&self, text: &str) -> bool {
        let marker = self.marker();
        text.lines().any(|line| line.trim() == marker)
    }

    /// A stable id for a place that issues none.
    pub fn id(&self) -> ItemId {
        item_id(&self.hash())
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(digest::canonical(&("update-v1", self))).into()
    }
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostOrder {
    /// What it is for.
    pub key: PostKey,
    /// Which sending to this place this is, from 1.
    pub version: u32,
    /// What is done.
    pub step: PostStep,
    /// The words.
    pub words: Words,
    /// What they tell, without when people hear again.
    pub told: Digest,
    /// Who reads them there.
    pub audience: Audience,
    /// When it was about to leave, by the clock of the machine.
    pub leaves: Timestamp,
}

/// What is done at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PostStep {
    /// A new message.
    Post,
    /// A message is edited.
    Edit {
        /// Which.
        message: MessageId,
    },
    /// One was sent, and nobody knows whether it is there: it is looked for by its marker, then edited; a new one only
    /// where there certainly is none.
    Find {
        /// When it may have left for the first time.
        first: Timestamp,
        /// And for the last time.
        last: Timestamp,
    },
}

impl PostOrder {
    /// Since when the message may be there.
    pub const fn since(&self) -> Timestamp {
        match self.step {
            PostStep::Find { first, .. } => first,
            PostStep::Post | PostStep::Edit { .. } => self.leaves,
        }
    }
}

/// Words as a place takes them: scrubbed, encoded for it, and no longer than it allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// First line, plain.
    pub headline: String,
    /// Plain text below the headline; where Markdown is read (Sentry, Discord), the whole as that.
    pub text: String,
}

impl Words {
    /// A comment in Sentry; ends with the marker.
    pub(super) fn comment(draft: &Draft, key: &PostKey) -> Self {
        let text = fitting(&draft.markdown(), ELSEWHERE);
        Self { headline: fitting(&draft.headline, HEADLINE), text: format!("{text}\n\n{}", key.marker()) }
    }

    /// A message in a channel.
    pub(super) fn message(draft: &Draft, kind: ChannelKind) -> Self {
        let text = match kind {
            ChannelKind::Discord => fitting(&draft.markdown(), DISCORD),
            ChannelKind::Slack => fitting(&draft.plain(), SLACK),
            ChannelKind::Teams | ChannelKind::Webhook => fitting(&draft.plain(), ELSEWHERE),
        };
        Self { headline: fitting(&draft.headline, HEADLINE), text }
    }
}

/// As many whole lines as fit into so many characters of UTF-16; what is left out is said. A line that is too long by
/// itself is cut.
pub(super) fn fitting(text: &str, most: usize) -> String {
    let length = |text: &str| text.encode_utf16().count();
    let text = text.trim_end();
    if length(text) <= most {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let room = most.saturating_sub(length("\n… and 9999 more lines"));
    let mut kept = String::new();
    for (number, line) in lines.iter().enumerate() {
        let added = if number == 0 { length(line) } else { length(line) + 1 };
        if length(&kept) + added > room {
            let left = lines.len() - number;
            return if number == 0 { cut(line, most) } else { format!("{kept}\n… and {left} more lines") };
        }
        if number > 0 {
            kept.push('\n');
        }
        kept.push_str(line);
    }
    kept
}

fn cut(line: &str, most: usize) -> String {
    let mut left = most.saturating_sub(1);
    let kept = line.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    // A cut must not leave half of an escape.
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end_matches('\\'))
}
