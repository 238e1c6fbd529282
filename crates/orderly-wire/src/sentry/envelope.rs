//! The envelope: what SDKs post. One line of headers, then items, each a header line and a payload.
//!
//! ```text
//! {"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}
//! {"type":"event","length":13}
//! {"message":1}
//! ```
//!
//! Reading is tolerant where SDKs differ: ids with or without dashes, items without a length (they end at the
//! next newline), unknown item types, empty headers, blank lines between items. [`EnvelopeReader`] reads it in pieces.

mod headers;
mod kind;
mod reader;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::event_id::EventId;
pub use kind::ItemKind;
pub use reader::{EnvelopeReader, Keep};

/// More items than any SDK sends in one envelope; a guard against a body made of item headers only.
pub const MAX_ITEMS: usize = 1_000;

/// Longer header lines are refused: as JSON they would take many times their size in memory.
pub const MAX_HEADER_BYTES: usize = 32 << 10;

/// A read or to-be-written envelope.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Envelope<'a> {
    /// The first line.
    pub headers: EnvelopeHeaders,
    /// What it carries, in order.
    pub items: Vec<Item<'a>>,
}

/// The envelope's own headers; all optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct EnvelopeHeaders {
    /// The id shared by the event and its attachments; wins over the one in the event's payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Authenticates the envelope where no header or query does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsn: Option<String>,
    /// When the SDK sent it (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// Everything else, kept as it came (`sdk`, `trace`, ...).
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// Its header line.
    pub headers: ItemHeaders,
    /// Bytes that came, also when they were only counted.
    pub size: usize,
    /// Its bytes; none when they were only counted.
    pub payload: Cow<'a, [u8]>,
}

/// An item's headers. The length is not kept: it is the payload's.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemHeaders {
    /// What the payload is.
    pub kind: ItemKind,
    /// Media type of the payload.
    pub content_type: Option<String>,
    /// File name of an attachment: hostile text, never a path.
    pub filename: Option<String>,
    /// Everything else, kept as it came (`item_count`, `attachment_type`, ...).
    pub other: Map<String, Value>,
}

/// Why bytes are no envelope. Positions count items from 0.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEnvelope {
    /// Nothing was sent.
    #[error("the envelope is empty")]
    Empty,
    /// The first line is no JSON object of headers.
    #[error("invalid envelope header: {0}")]
    Headers(#[source] serde_json::Error),
    /// An item's first line is no JSON object of headers with a `type`.
    #[error("invalid header of item {position}: {source}")]
    ItemHeaders {
        /// Which item.
        position: usize,
        /// What JSON says.
        source: serde_json::Error,
    },
    /// An item announces more bytes than there are.
    #[error("item {position} announces {announced} bytes, {available} are left")]
    Truncated {
        /// Which item.
        position: usize,
        /// Its `length`.
        announced: u64,
        /// What was left of the envelope.
        available: usize,
    },
    /// The payload is not followed by a newline or the end: its `length` is wrong.
    #[error("item {position} does not end after its announced length")]
    Misaligned {
        /// Which item.
        position: usize,
    },
    /// A header line of more than [`MAX_HEADER_BYTES`].
    #[error(
        "a header line of the envelope is longer than {MAX_HEADER_BYTES} bytes, or all of them are too long together"
    )]
    HeaderTooLong,
    /// An item is larger than its kind may be.
    #[error("an item of type {} is larger than {limit} bytes", kind.as_str())]
    ItemTooLarge {
        /// Its kind.
        kind: ItemKind,
        /// How large it may be.
        limit: usize,
    },
    /// More than [`MAX_ITEMS`].
    #[error("the envelope has more than {MAX_ITEMS} items")]
    TooManyItems,
}

impl Envelope<'_> {
    /// Reads an envelope.
    ///
    /// # Errors
    /// When a header is not JSON or too long, a length is wrong, or there are more than [`MAX_ITEMS`] items. JSON
    /// deeper than 128 levels is an error too.
    pub fn parse(bytes: &[u8]) -> Result<Envelope<'static>, InvalidEnvelope> {
        let mut reader = EnvelopeReader::new(|_| Keep::UpTo(usize::MAX));
        reader.push(bytes)?;
        reader.finish()
    }

    /// Writes the envelope; every item carries its length.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = to_json_line(&self.headers);
        for item in &self.items {
            out.extend_from_slice(&to_json_line(&RawHeaders::from(item)));
            out.extend_from_slice(&item.payload);
            out.push(b'\n');
        }
        out
    }
}

impl<'a> Item<'a> {
    /// An item of this kind without further headers.
    pub fn new(kind: ItemKind, payload: impl Into<Cow<'a, [u8]>>) -> Self {
        let headers = ItemHeaders { kind, content_type: None, filename: None, other: Map::new() };
        let payload = payload.into();
        Self { headers, size: payload.len(), payload }
    }
}

/// The header line as it is on the wire.
#[derive(Serialize)]
struct RawHeaders {
    #[serde(rename = "type")]
    kind: ItemKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl From<&Item<'_>> for RawHeaders {
    fn from(item: &Item<'_>) -> Self {
        let ItemHeaders { kind, content_type, filename, other } = item.headers.clone();
        Self { kind, length: Some(item.payload.len() as u64), content_type, filename, other }
    }
}

fn to_json_line<T: Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("headers are maps with text keys, which JSON can hold");
    line.push(b'\n');
    line
}
