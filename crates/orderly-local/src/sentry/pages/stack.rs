//! The exceptions of an event with their frames, the newest call first.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::words::shown;
use crate::sentry::grouping::payload::{Frame, Payload};
use crate::sentry::tree::{Object, Tree};

/// Frames of one exception that are shown.
const MOST_FRAMES: usize = 100;

/// What went wrong, as the event tells it.
pub(super) fn exceptions(event: &Map<String, Value>) -> Markup {
    let event = Object::from(event);
    let payload = Payload::new(&event);
    html! {
        @for exception in payload.exceptions().iter().rev() {
            h3 { (shown(exception.kind.unwrap_or("Error"))) }
            @if let Some(value) = exception.value { pre { (shown(value)) } }
            (frames(&exception.frames))
        }
        @if payload.exceptions().is_empty() {
            @if let Some(message) = payload.message() { pre { (shown(message)) } }
            (frames(&payload.bare_frames()))
        }
    }
}

fn frames(frames: &[Frame<'_>]) -> Markup {
    html! {
        @if frames.is_empty() {
            p.quiet { "Without a stack trace." }
        } @else {
            ol.frames {
                @for (place, frame) in frames.iter().rev().take(MOST_FRAMES).enumerate() {
                    li.own[frame.in_app] {
                        // The first frame of one's own code is where people look first.
                        details open[place == 0 || frame.in_app && place < 5] {
                            summary {
                                span.where { (shown(place_of(frame))) }
                                @if let Some(line) = frame.line { ":" (line) }
                                @if let Some(function) = frame.function { " in " b { (shown(function)) } }
                                @if !frame.in_app { " " span.quiet { "library" } }
                            }
                            (source(frame))
                        }
                    }
                }
            }
        }
    }
}

fn place_of<'a>(frame: &Frame<'a>) -> &'a str {
    frame.filename.or(frame.abs_path).or(frame.module).unwrap_or("?")
}

/// The lines around the call, where the SDK sent them.
fn source(frame: &Frame<'_>) -> Markup {
    let lines =
        |sent: &[Tree<'_>]| -> Vec<String> { sent.iter().filter_map(Tree::as_str).map(shown).collect() };
    html! {
        @if let Some(line) = frame.context_line {
            pre.source {
                @for line in lines(frame.before) { (line) "\n" }
                mark { (shown(line)) }
                @for line in lines(frame.after) { "\n" (line) }
            }
        }
    }
}
