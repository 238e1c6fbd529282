//! The grouping hashes of an event. Two events that share one are one issue.
//!
//! In order: the client's fingerprint, unless it only says `{{ default }}`; the stack trace of each exception; exception
//! type and value; a stack trace without exception; the message. From in-app frames comes the *app* hash, from all
//! frames the *system* hash.

use sha2::{Digest, Sha256};

use super::frames::{Contributions, Parts};
use super::parameterize::parameterize;
use super::payload::Payload;

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
    pub fn of(payload: &Payload<'_>) -> Self {
        let contents = Contents::of(payload);
        let (app, system) = (contents.hash(View::App), contents.hash(View::System));
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
    fn of<'c, 'a>(self, frames: &'c Contributions<'a>) -> Vec<&'c Parts<'a>> {
        match self {
            Self::App => frames.own(),
            Self::System => frames.all(),
        }
    }
}

fn is_default(part: &str) -> bool {
    matches!(part.trim(), "{{ default }}" | "{{default}}")
}

fn with_fingerprint(payload: &Payload<'_>, fingerprint: &[&str], default: &str) -> String {
    let mut hash = Listed::new("fingerprint");
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
fn variable(payload: &Payload<'_>, part: &str) -> Option<String> {
    let name = part.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let main = payload.main_exception();
    let crash_frame = || main.and_then(|exception| exception.frames.last());
    let value = match name {
        "error.type" | "type" => main.and_then(|main| main.kind),
        "error.value" | "value" => main.and_then(|main| main.value),
        "message" => payload.message().or_else(|| main.and_then(|main| main.value)),
        "transaction" => payload.text("transaction"),
        "level" => payload.text("level"),
        "logger" => payload.text("logger"),
        "stack.function" | "function" => crash_frame().and_then(|frame| frame.function),
        "stack.module" | "module" => crash_frame().and_then(|frame| frame.module),
        "stack.abs_path" | "path" => crash_frame().and_then(|frame| frame.abs_path),
        _ => return None,
    };
    Some(value.unwrap_or("<no value>").to_owned())
}

/// What an event contributes, whichever frames are looked at.
struct Contents<'a> {
    payload: &'a Payload<'a>,
    /// Of each exception.
    exceptions: Vec<Contributions<'a>>,
    bare: Contributions<'a>,
}

impl<'a> Contents<'a> {
    fn of(payload: &'a Payload<'a>) -> Self {
        let platform = payload.platform();
        let exceptions: Vec<_> = payload
            .exceptions()
            .iter()
            .map(|exception| Contributions::of(&exception.frames, platform))
            .collect();
        let bare = if exceptions.is_empty() { payload.bare_frames() } else { Vec::new() };
        Self { payload, exceptions, bare: Contributions::of(&bare, platform) }
    }

    fn hash(&self, view: View) -> String {
        let mut hash = Listed::new("exception");
        for (exception, frames) in self.payload.exceptions().iter().zip(&self.exceptions) {
            hash.add(if exception.is_synthetic { "" } else { exception.kind.unwrap_or_default() });
            let frames = view.of(frames);
            if frames.is_empty() {
                hash.add(&parameterize(exception.value.unwrap_or_default()));
            } else {
                hash.add_all(&frames);
            }
        }
        if !self.exceptions.is_empty() {
            return hash.finish();
        }
        let frames = view.of(&self.bare);
        if !frames.is_empty() {
            let mut hash = Listed::new("stacktrace");
            hash.add_all(&frames);
            return hash.finish();
        }
        let mut hash = Listed::new("message");
        hash.add(&parameterize(self.payload.message_template().unwrap_or_default()));
        hash.finish()
    }
}

/// A hash over a list of texts; lengths are hashed too, so that no two lists run together.
struct Listed(Sha256);

impl Listed {
    fn new(kind: &str) -> Self {
        let mut list = Self(Sha256::new());
        list.add(kind);
        list
    }

    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn add_all(&mut self, frames: &[&Parts<'_>]) {
        for parts in frames {
            self.0.update((parts.iter().count() as u64).to_be_bytes());
            parts.iter().for_each(|part| self.add(part));
        }
    }

    fn finish(self) -> String {
        hex::encode(&self.0.finalize()[..16])
    }
}
