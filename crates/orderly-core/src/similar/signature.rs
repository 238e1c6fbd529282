//! What of an error or an item is compared: normal forms, and the small parts that are counted and looked up.

use super::parts::{Key, Kind, grams, set};
use super::report::{Report, WrittenItem};
use super::stack::{Step, steps};
use super::text::Text;
use super::weights::{BODY, SAID};
use crate::normal::frame::{self, NormalFrame, RawFrame};
use crate::normal::{message, pasted};
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
    steps: Vec<Step>,
    said: Vec<Key>,
    text: Text,
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
    /// Title: of a written item as it stands there, of an error type and message as Sentry titles it, in normal form.
    pub title: String,
    /// How what a person wrote under the title begins.
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

impl Signature {
    /// Of an error.
    pub fn of(report: &Report) -> Self {
        let mut kept: Vec<PlacedFrame> = Vec::new();
        let innermost_first = report.exceptions.iter().rev().flat_map(|thrown| thrown.frames.iter().rev());
        for frame in innermost_first {
            let raw = RawFrame {
                function: name(frame.function.as_ref()),
                module: name(frame.module.as_ref()),
                file: name(frame.file.as_ref()),
            };
            let normal = frame::normal(report.platform, &raw);
            if !normal.is_blank() && kept.last().is_none_or(|last| last.frame != normal) {
                kept.push(PlacedFrame { frame: normal, origin: frame.origin });
            }
            if kept.len() == MOST_FRAMES {
                break;
            }
        }
        let thrown = report.exceptions.last();
        let kind = thrown.map(|thrown| thrown.kind.as_raw_str().to_owned()).unwrap_or_default();
        let said = thrown.map_or("", |thrown| thrown.message.as_raw_str());
        Facts {
            message: message::normal(said),
            frames: kept,
            title: sentence(&kind, &message::normal(said)),
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
            title: title.chars().take(SAID).collect(),
            body: body.chars().take(BODY).collect(),
        }
        .into()
    }

    /// The normal forms.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The parts by which it is found and that a corpus counts; each once.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let frames = self.steps.iter().map(|step| step.key);
        let words = self.steps.iter().flat_map(|step| step.words.iter().copied());
        set(frames.chain(words)).into_iter().chain(self.said.iter().copied()).chain(self.text.keys())
    }

    /// The frames that are compared.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Type and message in groups of three characters: sorted, each once.
    pub(super) fn said(&self) -> &[Key] {
        &self.said
    }

    /// Title and body.
    pub(super) const fn text(&self) -> &Text {
        &self.text
    }
}

impl From<Facts> for Signature {
    fn from(facts: Facts) -> Self {
        let said: String = sentence(&facts.kind, &facts.message).chars().take(SAID).collect();
        let said = if said.is_empty() { said } else { format!(" {said} ") };
        Self {
            steps: steps(&facts.frames),
            said: set(grams(Kind::SaidGram, &said, 3)),
            text: Text::of(&facts.title, &facts.body),
            facts,
        }
    }
}

impl From<Signature> for Facts {
    fn from(signature: Signature) -> Self {
        signature.facts
    }
}

/// Type and message as Sentry titles them: `ValueError: no price`, the type without its package.
fn sentence(kind: &str, message: &str) -> String {
    let kind = kind.rsplit(['.', ':', '\\']).next().unwrap_or(kind);
    match (kind, message) {
        ("", one) | (one, "") => one.to_owned(),
        (kind, message) => format!("{kind}: {message}"),
    }
}

fn name(text: Option<&Untrusted<String>>) -> &str {
    text.map_or("", Untrusted::as_raw_str)
}
