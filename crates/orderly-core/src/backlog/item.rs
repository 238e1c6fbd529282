//! An item as an index keeps it, and an issue as it is compared with items.

use crate::ids::ItemId;
use crate::normal::platform::Platform;
use crate::scrub::Scrubber;
use crate::similar::{Frame, Report, Signature, Thrown, WrittenItem};
use crate::sync::snapshot::{EventEvidence, ExceptionEvidence, Issue, TrackedItem};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// An item of the tracker and what of it is compared. Its texts and attachments are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownItem {
    /// The item, without texts, attachments and what it was merged into.
    pub item: TrackedItem,
    /// The item that it was merged into.
    pub merged_into: Option<ItemId>,
    /// What is compared.
    pub signature: Signature,
}

impl KnownItem {
    /// From an item as the tracker tells it, scrubbed. The body that Orderly wrote is not compared: most of it is the same
    /// in every item, and what it quotes is known better from the event.
    pub fn of(item: TrackedItem, merged_into: Option<ItemId>, scrubber: &Scrubber) -> Self {
        let body = match item.marker {
            Some(_) => String::new(),
            None => item.texts.iter().map(Untrusted::as_raw_str).collect::<Vec<_>>().join("\n\n"),
        };
        let title = clean(&item.title, scrubber);
        let written = WrittenItem { title: title.clone(), body: clean(&Untrusted::new(body), scrubber) };
        let signature = Signature::of_item(&written);
        let item =
            TrackedItem { title, texts: Vec::new(), attachments: Vec::new(), duplicate_of: None, ..item };
        Self { item, merged_into, signature }
    }
}

/// What of an issue is compared with items: its latest event, and its title where the event threw nothing. Scrubbed,
/// because it is kept.
pub fn signature_of(issue: &Issue, event: &EventEvidence, scrubber: &Scrubber) -> Signature {
    let mut exceptions: Vec<Thrown> =
        event.exceptions.iter().rev().map(|exception| thrown(exception, scrubber)).collect();
    if exceptions.is_empty() {
        let message = clean(&issue.title, scrubber);
        exceptions.push(Thrown { kind: Untrusted::new(String::new()), message, frames: Vec::new() });
    }
    Signature::of(&Report { platform: Platform::of(event.platform.as_raw_str()), exceptions })
}

/// Evidence has the frame that failed first, a report has it last.
fn thrown(exception: &ExceptionEvidence, scrubber: &Scrubber) -> Thrown {
    let frame = |frame: &crate::sync::snapshot::Frame| Frame {
        function: Some(clean(&frame.function, scrubber)),
        module: frame.module.as_ref().map(|module| clean(module, scrubber)),
        file: frame.file.as_ref().map(|file| clean(file, scrubber)),
        origin: frame.origin,
    };
    Thrown {
        kind: clean(&exception.kind, scrubber),
        message: clean(&exception.value, scrubber),
        frames: exception.frames.iter().rev().map(frame).collect(),
    }
}

fn clean(text: &Untrusted<String>, scrubber: &Scrubber) -> Untrusted<String> {
    Untrusted::new(scrubber.scrub(text).as_str().to_owned())
}
