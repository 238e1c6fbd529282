//! One error as the engine compares it.

use crate::sync::snapshot::FrameOrigin;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// An error: what was thrown, with what caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
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
