//! An event, as `…/events/latest/` answers it: only the parts that may be shown. User, request, headers, cookies,
//! extra, breadcrumbs and local variables are not even read.

use super::tolerant;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Id: 32 hex digits.
    #[serde(default, rename = "eventID", deserialize_with = "tolerant::text")]
    pub event_id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_created: Option<Timestamp>,
    /// When it arrived.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_received: Option<Timestamp>,
    /// Platform: `python`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub platform: String,
    /// Release.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub release: Option<Release>,
    /// Tags.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub tags: Vec<Tag>,
    /// Exceptions and threads; other entries keep only their type.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// A release, as an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Version.
    #[serde(deserialize_with = "tolerant::text")]
    pub version: String,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Key.
    #[serde(deserialize_with = "tolerant::text")]
    pub key: String,
    /// Value.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub value: String,
}

/// One entry of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "lowercase")]
pub enum Entry {
    /// The chain of exceptions.
    Exception(Exceptions),
    /// Threads.
    Threads(Threads),
    /// Any other kind, unread.
    Other,
}

/// An entry whose data nobody has looked at yet.
#[derive(Deserialize)]
pub(super) struct UnreadEntry {
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl UnreadEntry {
    /// Its data as JSON text.
    pub(super) fn data(&self) -> &str {
        self.data.as_deref().map_or("null", RawValue::get)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let unread = UnreadEntry::deserialize(input)?;
        let data = unread.data();
        Ok(match unread.kind.as_deref() {
            Some("exception") => serde_json::from_str(data).map_or(Self::Other, Self::Exception),
            Some("threads") => serde_json::from_str(data).map_or(Self::Other, Self::Threads),
            _ => Self::Other,
        })
    }
}

/// The chain of exceptions of an event: the oldest cause first, the thrown one last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exceptions {
    /// The exceptions.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub values: Vec<Exception>,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// Type.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
    /// Message.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub value: String,
    /// The thread it was thrown on, where the trace is kept by thread.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub thread_id: Option<String>,
    /// Stack trace.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub stacktrace: Option<Stacktrace>,
}

/// The threads of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threads {
    /// The threads.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub values: Vec<Thread>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Id, unique within the event.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub id: Option<String>,
    /// Whether it crashed.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub crashed: bool,
    /// Stack trace.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub stacktrace: Option<Stacktrace>,
}

/// A stack trace: oldest frame first, crash frame last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stacktrace {
    /// The frames.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub frames: Vec<Frame>,
}

/// A stack frame, in the web API's camel case (an SDK's payload says `lineno` and `in_app`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    /// Function.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub function: Option<String>,
    /// Module or class.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub module: Option<String>,
    /// Package or library (native).
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub package: Option<String>,
    /// File, as the SDK shortened it.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub filename: Option<String>,
    /// Line, from 1.
    #[serde(default, deserialize_with = "tolerant::line")]
    pub line_no: Option<u32>,
    /// Whether it is the application's own code.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub in_app: bool,
}

#[cfg(test)]
mod tests;
