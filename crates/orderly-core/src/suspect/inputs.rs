//! A crash, as far as it tells where its mistake is.

use crate::diagnose::{Evidence, FrameOrigin};
use crate::normal::platform::Platform;

/// A crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Whose habits its names follow.
    pub platform: Platform,
    /// The chain of exceptions, the deepest cause first, the thrown one last.
    pub failures: Vec<Failure>,
}

/// One exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Type, with its package where the platform says it.
    pub kind: String,
    /// Message.
    pub message: String,
    /// Frames, crash frame first.
    pub frames: Vec<Sight>,
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Own code or not.
    pub origin: FrameOrigin,
    /// File: its path in the repository, or under which it would be tracked. `None`: nobody knows.
    pub path: Option<String>,
    /// Function, without its class.
    pub function: String,
    /// Class or module.
    pub module: String,
}

impl Crash {
    /// From the evidence of an event. `paths` gives the file of each frame, exception by exception in the order of the
    /// evidence (the thrown one first).
    pub fn of(evidence: &Evidence, platform: Platform, paths: &[Vec<Option<String>>]) -> Self {
        let with_paths = evidence.exceptions.iter().zip(paths).collect::<Vec<_>>();
        let failures = with_paths.into_iter().rev().map(|(exception, paths)| {
            let package =
                exception.module.as_ref().map(|module| module.as_raw_str()).filter(|m| !m.is_empty());
            let name = exception.kind.as_raw_str();
            let frames = exception.frames.iter().zip(paths).map(|(frame, path)| Sight {
                origin: frame.origin,
                path: path.clone(),
                function: frame.function.as_raw_str().to_owned(),
                module: frame
                    .module
                    .as_ref()
                    .map(|module| module.as_raw_str().to_owned())
                    .unwrap_or_default(),
            });
            Failure {
                kind: package.map_or_else(|| name.to_owned(), |package| format!("{package}.{name}")),
                message: exception.value.as_raw_str().to_owned(),
                frames: frames.collect(),
            }
        });
        Self { platform, failures: failures.collect() }
    }
}
