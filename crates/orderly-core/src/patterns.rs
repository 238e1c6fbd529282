//! The built-in patterns, made ready before they are needed.

use crate::scrub::Scrubber;
use crate::sync::snapshot::{EventEvidence, ExceptionEvidence, Frame, FrameOrigin};
use crate::time::Timestamp;
use crate::tracked::fingerprint::TitleFingerprint;
use crate::tracked::stack::{StackSignature as _, TopFrames};
use crate::untrusted::Untrusted;
use std::collections::BTreeMap;

/// Makes the patterns of scrubbing, titles and stack frames ready, which is done once in a process anyway. Nothing
/// decided depends on it: called beside the first requests, it only saves the first decision from waiting for it.
pub fn prepare() {
    let text = |text: &str| Untrusted::from(text);
    let title = text(
        "TypeError: order 7 of jane@shop.example at https://shop.example/o/7 has no \"price\" (10.0.0.7)",
    );
    Scrubber::built_in().scrub(&title);
    TitleFingerprint::of(&title);
    let frame = Frame {
        function: text("<lambda>::handle_order"),
        module: None,
        file: Some(text("/srv/shop/orders.3f2a9c81.js")),
        line: Some(7),
        origin: FrameOrigin::InApp,
    };
    TopFrames::default().signature(&EventEvidence {
        at: Timestamp::UNIX_EPOCH,
        release: None,
        environment: None,
        platform: text("javascript"),
        exceptions: vec![ExceptionEvidence { kind: text("TypeError"), value: title, frames: vec![frame] }],
        tags: BTreeMap::new(),
    });
}
