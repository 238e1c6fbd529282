//! What an event said, in scrubbed and visible words: the pieces that every surface puts together in its own way.

use super::evidence::{Evidence, Frame, Request};
use crate::encode::terminal;
use crate::scrub::Scrubber;
use crate::untrusted::Untrusted;

/// Blanks in front of a line of source that are kept at most.
const DEEPEST: usize = 80;

/// Writes them.
#[derive(Clone, Copy, Debug)]
pub struct EventWords<'a> {
    /// What secrets look like.
    pub scrubber: &'a Scrubber,
    /// Characters of one text at most.
    pub longest: usize,
}

impl EventWords<'_> {
    /// A text, on one line.
    pub fn of(&self, text: &Untrusted<String>) -> String {
        terminal::scrubbed_line(&self.scrubber.scrub(text).capped(self.longest))
    }

    /// A version, which keeps the hashes that releases are named by.
    pub fn version(&self, text: &Untrusted<String>) -> String {
        terminal::scrubbed_line(&self.scrubber.scrub_version(text).capped(self.longest))
    }

    /// A line of source; the blanks in front say how it is nested.
    pub fn code(&self, text: &Untrusted<String>) -> String {
        let blanks = text.as_raw_str().chars().take_while(|c| matches!(c, ' ' | '\t')).count();
        " ".repeat(blanks.min(DEEPEST)) + &self.of(text)
    }

    /// `charge in app/pay.py:12`
    pub fn place(&self, frame: &Frame) -> String {
        let file = frame.file.as_ref().or(frame.abs_path.as_ref()).or(frame.module.as_ref());
        let file = file.map(|file| format!(" in {}", self.of(file))).unwrap_or_default();
        let line = frame.position.map(|position| format!(":{}", position.line)).unwrap_or_default();
        format!("{}{file}{line}", self.of(&frame.function))
    }

    /// `GET https://shop.example/pay`
    pub fn request(&self, request: &Request) -> String {
        let method = request.method.as_ref().map(|method| self.of(method) + " ").unwrap_or_default();
        method + &self.of(&request.url)
    }

    /// `browser=Firefox 128, region=eu`, without those that `leave_out` names; empty when there are none.
    pub fn tags(&self, evidence: &Evidence, leave_out: &[&str]) -> String {
        let tags = evidence.tags.iter().filter(|(key, _)| !leave_out.contains(&key.as_raw_str()));
        tags.map(|(key, value)| format!("{}={}", self.of(key), self.of(value))).collect::<Vec<_>>().join(", ")
    }
}
