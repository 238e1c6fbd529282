//! The one line that says where: the transaction, or the application's innermost frame.

use super::headline::{crash_frame, truncate};
use super::payload::{Exception, Frame, Payload, Platform};

const LONGEST: usize = 200;

/// The culprit of a canonical event; may be empty.
pub fn culprit(payload: Payload<'_>) -> String {
    let text = payload.text("transaction").map_or_else(|| from_frames(payload), str::to_owned);
    truncate(&text, LONGEST)
}

fn from_frames(payload: Payload<'_>) -> String {
    let thrown = payload.exceptions().next_back();
    if thrown.is_some_and(Exception::is_synthetic) {
        return String::new();
    }
    let frames = thrown.map(Exception::frames).filter(|frames| !frames.is_empty());
    let frame = crash_frame(&frames.unwrap_or_else(|| payload.bare_frames()));
    let described = frame.and_then(|frame| describe(frame, payload.platform()));
    described.or_else(|| payload.text_at(&["request", "url"]).map(str::to_owned)).unwrap_or_default()
}

fn describe(frame: Frame<'_>, event_platform: Platform) -> Option<String> {
    let function = frame.text("function");
    let place = frame.text("module").or_else(|| frame.text("filename"));
    match (frame.platform().unwrap_or(event_platform), place, function) {
        (Platform::JavaScript, Some(place), function) => {
            Some(format!("{}({place})", function.unwrap_or("?")))
        }
        (Platform::Native, _, Some(function)) => Some(function.to_owned()),
        (Platform::Python | Platform::Other, Some(place), Some(function)) => {
            Some(format!("{place} in {function}"))
        }
        (_, place, function) => place.or(function).map(str::to_owned),
    }
}
