//! What of an error or an item is compared: normal forms, and the small parts that are counted and looked up.

use super::report::{Report, WrittenItem};
use crate::normal::frame::{self, NormalFrame, RawFrame};
use crate::normal::{message, pasted, title};
use crate::sync::snapshot::FrameOrigin;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Frames of a stack that are kept, from the crash on.
const MOST_FRAMES: usize = 60;

/// An error or an item, ready to be compared.
///
/// Stored as its [`Facts`]; the parts are made anew when it is read, so a stored signature outlives a change of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Facts", into = "Facts")]
pub struct Signature {
    facts: Facts,
    keys: Vec<Key>,
    grams: Vec<u32>,
}

/// The normal forms behind a signature: all of it that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Type of the exception that was thrown. Empty when nothing said it.
    pub kind: String,
    /// Its message in normal form.
    pub message: String,
    /// Crash frame first, then outwards; the frames of the thrown exception before those of its causes.
    pub frames: Vec<PlacedFrame>,
    /// Title in normal form: of a written item as it stands there, of an error as Sentry would give it.
    pub title: String,
    /// What a person wrote under the title.
    pub body: String,
}

/// A frame and whose code it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedFrame {
    /// Normal form.
    pub frame: NormalFrame,
    /// Own code or not; a pasted trace does not say it.
    pub origin: FrameOrigin,
}

/// A part by which candidates are found and whose commonness is counted; a hash, the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub u64);

impl Signature {
    /// Of an error.
    pub fn of(report: &Report) -> Self {
        let frames = report.exceptions.iter().rev().flat_map(|thrown| {
            thrown.frames.iter().rev().map(|frame| {
                let text = |name: &'_ Option<Untrusted<String>>| name.clone();
                (text(&frame.function), text(&frame.module), text(&frame.file), frame.origin)
            })
        });
        let mut kept: Vec<PlacedFrame> = Vec::new();
        for (function, module, file, origin) in frames {
            let raw = |name: &'_ Option<Untrusted<String>>| {
                name.as_ref().map(|name| name.as_raw_str().to_owned()).unwrap_or_default()
            };
            let (function, module, file) = (raw(&function), raw(&module), raw(&file));
            let frame = RawFrame { function: &function, module: &module, file: &file };
            let frame = frame::normal(report.platform, &frame);
            if !frame.is_blank() && kept.last().is_none_or(|last| last.frame != frame) {
                kept.push(PlacedFrame { frame, origin });
            }
            if kept.len() == MOST_FRAMES {
                break;
            }
        }
        let thrown = report.exceptions.last();
        let kind = thrown.map(|thrown| thrown.kind.as_raw_str().to_owned()).unwrap_or_default();
        let said = thrown.map_or("", |thrown| thrown.message.as_raw_str());
        let name = kind.rsplit(['.', ':']).next().unwrap_or(&kind);
        let title = if said.is_empty() { name.to_owned() } else { format!("{name}: {said}") };
        Facts {
            message: message::normal(said),
            frames: kept,
            title: title::normal(&title),
            body: String::new(),
            kind,
        }
        .into()
    }

    /// Of an item that is written down.
    pub fn of_item(item: &WrittenItem) -> Self {
        let (title, body) = (item.title.as_raw_str(), item.body.as_raw_str());
        let traces = pasted::find(body);
        let thrown = traces.iter().find_map(|trace| trace.thrown.as_ref());
        let frames = traces.iter().flat_map(|trace| &trace.frames).take(MOST_FRAMES);
        Facts {
            kind: thrown.map(|thrown| thrown.kind.clone()).unwrap_or_default(),
            message: thrown.map(|thrown| message::normal(&thrown.message)).unwrap_or_default(),
            frames: frames
                .map(|frame| PlacedFrame { frame: frame.clone(), origin: FrameOrigin::InApp })
                .collect(),
            title: title::normal(title),
            body: message::normal(body),
        }
        .into()
    }

    /// The normal forms.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The parts by which it is found, each once, sorted.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(super) fn grams(&self) -> &[u32] {
        &self.grams
    }
}

impl From<Facts> for Signature {
    fn from(facts: Facts) -> Self {
        let mut keys: Vec<Key> = facts.frames.iter().map(|placed| key(&placed.frame.to_string())).collect();
        keys.sort_unstable();
        keys.dedup();
        let text: Vec<char> = facts
            .frames
            .iter()
            .take(10)
            .flat_map(|placed| {
                placed.frame.to_string().to_lowercase().chars().chain([' ']).collect::<Vec<_>>()
            })
            .collect();
        let mut grams: Vec<u32> =
            text.windows(3).map(|gram| key(&gram.iter().collect::<String>()).0 as u32).collect();
        grams.sort_unstable();
        grams.dedup();
        Self { facts, keys, grams }
    }
}

impl From<Signature> for Facts {
    fn from(signature: Signature) -> Self {
        signature.facts
    }
}

/// FNV-1a: small, fast, the same everywhere. Nothing secret hangs on it.
fn key(text: &str) -> Key {
    Key(text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}
