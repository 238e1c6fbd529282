//! Typed access to the parts of an event that grouping and naming look at. Whatever has another shape than it
//! should is read as absent: the payload is hostile.

use crate::sentry::tree::{Object, Tree};

/// An event in canonical form (see `ingest::normalize`).
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a>(&'a Object<'a>);

/// One exception of the chain.
#[derive(Debug, Clone, Copy)]
pub struct Exception<'a>(&'a Tree<'a>);

/// One stack frame.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a>(&'a Tree<'a>);

impl<'a> Payload<'a> {
    /// Reads a canonical event.
    pub fn new(event: &'a Object<'a>) -> Self {
        Self(event)
    }

    /// A text at the top level; empty counts as absent.
    pub fn text(self, key: &str) -> Option<&'a str> {
        text(self.0.get(key)?)
    }

    /// The value at a JSON pointer path given as keys.
    pub fn at(self, path: &[&str]) -> Option<&'a Tree<'a>> {
        let (first, rest) = path.split_first()?;
        self.0.get(first)?.at(rest)
    }

    /// The text at a path; empty counts as absent.
    pub fn text_at(self, path: &[&str]) -> Option<&'a str> {
        text(self.at(path)?)
    }

    /// What kind of program sent it; `other` when it does not say.
    pub fn platform(self) -> Platform {
        self.text("platform").map_or(Platform::Other, Platform::of)
    }

    /// The exceptions, oldest cause first; the last one was thrown.
    pub fn exceptions(self) -> impl DoubleEndedIterator<Item = Exception<'a>> {
        let values = self.at(&["exception", "values"]).map_or(&[][..], Tree::elements);
        values.iter().filter(|value| value.is_object()).map(Exception)
    }

    /// The exception that names the issue: `main_exception_id` if it points to one, else the last.
    pub fn main_exception(self) -> Option<Exception<'a>> {
        let wanted = self.at(&["main_exception_id"]).and_then(Tree::as_i64);
        let by_id = wanted.and_then(|id| {
            self.exceptions()
                .find(|e| e.0.at(&["mechanism", "exception_id"]).and_then(Tree::as_i64) == Some(id))
        });
        by_id.or_else(|| self.exceptions().next_back())
    }

    /// The frames of a stack trace outside of exceptions: the event's own, or that of its crashed, current or only
    /// thread. Oldest call first.
    pub fn bare_frames(self) -> Vec<Frame<'a>> {
        let own = frames_of(self.0.get("stacktrace"));
        if !own.is_empty() {
            return own;
        }
        let threads = self.at(&["threads", "values"]).map_or(&[][..], Tree::elements);
        let flagged = |flag: &str| threads.iter().find(|t| t.get(flag).and_then(Tree::as_bool) == Some(true));
        let thread = flagged("crashed").or_else(|| flagged("current")).or(match threads {
            [only] => Some(only),
            _ => None,
        });
        thread.map_or_else(Vec::new, |thread| frames_of(thread.get("stacktrace")))
    }

    /// The log message: formatted if there is one, else the template.
    pub fn message(self) -> Option<&'a str> {
        self.text_at(&["logentry", "formatted"]).or_else(|| self.text_at(&["logentry", "message"]))
    }

    /// The message template if there is one, else the formatted message.
    pub fn message_template(self) -> Option<&'a str> {
        self.text_at(&["logentry", "message"]).or_else(|| self.message())
    }

    /// The client's fingerprint, texts only.
    pub fn fingerprint(self) -> Vec<&'a str> {
        let values = self.0.get("fingerprint").map_or(&[][..], Tree::elements);
        values.iter().filter_map(Tree::as_str).collect()
    }
}

impl<'a> Exception<'a> {
    /// Its type, for example `ValueError`.
    pub fn kind(self) -> Option<&'a str> {
        text(self.0.get("type")?)
    }

    /// Its message.
    pub fn value(self) -> Option<&'a str> {
        text(self.0.get("value")?)
    }

    /// Its frames, oldest call first.
    pub fn frames(self) -> Vec<Frame<'a>> {
        frames_of(self.0.get("stacktrace"))
    }

    /// Whether the program handled it; `None` when the SDK does not say.
    pub fn handled(self) -> Option<bool> {
        self.0.at(&["mechanism", "handled"]).and_then(Tree::as_bool)
    }

    /// How it was caught.
    pub fn mechanism(self) -> Option<&'a str> {
        text(self.0.at(&["mechanism", "type"])?)
    }

    /// Whether the SDK made the type up, so that it says nothing.
    pub fn is_synthetic(self) -> bool {
        self.0.at(&["mechanism", "synthetic"]).and_then(Tree::as_bool) == Some(true)
    }
}

impl<'a> Frame<'a> {
    /// A text of the frame; empty counts as absent.
    pub fn text(self, key: &str) -> Option<&'a str> {
        text(self.0.get(key)?)
    }

    /// Any value of the frame.
    pub fn value(self, key: &str) -> Option<&'a Tree<'a>> {
        self.0.get(key)
    }

    /// Whether it is the application's own code.
    pub fn in_app(self) -> bool {
        self.0.get("in_app").and_then(Tree::as_bool) == Some(true)
    }

    /// The frame's own platform, if it differs from the event's.
    pub fn platform(self) -> Option<Platform> {
        self.text("platform").map(Platform::of)
    }
}

/// Families of programs whose frames are read alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Browsers and Node.
    JavaScript,
    /// Python.
    Python,
    /// Compiled code, where only function names last from build to build.
    Native,
    /// Everything else.
    Other,
}

impl Platform {
    /// The family of a platform name.
    pub fn of(name: &str) -> Self {
        match name {
            "javascript" | "node" => Self::JavaScript,
            "python" => Self::Python,
            "native" | "c" | "cocoa" | "objc" | "swift" | "rust" => Self::Native,
            _ => Self::Other,
        }
    }
}

fn frames_of<'a>(stacktrace: Option<&'a Tree<'a>>) -> Vec<Frame<'a>> {
    let frames = stacktrace.and_then(|trace| trace.get("frames")).map_or(&[][..], Tree::elements);
    frames.iter().filter(|frame| frame.is_object()).map(Frame).collect()
}

fn text<'a>(value: &'a Tree<'_>) -> Option<&'a str> {
    value.as_str().filter(|text| !text.is_empty())
}
