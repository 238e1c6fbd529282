//! A whole event, as `…/events/latest/` answers it and a person who looks for the cause reads it: also what [`super::event`]
//! leaves out. Still not read: user, cookies, bodies, extra, local variables, and every header but the user agent.

use super::event::{Release, Tag, UnreadEntry};
use super::issue::Level;
use super::tolerant;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrashEvent {
    /// Id: 32 hex digits.
    #[serde(default, rename = "eventID", deserialize_with = "tolerant::text")]
    pub event_id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_created: Option<Timestamp>,
    /// When it arrived.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_received: Option<Timestamp>,
    /// Platform.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub platform: String,
    /// Where it is blamed on: its transaction, if it has one.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub culprit: Option<String>,
    /// Release.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub release: Option<Release>,
    /// Distribution.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub dist: Option<String>,
    /// Tags.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub tags: Vec<Tag>,
    /// Name and version of the SDK.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub sdk: Named,
    /// Where it ran.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub contexts: Contexts,
    /// Its parts.
    #[serde(default)]
    pub entries: Vec<CrashEntry>,
}

impl CrashEvent {
    /// The severity that its tag says.
    pub fn level(&self) -> Option<Level> {
        let tag = self.tags.iter().find(|tag| tag.key == "level")?;
        Some(Level::from(tag.value.clone()))
    }
}

/// A thing with a name and a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Name.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub name: Option<String>,
    /// Version.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub version: Option<String>,
    /// Model of a device.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub model: Option<String>,
}

/// The contexts that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Contexts {
    /// Runtime.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub runtime: Named,
    /// Browser.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub browser: Named,
    /// Operating system.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub os: Named,
    /// Device.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub device: Named,
}

/// One part of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum CrashEntry {
    /// The chain of exceptions, the oldest cause first.
    Exception(Vec<CrashException>),
    /// A stack trace that belongs to no exception.
    Stacktrace(CrashTrace),
    /// Threads.
    Threads(Vec<CrashThread>),
    /// A logged message.
    Message(String),
    /// What was done before, oldest first.
    Breadcrumbs(Vec<Crumb>),
    /// The request.
    Request(HttpRequest),
    /// What was loaded when it crashed: bundles and libraries.
    Images(Vec<DebugImage>),
    /// Any other kind, or one of an odd shape: unread.
    Other,
}

/// The values of an entry.
#[derive(Deserialize)]
#[serde(bound = "T: serde::de::DeserializeOwned")]
struct Values<T> {
    #[serde(default, deserialize_with = "tolerant::list")]
    values: Vec<T>,
}

impl<'de> Deserialize<'de> for CrashEntry {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Message {
            #[serde(default, deserialize_with = "tolerant::optional_text")]
            formatted: Option<String>,
            #[serde(default, deserialize_with = "tolerant::optional_text")]
            message: Option<String>,
        }
        #[derive(Deserialize)]
        struct DebugMeta {
            #[serde(default, deserialize_with = "tolerant::list")]
            images: Vec<DebugImage>,
        }
        fn list<T: serde::de::DeserializeOwned>(data: &str) -> Option<Vec<T>> {
            serde_json::from_str::<Values<T>>(data).ok().map(|values| values.values)
        }
        let unread = UnreadEntry::deserialize(input)?;
        let data = unread.data();
        let read = match unread.kind.as_deref() {
            Some("exception") => list(data).map(Self::Exception),
            Some("threads") => list(data).map(Self::Threads),
            Some("breadcrumbs") => list(data).map(Self::Breadcrumbs),
            Some("stacktrace") => serde_json::from_str(data).ok().map(Self::Stacktrace),
            Some("request") => serde_json::from_str(data).ok().map(Self::Request),
            Some("debugmeta") => {
                serde_json::from_str::<DebugMeta>(data).ok().map(|meta| Self::Images(meta.images))
            }
            Some("message") => serde_json::from_str::<Message>(data)
                .ok()
                .and_then(|message| message.formatted.filter(|text| !text.is_empty()).or(message.message))
                .map(Self::Message),
            _ => None,
        };
        Ok(read.unwrap_or(Self::Other))
    }
}

/// A bundle or library that was loaded. Its keys are the SDK's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct DebugImage {
    /// `sourcemap` for a bundle of JavaScript.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
    /// Its address, as frames have it.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub code_file: String,
    /// Id of its build.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub debug_id: String,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrashException {
    /// Type.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
    /// Message.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub value: String,
    /// Module of the type.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub module: Option<String>,
    /// The thread it was thrown on.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub thread_id: Option<String>,
    /// How it was seen.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub mechanism: Option<CrashMechanism>,
    /// Stack trace.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub stacktrace: Option<CrashTrace>,
}

/// How an SDK came to see an exception.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct CrashMechanism {
    /// Kind.
    #[serde(default, rename = "type", deserialize_with = "tolerant::text")]
    pub kind: String,
    /// Whether it was caught; nothing when it is not said.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub handled: Option<bool>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CrashThread {
    /// Id, unique within the event.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub id: Option<String>,
    /// Whether it crashed.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub crashed: bool,
    /// Whether it ran when the event was made.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub current: bool,
    /// Stack trace.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub stacktrace: Option<CrashTrace>,
}

/// A stack trace: oldest frame first, crash frame last.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct CrashTrace {
    /// The frames.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub frames: Vec<CrashFrame>,
}

/// A stack frame.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrashFrame {
    /// Function.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub function: Option<String>,
    /// Function before it was trimmed.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub raw_function: Option<String>,
    /// Module or class.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub module: Option<String>,
    /// Package or library.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub package: Option<String>,
    /// Platform, when it differs from the event's.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub platform: Option<String>,
    /// File, as the SDK shortened it.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub filename: Option<String>,
    /// File with its folders.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub abs_path: Option<String>,
    /// Line, from 1.
    #[serde(default, deserialize_with = "tolerant::line")]
    pub line_no: Option<u32>,
    /// Column, from 1.
    #[serde(default, deserialize_with = "tolerant::line")]
    pub col_no: Option<u32>,
    /// Whether it is the application's own code.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub in_app: bool,
    /// Numbered source lines.
    #[serde(default, deserialize_with = "source_lines")]
    pub context: Vec<(u32, String)>,
}

/// Something that was done before the crash.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Crumb {
    /// When.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub timestamp: Option<Timestamp>,
    /// Category.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub category: Option<String>,
    /// Severity.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub level: Option<String>,
    /// Message.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub message: Option<String>,
    /// Its single values; lists and objects inside are not read.
    #[serde(default, deserialize_with = "single_values")]
    pub data: BTreeMap<String, String>,
}

/// The request of an event.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct HttpRequest {
    /// Method.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub method: Option<String>,
    /// Address.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub url: Option<String>,
    /// The `User-Agent` header.
    #[serde(default, rename = "headers", deserialize_with = "user_agent")]
    pub user_agent: Option<String>,
}

fn source_lines<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<(u32, String)>, D::Error> {
    let value = Value::deserialize(input)?;
    let line = |pair: &Value| {
        let number = u32::try_from(tolerant::number(pair.get(0)?)?).ok()?;
        Some((number, pair.get(1)?.as_str()?.to_owned()))
    };
    Ok(value.as_array().into_iter().flatten().filter_map(line).collect())
}

fn single_values<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, String>, D::Error> {
    let Value::Object(fields) = Value::deserialize(input)? else { return Ok(BTreeMap::new()) };
    let single = |(key, value): (String, Value)| match value {
        Value::String(text) => Some((key, text)),
        Value::Number(number) => Some((key, number.to_string())),
        Value::Bool(flag) => Some((key, flag.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    Ok(fields.into_iter().filter_map(single).collect())
}

fn user_agent<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(input)?;
    let pair = |pair: &Value| {
        let name = pair.get(0)?.as_str()?;
        name.eq_ignore_ascii_case("user-agent").then(|| pair.get(1)?.as_str().map(str::to_owned)).flatten()
    };
    Ok(value.as_array().into_iter().flatten().find_map(pair))
}

#[cfg(test)]
mod tests;
