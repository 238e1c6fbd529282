//! An event made ready for storing: everything that can be worked out from the event alone. Pure.

use jiff::Timestamp;
use orderly_wire::sentry::event_id::EventId;

use super::normalize::{Arrival, Normalized, normalize};
use super::tags::{Tags, handled, tags, user_key};
use crate::sentry::grouping::culprit::culprit;
use crate::sentry::grouping::hashes::Hashes;
use crate::sentry::grouping::headline::{Headline, truncate};
use crate::sentry::grouping::payload::Payload;
use crate::sentry::model::Level;
use crate::sentry::search::terms::{Terms, terms};
use crate::sentry::store::payloads::{self, Dictionary};
use crate::sentry::tree::{Object, Tree};

/// The longest release name; longer ones, and those with control characters or slashes alone, are dropped.
const LONGEST_RELEASE: usize = 250;
/// The longest environment name.
const LONGEST_ENVIRONMENT: usize = 64;
/// Bytes that its canonical form adds to an event, usually.
const ADDED: usize = 256;
/// The longest stored message.
const LONGEST_MESSAGE: usize = 8_192;

/// An event that only needs an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedEvent {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub occurred: Timestamp,
    /// When it arrived.
    pub received: Timestamp,
    /// Where it belongs.
    pub hashes: Hashes,
    /// What it is called.
    pub headline: Headline,
    /// Where it came from, in one line.
    pub culprit: String,
    /// Its log message, or the main exception's.
    pub message: String,
    /// Its severity.
    pub level: Level,
    /// Its platform, as sent.
    pub platform: String,
    /// Who logged it.
    pub logger: Option<String>,
    /// Its environment; empty when it names none.
    pub environment: String,
    /// Its release.
    pub release: Option<String>,
    /// Its transaction.
    pub transaction: Option<String>,
    /// Its user, as in the `user` tag.
    pub user_key: Option<String>,
    /// Whether the program handled it.
    pub handled: Option<bool>,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// Feature flags it was evaluated under, and what each gave.
    pub flags: Vec<(String, String)>,
    /// What else of it can be searched.
    pub terms: Terms,
    /// Bytes of the payload as sent.
    pub size: usize,
    /// The canonical event, as `store::payloads::encode` packs it.
    pub payload: Vec<u8>,
}

impl PreparedEvent {
    /// Works out everything about an event that was sent as `size` bytes.
    ///
    /// # Errors
    /// When the compressor fails, which only a lack of memory makes it do.
    pub fn new(event: Object<'_>, size: usize, arrival: Arrival) -> std::io::Result<Self> {
        Self::packed_with(None, event, size, arrival)
    }

    /// The same, packed with a dictionary of its project.
    ///
    /// # Errors
    /// As [`PreparedEvent::new`].
    pub fn packed_with(
        dictionary: Option<&Dictionary>,
        event: Object<'_>,
        size: usize,
        arrival: Arrival,
    ) -> std::io::Result<Self> {
        let Normalized { id, occurred, mut event } = normalize(event, arrival);
        clean_names(&mut event);
        let payload = &Payload::new(&event);
        let owned = |key: &str| payload.text(key).map(str::to_owned);
        let value = payload.main_exception().and_then(|exception| exception.value);
        let level = payload.text("level").and_then(|level| level.parse().ok()).unwrap_or(Level::Error);
        Ok(Self {
            id,
            occurred,
            received: arrival.received,
            hashes: Hashes::of(payload),
            culprit: culprit(payload),
            message: truncate(payload.message().or(value).unwrap_or_default(), LONGEST_MESSAGE),
            level,
            platform: owned("platform").unwrap_or_default(),
            logger: owned("logger"),
            environment: owned("environment").unwrap_or_default(),
            release: owned("release"),
            transaction: owned("transaction"),
            user_key: user_key(payload),
            handled: handled(payload),
            trace_id: payload.text_at(&["contexts", "trace", "trace_id"]).map(str::to_owned),
            tags: tags(payload),
            flags: flags(payload),
            terms: terms(payload),
            headline: Headline::of(payload),
            size,
            payload: payloads::encode(&json(&event, size)?, dictionary)?,
        })
    }

    /// About how many bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        const REST: usize = 1_000;
        REST + self.payload.len() + self.message.len() + self.terms.size() + self.tags.size()
    }
}

/// The canonical JSON of an event that was sent as so many bytes.
fn json(event: &Object<'_>, size: usize) -> std::io::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(size + ADDED);
    serde_json::to_writer(&mut json, event)?;
    Ok(json)
}

/// Flags of one event that are kept.
const MOST_FLAGS: usize = 100;

/// `contexts.flags.values`: `[{"flag": "name", "result": true}, ..]`; of a flag that is named twice, the last counts.
fn flags(payload: &Payload<'_>) -> Vec<(String, String)> {
    let values = payload.at(&["contexts", "flags", "values"]).map_or(&[][..], Tree::elements);
    let read = |value: &Tree<'_>| {
        let flag = value.get("flag")?.as_str()?;
        let result = match value.get("result")? {
            Tree::Bool(on) => on.to_string(),
            Tree::Text(variant) => variant.clone().into_owned(),
            Tree::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((truncate(flag, LONGEST_ENVIRONMENT), truncate(&result, LONGEST_ENVIRONMENT)))
    };
    let found: std::collections::BTreeMap<String, String> =
        values.iter().filter_map(read).take(MOST_FLAGS).collect();
    found.into_iter().collect()
}

/// Drops a release or environment whose name could not be part of an address.
pub(super) fn clean_names(event: &mut Object<'_>) {
    let bad_release = |name: &str| {
        name.trim() != name
            || name.len() > LONGEST_RELEASE
            || name.contains(char::is_control)
            || matches!(name, "." | "..")
            || name.contains(['/', '\\'])
    };
    if event.get("release").and_then(Tree::as_str).is_some_and(bad_release) {
        event.remove("release");
    }
    let bad_environment = |name: &str| {
        name.len() > LONGEST_ENVIRONMENT
            || name.contains(char::is_control)
            || name.contains('/')
            || name == "None"
    };
    if event.get("environment").and_then(Tree::as_str).is_some_and(bad_environment) {
        event.remove("environment");
    }
}
