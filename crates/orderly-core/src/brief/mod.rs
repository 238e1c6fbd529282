//! A crash in few lines: what somebody who pays for every word is told of it, what matters most first.
//!
//! Every line is scrubbed and holds visible characters only. Which lines are text of the event is not for the reader to
//! guess: all of them are, so they leave together, marked as such.

#[cfg(test)]
mod tests;

use crate::diagnose::{Breadcrumb, EventWords, Evidence, Exception, Frame, FrameOrigin, Handled, diagnose};
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;

/// Characters of one text.
const LONGEST: usize = 300;
/// Own frames of an exception that are told with their source.
const WITH_SOURCE: usize = 3;
/// Source lines before and after the line of a frame.
const AROUND: u32 = 1;
/// Breadcrumbs that are told among the first lines.
const LAST_CRUMBS: usize = 8;
/// Tags that other lines tell already, or that say nothing about a crash.
const TOLD_ELSEWHERE: [&str; 9] = [
    "release",
    "environment",
    "level",
    "url",
    "transaction",
    "runtime",
    "runtime.name",
    "handled",
    "mechanism",
];

/// The lines.
pub fn crash(title: &Untrusted<String>, evidence: &Evidence, scrubber: &Scrubber) -> Vec<String> {
    let words = Words { event: EventWords { scrubber, longest: LONGEST } };
    let mut lines = vec![format!("title: {}", words.of(title))];
    if let Some(message) = &evidence.message {
        lines.push(format!("message: {}", words.of(message)));
    }
    for (n, exception) in evidence.exceptions.iter().enumerate() {
        words.exception(n, exception, &mut lines);
    }
    lines.extend(
        diagnose(evidence).bullets.iter().map(|bullet| format!("diagnosis: {}", bullet.line(scrubber))),
    );
    words.surroundings(evidence, &mut lines);
    let early = evidence.breadcrumbs.len().saturating_sub(LAST_CRUMBS);
    let crumb = |crumb: &Breadcrumb| words.breadcrumb(crumb, evidence.at);
    lines.extend(evidence.breadcrumbs[early..].iter().map(crumb));
    // What follows is for those who read on.
    lines.extend(evidence.breadcrumbs[..early].iter().map(|one| format!("earlier {}", crumb(one))));
    for exception in &evidence.exceptions {
        let library = exception.frames.iter().filter(|frame| frame.origin != FrameOrigin::InApp);
        lines.extend(library.map(|frame| format!("library frame {}", words.event.place(frame))));
    }
    lines.extend(evidence.left_out.iter().map(|what| format!("left out: {}", crate::encode::one_line(what))));
    lines
}

struct Words<'a> {
    event: EventWords<'a>,
}

impl Words<'_> {
    fn of(&self, text: &Untrusted<String>) -> String {
        self.event.of(text)
    }

    fn exception(&self, n: usize, exception: &Exception, lines: &mut Vec<String>) {
        let head = if n == 0 { "exception" } else { "caused by" };
        let unhandled =
            exception.mechanism.as_ref().is_some_and(|mechanism| mechanism.handled == Handled::No);
        let unhandled = if unhandled { " (unhandled)" } else { "" };
        lines.push(format!("{head}: {}: {}{unhandled}", self.of(&exception.kind), self.of(&exception.value)));
        let own = exception.frames.iter().filter(|frame| frame.origin == FrameOrigin::InApp);
        for (n, frame) in own.enumerate() {
            lines.push(format!("  {}", self.event.place(frame)));
            if n < WITH_SOURCE {
                self.source(frame, lines);
            }
        }
        let library = exception.frames.iter().filter(|frame| frame.origin != FrameOrigin::InApp).count();
        if library > 0 {
            lines.push(format!("  and {library} frames of libraries"));
        }
    }

    fn source(&self, frame: &Frame, lines: &mut Vec<String>) {
        let Some(at) = frame.position.map(|position| position.line) else { return };
        for source in frame.context.iter().filter(|source| source.line.abs_diff(at) <= AROUND) {
            let mark = if source.line == at { '>' } else { ' ' };
            lines.push(format!("   {mark}{} {}", source.line, self.of(&source.text)));
        }
    }

    fn surroundings(&self, evidence: &Evidence, lines: &mut Vec<String>) {
        let around = &evidence.around;
        let of = |text: &Option<Untrusted<String>>| text.as_ref().map(|text| self.of(text));
        let named = [
            ("request", evidence.request.as_ref().map(|request| self.event.request(request))),
            ("transaction", of(&evidence.transaction)),
            ("release", evidence.release.as_ref().map(|release| self.event.version(release))),
            ("environment", of(&evidence.environment)),
            ("runtime", of(&around.runtime)),
            ("browser", of(&around.browser)),
            ("os", of(&around.os)),
            ("device", of(&around.device)),
        ];
        lines.extend(named.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))));
        let tags = self.event.tags(evidence, &TOLD_ELSEWHERE);
        if !tags.is_empty() {
            lines.push(format!("tags: {tags}"));
        }
    }

    /// `breadcrumb -12s http GET /pay status_code=500`
    fn breadcrumb(&self, crumb: &Breadcrumb, crash: Timestamp) -> String {
        let mut line = "breadcrumb".to_owned();
        if let Some(at) = crumb.at {
            line.push_str(&format!(" -{}s", crash.as_second().saturating_sub(at.as_second()).max(0)));
        }
        for text in [&crumb.category, &crumb.message].into_iter().flatten() {
            line.push(' ');
            line.push_str(&self.of(text));
        }
        for (key, value) in &crumb.data {
            line.push_str(&format!(" {}={}", self.of(key), self.of(value)));
        }
        line
    }
}
