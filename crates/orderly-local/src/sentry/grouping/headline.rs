//! What an issue is called: title, metadata, location.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::frames::function_name;
use super::payload::{Exception, Frame, Payload};
use crate::sentry::model::IssueKind;

const LONGEST_TITLE_PART: usize = 100;
const LONGEST_TYPE: usize = 128;
const LONGEST_VALUE: usize = 1_024;

/// How an event, and the issue it opens, is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// Error or plain message.
    pub kind: IssueKind,
    /// `Type: first line of the value`, or the first line of the message.
    pub title: String,
    /// What it is made of.
    pub metadata: Metadata,
}

/// What a title is made of, as `metadata` of issues and events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Metadata {
    /// Type of the exception, unless the SDK made it up.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Message of the exception.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// File of the frame it happened in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Function of that frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Whose frames there are, of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_app_frame_mix: Option<&'static str>,
    /// Title of a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The SDK that sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdk: Option<Sdk>,
}

/// Name of an SDK. Its normalized name is the same here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdk(pub String);

impl Serialize for Sdk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("name", &self.0), ("name_normalized", &self.0)])
    }
}

impl Headline {
    /// Names a canonical event.
    pub fn of(payload: &Payload<'_>) -> Self {
        match payload.main_exception() {
            Some(exception) => Self::of_error(payload, exception),
            None => Self::of_message(payload),
        }
    }

    /// The file the error was raised in.
    pub fn location(&self) -> Option<&str> {
        self.metadata.filename.as_deref()
    }

    fn of_error(payload: &Payload<'_>, exception: &Exception<'_>) -> Self {
        let frame = crash_frame(&exception.frames);
        let function = frame.and_then(function_name);
        let filename = frame.and_then(|frame| frame.filename.or(frame.abs_path));
        let kind =
            exception.kind.filter(|_| !exception.is_synthetic).map(|kind| truncate(kind, LONGEST_TYPE));
        let value = exception.value.map(|value| truncate(value, LONGEST_VALUE));
        let title = match (&kind, first_line(exception.value.unwrap_or_default())) {
            (Some(kind), "") => kind.clone(),
            (Some(kind), line) => format!("{kind}: {}", truncate(line, LONGEST_TITLE_PART)),
            (None, _) => function.as_deref().unwrap_or("<unknown>").to_owned(),
        };
        let metadata = Metadata {
            filename: filename.map(str::to_owned),
            function: function.map(Cow::into_owned),
            in_app_frame_mix: Some(frame_mix(payload)),
            sdk: sdk(payload),
            kind,
            value: Some(value.unwrap_or_default()),
            title: None,
        };
        Self { kind: IssueKind::Error, title, metadata }
    }

    fn of_message(payload: &Payload<'_>) -> Self {
        let title = match first_line(payload.message().unwrap_or_default()) {
            "" => "<unlabeled event>".to_owned(),
            line => truncate(line, LONGEST_TITLE_PART),
        };
        let metadata = Metadata { title: Some(title.clone()), sdk: sdk(payload), ..Metadata::default() };
        Self { kind: IssueKind::Default, title, metadata }
    }
}

/// The innermost frame of the application, or of anything where the application has none.
pub fn crash_frame<'f, 'a>(frames: &'f [Frame<'a>]) -> Option<&'f Frame<'a>> {
    frames.iter().rev().find(|frame| frame.in_app).or(frames.last())
}

fn frame_mix(payload: &Payload<'_>) -> &'static str {
    let frames = || payload.exceptions().iter().flat_map(|exception| &exception.frames);
    match frames().filter(|frame| frame.in_app).count() {
        0 => "system-only",
        all if all == frames().count() => "in-app-only",
        _ => "mixed",
    }
}

fn sdk(payload: &Payload<'_>) -> Option<Sdk> {
    payload.text_at(&["sdk", "name"]).map(|name| Sdk(name.to_owned()))
}

fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// At most `longest` characters, the last three of which are dots if something was cut.
pub fn truncate(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(3)).chain("...".chars()).collect()
}
