//! What an issue is called: title, metadata, location.

use serde_json::{Map, Value, json};

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
    /// The file the error was raised in.
    pub location: Option<String>,
    /// `type`, `value`, `filename`, `function` (errors) or `title` (messages).
    pub metadata: Map<String, Value>,
}

impl Headline {
    /// Names a canonical event.
    pub fn of(payload: Payload<'_>) -> Self {
        match payload.main_exception() {
            Some(exception) => Self::of_error(payload, exception),
            None => Self::of_message(payload),
        }
    }

    fn of_error(payload: Payload<'_>, exception: Exception<'_>) -> Self {
        let frame = crash_frame(&exception.frames());
        let function = frame.and_then(function_name);
        let filename = frame.and_then(|frame| frame.text("filename").or_else(|| frame.text("abs_path")));
        let kind =
            exception.kind().filter(|_| !exception.is_synthetic()).map(|kind| truncate(kind, LONGEST_TYPE));
        let value = exception.value().map(|value| truncate(value, LONGEST_VALUE));
        let title = match (&kind, first_line(exception.value().unwrap_or_default())) {
            (Some(kind), "") => kind.clone(),
            (Some(kind), line) => format!("{kind}: {}", truncate(line, LONGEST_TITLE_PART)),
            (None, _) => function.clone().unwrap_or_else(|| "<unknown>".to_owned()),
        };
        let mut metadata = Map::new();
        let mut set = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                metadata.insert(key.to_owned(), json!(value));
            }
        };
        set("type", kind.as_deref());
        set("value", Some(value.as_deref().unwrap_or_default()));
        set("filename", filename);
        set("function", function.as_deref());
        metadata.insert("in_app_frame_mix".to_owned(), json!(frame_mix(payload)));
        Self { kind: IssueKind::Error, title, location: filename.map(str::to_owned), metadata }
    }

    fn of_message(payload: Payload<'_>) -> Self {
        let title = match first_line(payload.message().unwrap_or_default()) {
            "" => "<unlabeled event>".to_owned(),
            line => truncate(line, LONGEST_TITLE_PART),
        };
        let mut metadata = Map::new();
        metadata.insert("title".to_owned(), json!(title));
        Self { kind: IssueKind::Default, title, location: None, metadata }
    }
}

/// The innermost frame of the application, or of anything where the application has none.
pub fn crash_frame<'a>(frames: &[Frame<'a>]) -> Option<Frame<'a>> {
    frames.iter().rev().find(|frame| frame.in_app()).or(frames.last()).copied()
}

fn frame_mix(payload: Payload<'_>) -> &'static str {
    let frames: Vec<Frame<'_>> = payload.exceptions().flat_map(Exception::frames).collect();
    let own = frames.iter().filter(|frame| frame.in_app()).count();
    match own {
        0 => "system-only",
        all if all == frames.len() => "in-app-only",
        _ => "mixed",
    }
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
