//! Typed access to the parts of an event that grouping, naming and pages look at. Whatever has another shape than it
//! should is read as absent: the payload is hostile. Exceptions and their frames are read once, because many ask for
//! them.

use crate::sentry::tree::{Object, Tree};

/// An event in canonical form (see `ingest::normalize`).
#[derive(Debug)]
pub struct Payload<'a> {
    event: &'a Object<'a>,
    exceptions: Vec<Exception<'a>>,
}

/// One exception of the chain.
#[derive(Debug)]
pub struct Exception<'a> {
    /// Its type, for example `ValueError`.
    pub kind: Option<&'a str>,
    /// Its message.
    pub value: Option<&'a str>,
    /// How it was caught.
    pub mechanism: Option<&'a str>,
    /// Whether the program handled it; `None` when the SDK does not say.
    pub handled: Option<bool>,
    /// Whether the SDK made the type up, so that it says nothing.
    pub is_synthetic: bool,
    /// Its frames, oldest call first.
    pub frames: Vec<Frame<'a>>,
    /// Its number in the chain.
    id: Option<i64>,
}

/// One stack frame.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    /// The function.
    pub function: Option<&'a str>,
    /// The module or package.
    pub module: Option<&'a str>,
    /// The file as the program knows it.
    pub filename: Option<&'a str>,
    /// The file on the machine that it ran on.
    pub abs_path: Option<&'a str>,
    /// The source line.
    pub context_line: Option<&'a str>,
    /// Number of the source line.
    pub line: Option<u64>,
    /// The source lines before it, if they are open to look at.
    pub before: &'a [Tree<'a>],
    /// The source lines after it, if they are open to look at.
    pub after: &'a [Tree<'a>],
    /// Whether it is the application's own code.
    pub in_app: bool,
    /// The frame's own platform, if it differs from the event's.
    pub platform: Option<Platform>,
}

impl<'a> Payload<'a> {
    /// Reads a canonical event.
    pub fn new(event: &'a Object<'a>) -> Self {
        let values = event.get("exception").and_then(|sent| sent.get("values"));
        let exceptions = values.map_or(&[][..], Tree::elements).iter().filter_map(Tree::as_object);
        Self { event, exceptions: exceptions.map(Exception::read).collect() }
    }

    /// A text at the top level; empty counts as absent.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        text(self.event.get(key)?)
    }

    /// The value at a JSON pointer path given as keys.
    pub fn at(&self, path: &[&str]) -> Option<&'a Tree<'a>> {
        let (first, rest) = path.split_first()?;
        self.event.get(first)?.at(rest)
    }

    /// The text at a path; empty counts as absent.
    pub fn text_at(&self, path: &[&str]) -> Option<&'a str> {
        text(self.at(path)?)
    }

    /// What kind of program sent it; `other` when it does not say.
    pub fn platform(&self) -> Platform {
        self.text("platform").map_or(Platform::Other, Platform::of)
    }

    /// The exceptions, oldest cause first; the last one was thrown.
    pub fn exceptions(&self) -> &[Exception<'a>] {
        &self.exceptions
    }

    /// The exception that names the issue: `main_exception_id` if it points to one, else the last.
    pub fn main_exception(&self) -> Option<&Exception<'a>> {
        let wanted = self.event.get("main_exception_id").and_then(Tree::as_i64);
        let by_id = wanted.and_then(|id| self.exceptions.iter().find(|exception| exception.id == Some(id)));
        by_id.or(self.exceptions.last())
    }

    /// The frames of a stack trace outside of exceptions: the event's own, or that of its crashed, current or only
    /// thread. Oldest call first.
    pub fn bare_frames(&self) -> Vec<Frame<'a>> {
        let own = frames_of(self.event.get("stacktrace"));
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
    pub fn message(&self) -> Option<&'a str> {
        self.text_at(&["logentry", "formatted"]).or_else(|| self.text_at(&["logentry", "message"]))
    }

    /// The message template if there is one, else the formatted message.
    pub fn message_template(&self) -> Option<&'a str> {
        self.text_at(&["logentry", "message"]).or_else(|| self.message())
    }

    /// The client's fingerprint, texts only.
    pub fn fingerprint(&self) -> Vec<&'a str> {
        let values = self.event.get("fingerprint").map_or(&[][..], Tree::elements);
        values.iter().filter_map(Tree::as_str).collect()
    }
}

impl<'a> Exception<'a> {
    fn read(sent: &'a Object<'a>) -> Self {
        let mechanism = sent.get("mechanism");
        let of_mechanism = |key: &str| mechanism.and_then(|mechanism| mechanism.get(key));
        Self {
            kind: sent.get("type").and_then(text),
            value: sent.get("value").and_then(text),
            mechanism: of_mechanism("type").and_then(text),
            handled: of_mechanism("handled").and_then(Tree::as_bool),
            is_synthetic: of_mechanism("synthetic").and_then(Tree::as_bool) == Some(true),
            frames: frames_of(sent.get("stacktrace")),
            id: of_mechanism("exception_id").and_then(Tree::as_i64),
        }
    }
}

impl<'a> Frame<'a> {
    /// Of a key that comes twice the last one counts.
    fn read(sent: &'a Object<'a>) -> Self {
        let mut frame = Self::default();
        for (key, value) in sent.iter() {
            match key {
                "function" => frame.function = text(value),
                "module" => frame.module = text(value),
                "filename" => frame.filename = text(value),
                "abs_path" => frame.abs_path = text(value),
                "context_line" => frame.context_line = text(value),
                "lineno" => frame.line = value.as_u64(),
                "pre_context" => frame.before = value.elements(),
                "post_context" => frame.after = value.elements(),
                "in_app" => frame.in_app = value.as_bool() == Some(true),
                "platform" => frame.platform = text(value).map(Platform::of),
                _ => {}
            }
        }
        frame
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
    let objects = || frames.iter().filter_map(Tree::as_object);
    // Not a byte more than they take: there may be very many stacks of one frame.
    let mut read = Vec::with_capacity(objects().count());
    read.extend(objects().map(Frame::read));
    read
}

fn text<'a>(value: &'a Tree<'_>) -> Option<&'a str> {
    value.as_str().filter(|text| !text.is_empty())
}
