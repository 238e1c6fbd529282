//! The one line that says where: the transaction, or the application's innermost frame.

use super::headline::{crash_frame, truncate};
use super::payload::{Frame, Payload, Platform};

const LONGEST: usize = 200;

/// The culprit of a canonical event; may be empty.
pub fn culprit(payload: &Payload<'_>) -> String {
    let text = payload.text("transaction").map_or_else(|| from_frames(payload), str::to_owned);
    truncate(&text, LONGEST)
}

fn from_frames(payload: &Payload<'_>) -> String {
    let thrown = payload.exceptions().last();
    if thrown.is_some_and(|exception| exception.is_synthetic) {
        return String::new();
    }
    let bare;
    let frames = match thrown {
        Some(exception) if !exception.frames.is_empty() => &exception.frames,
        _ => {
            bare = payload.bare_frames();
            &bare
        }
    };
    let frame = crash_frame(frames);
    let described = frame.and_then(|frame| describe(frame, payload.platform()));
    described.or_else(|| payload.text_at(&["request", "url"]).map(str::to_owned)).unwrap_or_default()
}

fn describe(frame: &Frame<'_>, event_platform: Platform) -> Option<String> {
    let place = frame.module.or(frame.filename);
    match (frame.platform.unwrap_or(event_platform), place, frame.function) {
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
