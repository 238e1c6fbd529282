//! From an event on the wire to the part of it that may be shown.

use orderly_core::sync::snapshot::{EventEvidence, ExceptionEvidence, Frame, FrameOrigin};
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use orderly_wire::sentry::event as wire;
use std::collections::BTreeMap;

/// The tags that may be shown. No tag that a program can fill with anything (`url`, `server_name`, `user`, own tags).
const SHOWN_TAGS: [&str; 12] = [
    "browser",
    "browser.name",
    "device.family",
    "environment",
    "handled",
    "level",
    "mechanism",
    "os",
    "os.name",
    "release",
    "runtime",
    "runtime.name",
];

/// Bounds of what is kept of one event.
const MOST_EXCEPTIONS: usize = 8;
const MOST_FRAMES: usize = 100;
const LONGEST_TEXT: usize = 4096;

/// The evidence of an event.
pub(super) fn evidence(event: &wire::Event) -> EventEvidence {
    let tag = |key: &str| event.tags.iter().find(|tag| tag.key == key).map(|tag| text(&tag.value));
    let release = event.release.as_ref().map(|release| text(&release.version)).or_else(|| tag("release"));
    EventEvidence {
        at: event.date_created.or(event.date_received).unwrap_or(Timestamp::UNIX_EPOCH),
        release: release.filter(|release| !release.as_raw_str().is_empty()),
        environment: tag("environment").filter(|name| !name.as_raw_str().is_empty()),
        platform: text(&event.platform),
        exceptions: exceptions(event),
        tags: SHOWN_TAGS
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), tag(key)?)))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// The thrown exception first; Sentry has the oldest cause first.
fn exceptions(event: &wire::Event) -> Vec<ExceptionEvidence> {
    let chain = event.entries.iter().find_map(|entry| match entry {
        wire::Entry::Exception(chain) => Some(&chain.values),
        _ => None,
    });
    let of_one = |exception: &wire::Exception| ExceptionEvidence {
        kind: text(&exception.kind),
        value: text(&exception.value),
        frames: frames(exception.stacktrace.as_ref().or_else(|| on_thread(event, exception))),
    };
    chain.into_iter().flatten().rev().take(MOST_EXCEPTIONS).map(of_one).collect()
}

/// The trace of the thread that an exception was thrown on: some SDKs keep traces by thread only.
fn on_thread<'a>(event: &'a wire::Event, exception: &wire::Exception) -> Option<&'a wire::Stacktrace> {
    let threads = event.entries.iter().find_map(|entry| match entry {
        wire::Entry::Threads(threads) => Some(&threads.values),
        _ => None,
    })?;
    let named = threads.iter().find(|thread| thread.id.is_some() && thread.id == exception.thread_id);
    let crashed = || threads.iter().find(|thread| thread.crashed);
    named.or_else(crashed)?.stacktrace.as_ref()
}

/// The crash frame first; Sentry has it last.
fn frames(trace: Option<&wire::Stacktrace>) -> Vec<Frame> {
    let of_one = |frame: &wire::Frame| Frame {
        function: text(frame.function.as_deref().unwrap_or("<unknown>")),
        module: frame.module.as_deref().or(frame.package.as_deref()).map(text),
        file: frame.filename.as_deref().map(text),
        line: frame.line_no,
        origin: if frame.in_app { FrameOrigin::InApp } else { FrameOrigin::Library },
    };
    trace.into_iter().flat_map(|trace| trace.frames.iter().rev()).take(MOST_FRAMES).map(of_one).collect()
}

fn text(text: &str) -> Untrusted<String> {
    Untrusted::new(text.chars().take(LONGEST_TEXT).collect())
}

#[cfg(test)]
mod tests;
