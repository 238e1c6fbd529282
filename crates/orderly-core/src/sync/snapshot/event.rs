//! What of an event may be shown.

use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What of the latest event may be shown. Nothing else of an event enters a snapshot: no user, request, headers,
/// cookies, extra, breadcrumbs or local variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEvidence {
    /// When it happened.
    pub at: Timestamp,
    /// Release.
    pub release: Option<Untrusted<String>>,
    /// Environment.
    pub environment: Option<Untrusted<String>>,
    /// Platform: `python`, `javascript`, `rust` ...
    pub platform: Untrusted<String>,
    /// Exceptions, outermost (the thrown one) first.
    pub exceptions: Vec<ExceptionEvidence>,
    /// Tags that help to place it and are allowed to be shown (a fixed list of keys).
    pub tags: BTreeMap<String, Untrusted<String>>,
}

/// One exception of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionEvidence {
    /// Type.
    pub kind: Untrusted<String>,
    /// Message.
    pub value: Untrusted<String>,
    /// Frames, crash frame first (the opposite of Sentry's order).
    pub frames: Vec<Frame>,
}

/// A stack frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    /// Function.
    pub function: Untrusted<String>,
    /// Module, package or class.
    pub module: Option<Untrusted<String>>,
    /// File as the event names it.
    pub file: Option<Untrusted<String>>,
    /// Line.
    pub line: Option<u32>,
    /// Own code or not.
    pub origin: FrameOrigin,
}

/// Whose code a frame is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameOrigin {
    /// The application's own.
    InApp,
    /// Library or runtime.
    Library,
}
