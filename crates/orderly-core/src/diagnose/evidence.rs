//! What the latest event of an issue tells about a crash, read whole: what a person at the console would look at.
//!
//! It holds more than may leave the house (breadcrumbs, the address of the request). Whoever passes it on takes single
//! fields through [`crate::scrub`] and [`crate::encode`]; who the user was, headers, cookies, bodies and local variables
//! are not in here at all.

use crate::ids::IssueId;
pub use crate::sync::snapshot::FrameOrigin;
use crate::sync::snapshot::Level;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One event of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The issue.
    pub issue: IssueId,
    /// Id of the event: 32 hex digits, as Sentry answers them.
    pub event: Untrusted<String>,
    /// When it happened.
    pub at: Timestamp,
    /// Platform as the SDK says it: `python`, `javascript`, `rust` …
    pub platform: Untrusted<String>,
    /// Severity, when the event says one.
    pub level: Option<Level>,
    /// Release it happened in.
    pub release: Option<Untrusted<String>>,
    /// Distribution of that release (a build number).
    pub dist: Option<Untrusted<String>>,
    /// Environment.
    pub environment: Option<Untrusted<String>>,
    /// Transaction: the route or job that was running.
    pub transaction: Option<Untrusted<String>>,
    /// Logged message, when the event has one beside or instead of exceptions.
    pub message: Option<Untrusted<String>>,
    /// The chain of exceptions: the thrown one first, its cause after it.
    pub exceptions: Vec<Exception>,
    /// What was done before, oldest first, the crash after the last.
    pub breadcrumbs: Vec<Breadcrumb>,
    /// The request that was served or made.
    pub request: Option<Request>,
    /// Tags; an event chooses keys as well as values.
    pub tags: BTreeMap<Untrusted<String>, Untrusted<String>>,
    /// Where it ran.
    pub around: Surroundings,
    /// Builds of the bundles that were loaded, where the SDK names them.
    #[serde(default)]
    pub bundles: Vec<Bundle>,
    /// What the event holds and this reading left out because it is over a bound: one line each.
    pub left_out: Vec<String>,
}

/// A bundle of scripts, and which build of it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Its address, as frames have it.
    pub file: Untrusted<String>,
    /// Debug id of its build, which its source map has too.
    pub debug_id: Untrusted<String>,
}

/// One exception of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Type: `KeyError`.
    pub kind: Untrusted<String>,
    /// Message.
    pub value: Untrusted<String>,
    /// Module or package of the type.
    pub module: Option<Untrusted<String>>,
    /// How the SDK came to see it.
    pub mechanism: Option<Mechanism>,
    /// Frames, crash frame first (the opposite of Sentry's order); library frames included.
    pub frames: Vec<Frame>,
}

/// How an SDK came to see an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mechanism {
    /// `onerror`, `panic`, `excepthook` …
    pub kind: Untrusted<String>,
    /// Whether somebody caught it.
    pub handled: Handled,
}

/// Whether an exception was caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handled {
    /// Caught, and reported on purpose.
    Yes,
    /// Nobody caught it.
    No,
    /// The event does not say.
    Unknown,
}

/// A stack frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    /// Function, demangled where the SDK or Sentry did that.
    pub function: Untrusted<String>,
    /// The function before Sentry trimmed it.
    pub raw_function: Option<Untrusted<String>>,
    /// Module or class.
    pub module: Option<Untrusted<String>>,
    /// Package, library or binary.
    pub package: Option<Untrusted<String>>,
    /// File, as the SDK shortened it.
    pub file: Option<Untrusted<String>>,
    /// File with its folders, as the machine of the crash saw it.
    pub abs_path: Option<Untrusted<String>>,
    /// Where in the file.
    pub position: Option<Position>,
    /// Own code or not.
    pub origin: FrameOrigin,
    /// Platform, when it is another than the event's.
    pub platform: Option<Untrusted<String>>,
    /// Source lines around the position, as the SDK sent them.
    pub context: Vec<SourceLine>,
}

impl Frame {
    /// The source line at the position, when the SDK sent it.
    pub fn source_line(&self) -> Option<&Untrusted<String>> {
        let line = self.position?.line;
        self.context.iter().find(|source| source.line == line).map(|source| &source.text)
    }
}

/// A place in a file; lines and columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column, when it is known.
    pub column: Option<u32>,
}

/// A line of source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceLine {
    /// Number, from 1.
    pub line: u32,
    /// Text.
    pub text: Untrusted<String>,
}

/// Something that was done before the crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breadcrumb {
    /// When.
    pub at: Option<Timestamp>,
    /// `navigation`, `ui.click`, `http`, `query` …
    pub category: Option<Untrusted<String>>,
    /// Severity, in the SDK's word.
    pub level: Option<Untrusted<String>>,
    /// Message.
    pub message: Option<Untrusted<String>>,
    /// Single values of its data (`url`, `status_code`, `from`, `to`), by key.
    pub data: BTreeMap<Untrusted<String>, Untrusted<String>>,
}

/// The request of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: Option<Untrusted<String>>,
    /// Address, without its query.
    pub url: Untrusted<String>,
}

/// Where an event ran: name and version as one text (`Chrome 131`), when the event says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// SDK.
    pub sdk: Option<Untrusted<String>>,
    /// Runtime.
    pub runtime: Option<Untrusted<String>>,
    /// Browser.
    pub browser: Option<Untrusted<String>>,
    /// Operating system.
    pub os: Option<Untrusted<String>>,
    /// Device model.
    pub device: Option<Untrusted<String>>,
    /// `User-Agent` of the request: the one header that is read, to tell programs from people.
    pub user_agent: Option<Untrusted<String>>,
}

impl Evidence {
    /// The thrown exception.
    pub fn thrown(&self) -> Option<&Exception> {
        self.exceptions.first()
    }

    /// The exception at the bottom of the chain: what went wrong first.
    pub fn root_cause(&self) -> Option<&Exception> {
        self.exceptions.last()
    }

    /// Frames of own code, crash first: those of the deepest cause before those of its wrappers.
    pub fn in_app_frames(&self) -> impl Iterator<Item = &Frame> {
        let frames = self.exceptions.iter().rev().flat_map(|exception| &exception.frames);
        frames.filter(|frame| frame.origin == FrameOrigin::InApp)
    }

    /// The frame that most likely holds the mistake: the innermost one of own code, of the deepest cause that has one.
    pub fn top_in_app(&self) -> Option<&Frame> {
        self.in_app_frames().next()
    }

    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&Untrusted<String>> {
        self.tags.iter().find(|(k, _)| k.as_raw_str() == key).map(|(_, value)| value)
    }
}
