//! Issues that one repair may close: they crash in the same own frame with the same chain of exceptions. Never by title,
//! and never across projects.

use super::selection::Chosen;
use super::selection::Unit;
use crate::diagnose::Evidence;
use crate::digest;
use crate::ids::{Digest, ProjectSlug};
use crate::normal::frame::{RawFrame, normal};
use crate::normal::platform::Platform;

/// What issues of one unit share. `None`: the event has no own frame or no exception, so nothing is known to be shared.
pub fn crash_key(project: &ProjectSlug, evidence: &Evidence) -> Option<Digest> {
    let frame = evidence.top_in_app()?;
    let field = frame.platform.as_ref().unwrap_or(&evidence.platform);
    let raw = |text: Option<&crate::untrusted::Untrusted<String>>| {
        text.map(|text| text.as_raw_str().to_owned()).unwrap_or_default()
    };
    let (module, file) = (raw(frame.module.as_ref()), raw(frame.file.as_ref()));
    let frame = RawFrame { function: frame.function.as_raw_str(), module: &module, file: &file };
    let frame = normal(Platform::of(field.as_raw_str()), &frame);
    let kinds: Vec<&str> = evidence.exceptions.iter().map(|exception| exception.kind.as_raw_str()).collect();
    // A frame without a function is a whole file: too much to be one mistake.
    let known = !frame.function.is_empty() && kinds.iter().any(|kind| !kind.is_empty());
    known.then(|| digest::of(&(project, frame, kinds)))
}

/// Groups chosen issues by their keys. The first of each group leads; an issue without a key stands alone.
pub(super) fn units(chosen: Vec<(Chosen, Option<Digest>)>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for (issue, crash) in chosen {
        match units.iter_mut().find(|unit| crash.is_some() && unit.crash == crash) {
            Some(unit) => unit.related.push(issue),
            None => units.push(Unit { lead: issue, related: Vec::new(), crash }),
        }
    }
    units
}
