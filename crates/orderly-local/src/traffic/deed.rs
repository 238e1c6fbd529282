//! What happens in a story, for a player to carry out.

use serde_json::Value;

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// A service reports an error.
    Event(Sent),
    /// A service reports how long a transaction took.
    Transaction(Sent),
    /// A service reports the sessions of an hour.
    Sessions {
        /// Project.
        project: &'static str,
        /// When it reports, in seconds since 1970.
        at: i64,
        /// The item, as SDKs write it.
        sessions: Value,
    },
    /// A release is created.
    Release {
        /// Project.
        project: &'static str,
        /// Version.
        version: String,
    },
    /// A release goes out to production.
    Deploy(Deploy),
    /// Somebody changes a feature flag.
    Flag(FlagChange),
    /// Somebody changes the state of the issue that an event belongs to.
    Triage {
        /// The event.
        event: String,
        /// The update, as the web API takes it.
        update: Value,
    },
    /// Somebody files an item by hand.
    File {
        /// The event whose issue it is about.
        event: String,
        /// Title, in that person's words.
        title: &'static str,
        /// What of the issue the text names.
        mention: Mention,
        /// Type of the state that the item is in.
        state: &'static str,
    },
}

/// A payload on its way to a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Project.
    pub project: &'static str,
    /// Id, 32 hexadecimal digits.
    pub id: String,
    /// When it happens, in seconds since 1970.
    pub at: i64,
    /// The payload.
    pub payload: Value,
}

/// A release that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Project.
    pub project: &'static str,
    /// Version.
    pub version: String,
    /// When it is out, in seconds since 1970.
    pub at: i64,
    /// What is in it: a file that was changed, and why. Nothing when an older release goes out again.
    pub change: Option<(&'static str, &'static str)>,
}

/// A feature flag that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagChange {
    /// Its name.
    pub flag: &'static str,
    /// For how many of a hundred users it is on from now.
    pub percent: u64,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// What a hand-made item says of its issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// The address of its page.
    Permalink,
    /// Its short id.
    ShortId,
    /// Nothing: only the title tells.
    Nothing,
}

/// One hour of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Hour {
    /// When it begins, in hours since the beginning.
    pub number: u32,
    /// What happens in it. What has no time of its own happens at the beginning (releases) or at the end (people).
    pub deeds: Vec<Deed>,
}

impl Deed {
    /// When it happens, in seconds since 1970, if the story says so.
    #[must_use]
    pub fn at(&self) -> Option<i64> {
        match self {
            Self::Event(sent) | Self::Transaction(sent) => Some(sent.at),
            Self::Sessions { at, .. } => Some(*at),
            Self::Deploy(deploy) => Some(deploy.at),
            Self::Flag(change) => Some(change.at),
            Self::Release { .. } | Self::Triage { .. } | Self::File { .. } => None,
        }
    }
}
