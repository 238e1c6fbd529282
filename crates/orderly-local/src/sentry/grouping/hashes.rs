//! The grouping hashes of an event. Two events that share one are one issue.
//!
//! In order: the client's fingerprint, unless it only says `{{ default }}`; the stack trace of each exception; exception
//! type and value; a stack trace without exception; the message. From in-app frames comes the *app* hash, from all
//! frames the *system* hash.

use sha2::{Digest, Sha256};

use super::frames::contributions;
use super::parameterize::parameterize;
use super::payload::{Exception, Frame, Payload};

/// The hashes of one event, 32 hex digits each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes {
    /// From in-app frames, or from everything where there are none.
    pub app: String,
    /// From all frames; `None` when it would say the same as `app`.
    pub system: Option<String>,
}

impl Hashes {
    /// Computes the hashes of a canonical event.
    pub fn of(payload: Payload<'_>) -> Self {
        let (app, system) = (default_hash(payload, View::App), default_hash(payload, View::System));
        let fingerprint = payload.fingerprint();
        let (app, system) = if fingerprint.iter().all(|part| is_default(part)) {
            (app, system)
        } else {
            (with_fingerprint(payload, &fingerprint, &app), with_fingerprint(payload, &fingerprint, &system))
        };
        let system = (system != app).then_some(system);
        Self { app, system }
    }

    /// All of them, the app hash first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [Some(self.app.as_str()), self.system.as_deref()].into_iter().flatten()
    }
}

/// Which frames are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    App,
    System,
}

impl View {
    /// The frames that count; without any in-app frame, all do.
    fn select<'a>(self, frames: Vec<Frame<'a>>) -> Vec<Frame<'a>> {
        let own: Vec<Frame<'a>> = match self {
            Self::App => frames.iter().copied().filter(|frame| frame.in_app()).collect(),
            Self::System => Vec::new(),
        };
        if own.is_empty() { frames } else { own }
    }
}

fn is_default(part: &str) -> bool {
    matches!(part.trim(), "{{ default }}" | "{{default}}")
}

fn with_fingerprint(payload: Payload<'_>, fingerprint: &[&str], default: &str) -> String {
    let mut hash = Parts::new("fingerprint");
    for part in fingerprint {
        if is_default(part) {
            hash.add(default);
        } else {
            hash.add(&variable(payload, part).unwrap_or_else(|| (*part).to_owned()));
        }
    }
    hash.finish()
}

/// The value of a `{{ name }}` in a fingerprint; `None` for anything else.
fn variable(payload: Payload<'_>, part: &str) -> Option<String> {
    let name = part.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let main = payload.main_exception();
    let crash_frame = || main.map(Exception::frames).unwrap_or_default().last().copied();
    let value = match name {
        "error.type" | "type" => main.and_then(Exception::kind),
        "error.value" | "value" => main.and_then(Exception::value),
        "message" => payload.message().or_else(|| main.and_then(Exception::value)),
        "transaction" => payload.text("transaction"),
        "level" => payload.text("level"),
        "logger" => payload.text("logger"),
        "stack.function" | "function" => crash_frame().and_then(|frame| frame.text("function")),
        "stack.module" | "module" => crash_frame().and_then(|frame| frame.text("module")),
        "stack.abs_path" | "path" => crash_frame().and_then(|frame| frame.text("abs_path")),
        _ => return None,
    };
    Some(value.unwrap_or("<no value>").to_owned())
}

fn default_hash(payload: Payload<'_>, view: View) -> String {
    let platform = payload.platform();
    let mut hash = Parts::new("exception");
    let mut any = false;
    for exception in payload.exceptions() {
        any = true;
        hash.add(if exception.is_synthetic() { "" } else { exception.kind().unwrap_or_default() });
        let frames = contributions(&view.select(exception.frames()), platform);
        if frames.is_empty() {
            hash.add(&parameterize(exception.value().unwrap_or_default()));
        } else {
            hash.add_all(&frames);
        }
    }
    if any {
        return hash.finish();
    }
    let frames = contributions(&view.select(payload.bare_frames()), platform);
    if !frames.is_empty() {
        let mut hash = Parts::new("stacktrace");
        hash.add_all(&frames);
        return hash.finish();
    }
    let mut hash = Parts::new("message");
    hash.add(&parameterize(payload.message_template().unwrap_or_default()));
    hash.finish()
}

/// A hash over a list of texts; lengths are hashed too, so that no two lists run together.
struct Parts(Sha256);

impl Parts {
    fn new(kind: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.add(kind);
        parts
    }

    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn add_all(&mut self, frames: &[Vec<String>]) {
        for parts in frames {
            self.0.update((parts.len() as u64).to_be_bytes());
            for part in parts {
                self.add(part);
            }
        }
    }

    fn finish(self) -> String {
        hex::encode(&self.0.finalize()[..16])
    }
}
