//! Labelled rows, and what the engine and the protocol see of them.

use crate::baselines::Plain;
use orderly_core::normal::platform::Platform;
use orderly_core::similar::{self, Frame, Signature, Thrown};
use orderly_core::sync::snapshot::FrameOrigin;
use orderly_core::untrusted::Untrusted;
use serde::Deserialize;

/// A crash report with its label.
#[derive(Debug, Deserialize)]
pub(super) struct CrashRow {
    id: String,
    project: String,
    platform: String,
    cause: String,
    exception: ExceptionRow,
    frames: Vec<FrameRow>,
    #[serde(default)]
    chain: Vec<ChainRow>,
    /// Known before the measurement begins: feeds the history and is not asked.
    #[serde(default)]
    history: bool,
}

#[derive(Debug, Deserialize)]
struct ExceptionRow {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

#[derive(Debug, Deserialize)]
struct FrameRow {
    function: Option<String>,
    module: Option<String>,
    file: Option<String>,
    in_app: bool,
}

#[derive(Debug, Deserialize)]
struct ChainRow {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    frames: usize,
}

/// A crash state with its label.
#[derive(Debug, Deserialize)]
pub(super) struct StateRow {
    id: String,
    project: String,
    cause: String,
    crash_type: String,
    frames: Vec<String>,
    #[serde(default)]
    history: bool,
}

/// A row of either kind, as the engine and the protocol see it.
#[derive(Debug)]
pub(super) struct Case {
    pub id: String,
    pub project: String,
    pub cause: String,
    pub signature: Signature,
    /// As a known method sees it.
    pub plain: Plain,
    pub known_before: bool,
}

impl From<CrashRow> for Case {
    fn from(row: CrashRow) -> Self {
        let plain = row.plain();
        let mut frames = row.frames.into_iter().map(Frame::from);
        let thrown = |kind, message, frames| Thrown {
            kind: Untrusted::new(kind),
            message: Untrusted::new(message),
            frames,
        };
        let exceptions = if row.chain.is_empty() {
            vec![thrown(row.exception.kind, row.exception.value, frames.collect())]
        } else {
            let links = row.chain.into_iter();
            links
                .map(|link| thrown(link.kind, link.value, frames.by_ref().take(link.frames).collect()))
                .collect()
        };
        let report = similar::Report { platform: Platform::of(&row.platform), exceptions };
        let signature = Signature::of(&report);
        Self {
            id: row.id,
            project: row.project,
            cause: row.cause,
            signature,
            plain,
            known_before: row.history,
        }
    }
}

impl CrashRow {
    /// Java: class and function of every frame but those of reflection and test runners. Python: file and function of
    /// own frames.
    fn plain(&self) -> Plain {
        const RUNNERS: [&str; 5] =
            ["sun.reflect", "java.lang.reflect", "org.junit", "junit", "org.apache.tools.ant"];
        let token = |frame: &FrameRow| {
            let text = |name: &Option<String>| name.clone().unwrap_or_default();
            let (module, function) = (text(&frame.module), text(&frame.function));
            match Platform::of(&self.platform) {
                Platform::Jvm => (!RUNNERS.iter().any(|runner| module.starts_with(runner)))
                    .then(|| format!("{module}.{function}")),
                _ => frame.in_app.then(|| format!("{}:{function}", text(&frame.file))),
            }
        };
        let ExceptionRow { kind, value } = &self.exception;
        let message = if value.is_empty() { kind.clone() } else { format!("{kind}: {value}") };
        Plain::new(self.frames.iter().rev().filter_map(token), &message)
    }
}

impl From<FrameRow> for Frame {
    fn from(row: FrameRow) -> Self {
        Self {
            function: row.function.map(Untrusted::new),
            module: row.module.map(Untrusted::new),
            file: row.file.map(Untrusted::new),
            origin: if row.in_app { FrameOrigin::InApp } else { FrameOrigin::Library },
        }
    }
}

impl From<StateRow> for Case {
    fn from(row: StateRow) -> Self {
        let plain = Plain::new(row.frames.iter().rev().cloned(), &row.crash_type);
        let frame = |name: String| Frame {
            function: Some(Untrusted::new(name)),
            module: None,
            file: None,
            origin: FrameOrigin::InApp,
        };
        let thrown = Thrown {
            kind: Untrusted::new(row.crash_type),
            message: Untrusted::new(String::new()),
            frames: row.frames.into_iter().map(frame).collect(),
        };
        let report = similar::Report { platform: Platform::Native, exceptions: vec![thrown] };
        let signature = Signature::of(&report);
        Self {
            id: row.id,
            project: row.project,
            cause: row.cause,
            signature,
            plain,
            known_before: row.history,
        }
    }
}
