//! What is compared, as it comes: an error from its event, an item from the person who wrote it.

use crate::normal::platform::Platform;
use crate::sync::snapshot::FrameOrigin;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// An error: what was thrown, with what caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whose habits the names follow.
    pub platform: Platform,
    /// The exceptions of the chain, oldest cause first; the last is the one that was thrown.
    pub exceptions: Vec<Thrown>,
}

/// One exception of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thrown {
    /// Its type, as the platform spells it.
    pub kind: Untrusted<String>,
    /// Its message; may be empty.
    pub message: Untrusted<String>,
    /// Oldest call first, the frame that failed last.
    pub frames: Vec<Frame>,
}

/// A place in the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Function or method.
    pub function: Option<Untrusted<String>>,
    /// Module, package or class.
    pub module: Option<Untrusted<String>>,
    /// File as the event names it.
    pub file: Option<Untrusted<String>>,
    /// Own code or not.
    pub origin: FrameOrigin,
}

/// An item of a tracker, as a person or Orderly wrote it. A stack trace pasted into the body counts as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenItem {
    /// Title.
    pub title: Untrusted<String>,
    /// Description; may be empty.
    pub body: Untrusted<String>,
}
