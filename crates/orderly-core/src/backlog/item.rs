//! An item as an index keeps it, and an issue as it is compared with items.

use crate::ids::ItemId;
use crate::normal::platform::Platform;
use crate::similar::{Frame, Report, Signature, Thrown, WrittenItem};
use crate::sync::snapshot::{EventEvidence, ExceptionEvidence, Issue, TrackedItem};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// An item of the tracker and what of it is compared. Its texts are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownItem {
    /// The item, without texts and without what it was merged into.
    pub item: TrackedItem,
    /// The item that it was merged into.
    pub merged_into: Option<ItemId>,
    /// What is compared.
    pub signature: Signature,
}

impl KnownItem {
    /// From an item as the tracker tells it. The body that Orderly wrote is not compared: most of it is the same in every
    /// item, and what it quotes is known better from the event.
    pub fn of(item: TrackedItem, merged_into: Option<ItemId>) -> Self {
        let body = match item.marker {
            Some(_) => String::new(),
            None => item.texts.iter().map(Untrusted::as_raw_str).collect::<Vec<_>>().join("\n\n"),
        };
        let written = WrittenItem { title: item.title.clone(), body: Untrusted::new(body) };
        let signature = Signature::of_item(&written);
        Self { item: TrackedItem { texts: Vec::new(), duplicate_of: None, ..item }, merged_into, signature }
    }
}

/// What of an issue is compared with items: its latest event, and its title where the event threw nothing.
pub fn signature_of(issue: &Issue, event: &EventEvidence) -> Signature {
    let mut exceptions: Vec<Thrown> = event.exceptions.iter().rev().map(thrown).collect();
    if exceptions.is_empty() {
        exceptions.push(Thrown {
            kind: Untrusted::new(String::new()),
            message: issue.title.clone(),
            frames: Vec::new(),
        });
    }
    Signature::of(&Report { platform: Platform::of(event.platform.as_raw_str()), exceptions })
}

/// Evidence has the frame that failed first, a report has it last.
fn thrown(exception: &ExceptionEvidence) -> Thrown {
    let frame = |frame: &crate::sync::snapshot::Frame| Frame {
        function: Some(frame.function.clone()),
        module: frame.module.clone(),
        file: frame.file.clone(),
        origin: frame.origin,
    };
    Thrown {
        kind: exception.kind.clone(),
        message: exception.value.clone(),
        frames: exception.frames.iter().rev().map(frame).collect(),
    }
}
