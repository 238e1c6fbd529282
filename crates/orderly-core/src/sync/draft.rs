//! The text of an item, an attachment and a comment: concise, scrubbed, allow-listed, and inert whatever an event holds.

use crate::encode::terminal;
use crate::ids::{ItemId, SentrySite};
use crate::scrub::{Scrubbed, Scrubber};
use crate::sync::decide::{impact, owners};
use crate::sync::marker::Marker;
use crate::sync::page::{Inline, Page};
use crate::sync::plan::{AttachOrder, Draft, ItemRef, Reopen};
use crate::sync::snapshot::{
    Assignee, Candidate, EventEvidence, Frame, FrameOrigin, Issue, OwnerReason, Signal,
};
use crate::time::Seconds;
use crate::untrusted::Untrusted;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Characters of a title.
pub const TITLE_CAP: usize = 200;
/// Bytes of a body or comment.
pub const BODY_CAP: usize = 8 * 1024;

const FRAMES: usize = 5;

/// Writes for one run. A text is scrubbed once: releases, files and functions repeat from issue to issue.
pub struct Writer<'a> {
    scrubber: &'a Scrubber,
    scrubbed: RefCell<BTreeMap<(Rules, String), Scrubbed>>,
    site: &'a SentrySite,
    window: Seconds,
}

/// Which rules of the scrubber apply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rules {
    Text,
    Version,
}

/// What an item is written about.
pub struct About<'a> {
    /// The issue and its evidence.
    pub candidate: &'a Candidate,
    /// Why it qualified.
    pub qualified: &'a [String],
    /// Items that may be related.
    pub related: &'a [ItemRef],
    /// The marker.
    pub marker: &'a Marker,
}

impl<'a> Writer<'a> {
    /// A writer for the issues of a Sentry.
    pub const fn new(scrubber: &'a Scrubber, site: &'a SentrySite, window: Seconds) -> Self {
        Self { scrubber, scrubbed: RefCell::new(BTreeMap::new()), site, window }
    }

    /// Title and body of a new item.
    pub fn draft(&self, about: &About<'_>) -> Draft {
        Draft { title: self.title(&about.candidate.issue), body: fitting(|room| self.body(about, room)) }
    }

    /// The attachment that shows the issue on an item. No word of it comes from an event.
    pub fn attachment(&self, item: ItemId, issue: &Issue) -> AttachOrder {
        AttachOrder {
            item,
            url: self.site.permalink(issue.id),
            title: format!("{} in Sentry", issue.short_id),
            subtitle: impact(issue.events, issue.users, self.window),
        }
    }

    /// A comment with the new evidence for an item that exists.
    pub fn comment(&self, candidate: &Candidate, qualified: &[String], reopen: &Reopen) -> String {
        let lead = match reopen {
            Reopen::To(_) => "Back in production, so this was reopened.",
            Reopen::Leave => "Still happening in production.",
        };
        fitting(|room| {
            let mut page = Page::default();
            page.line([Inline::words(lead)]);
            page.bullets(qualified.iter().map(|reason| vec![Inline::words(reason)]).collect());
            page.bullets(self.evidence(candidate, room));
            self.frames(&mut page, candidate, room);
            page
        })
    }

    fn scrub(&self, rules: Rules, text: &Untrusted<String>) -> Scrubbed {
        let scrub = || match rules {
            Rules::Text => self.scrubber.scrub(text),
            Rules::Version => self.scrubber.scrub_version(text),
        };
        let mut known = self.scrubbed.borrow_mut();
        known.entry((rules, text.raw().clone())).or_insert_with(scrub).clone()
    }

    fn title(&self, issue: &Issue) -> String {
        let scrubbed = self.scrub(Rules::Text, &issue.title).capped(TITLE_CAP);
        let line = terminal::scrubbed_line(&scrubbed);
        if line.is_empty() {
            return format!("Error in {} ({})", issue.project, issue.short_id);
        }
        match line.char_indices().nth(TITLE_CAP) {
            None => line,
            // Escapes made it longer; it is plain text, so it may be cut anywhere.
            Some(_) => line.chars().take(TITLE_CAP - 1).chain(['…']).collect(),
        }
    }

    fn body(&self, about: &About<'_>, room: Room) -> Page {
        let About { candidate, qualified, related, marker } = about;
        let mut page = Page::default();
        page.heading("Why it qualified");
        page.bullets(qualified.iter().map(|reason| vec![Inline::words(reason)]).collect());
        page.heading("Evidence");
        page.bullets(self.evidence(candidate, room));
        self.frames(&mut page, candidate, room);
        page.heading("Suggested owner");
        page.bullets(self.owners(candidate, room));
        if !related.is_empty() {
            page.heading("Possibly related");
            page.bullets(related.iter().map(|item| vec![Inline::words(item.key.as_str())]).collect());
        }
        page.heading("Next");
        page.line(self.next_action(candidate, room));
        page.marker(marker);
        page
    }

    fn evidence(&self, candidate: &Candidate, room: Room) -> Vec<Vec<Inline>> {
        let issue = &candidate.issue;
        let shown =
            |text: Scrubbed, most| (!text.is_blank()).then(|| Inline::Code(text.capped(room.of(most))));
        let text = |text: &Untrusted<String>, most| shown(self.scrub(Rules::Text, text), most);
        let version = |text: &Untrusted<String>| shown(self.scrub(Rules::Version, text), 80);
        let label = issue.short_id.to_string();
        let mut rows = vec![
            vec![Inline::words("Sentry: "), Inline::Link { label, url: self.site.permalink(issue.id) }],
            vec![Inline::words(&format!(
                "Level {}, first seen {}, last seen {}",
                issue.level.word(),
                minute(issue.first_seen),
                minute(issue.last_seen)
            ))],
        ];
        let event = candidate.event.saw();
        let said = [
            ("Error type: ", issue.error_type.as_ref().and_then(|kind| text(kind, 120))),
            ("Where: ", text(&issue.culprit, 160)),
            ("Release: ", event.and_then(|event| event.release.as_ref()).and_then(version)),
            ("Environment: ", event.and_then(|event| event.environment.as_ref()).and_then(version)),
        ];
        rows.extend(said.into_iter().filter_map(|(name, value)| Some(vec![Inline::words(name), value?])));
        rows
    }

    /// The top in-app frames of the thrown exception.
    fn frames(&self, page: &mut Page, candidate: &Candidate, room: Room) {
        let frames: Vec<&Frame> = candidate.event.saw().map(in_app).unwrap_or_default();
        if frames.is_empty() {
            return;
        }
        page.line([Inline::words("Top frames of our own code:")]);
        page.numbers(frames.into_iter().map(|frame| self.frame(frame, room)).collect());
    }

    fn frame(&self, frame: &Frame, room: Room) -> Vec<Inline> {
        let code = |text: &Untrusted<String>, most| {
            Inline::Code(self.scrub(Rules::Text, text).capped(room.of(most)))
        };
        let mut parts = vec![code(&frame.function, 100)];
        if let Some(file) = &frame.file {
            parts.extend([Inline::words(" in "), code(file, 160)]);
            parts.extend(frame.line.map(|line| Inline::words(&format!(" line {line}"))));
        }
        parts
    }

    fn owners(&self, candidate: &Candidate, room: Room) -> Vec<Vec<Inline>> {
        let rows: Vec<_> = owners(candidate)
            .iter()
            .take(3)
            .map(|clue| {
                let who = match &clue.owner {
                    Assignee::User { name, .. } => name.clone(),
                    Assignee::Team { slug } => format!("team {slug}"),
                };
                let who: String = who.chars().take(room.of(80)).collect();
                let by = match clue.reason {
                    OwnerReason::Assigned => {
                        return vec![Inline::words(&format!("{who}: assigned in Sentry"))];
                    }
                    OwnerReason::OwnershipRule => "ownership rule ",
                    OwnerReason::SuspectCommit => "suspect commit ",
                };
                let evidence = self.scrub(Rules::Version, &clue.evidence).capped(room.of(120));
                vec![Inline::words(&format!("{who}: {by}")), Inline::Code(evidence)]
            })
            .collect();
        if rows.is_empty() {
            vec![vec![Inline::words("Nobody is named by assignment, ownership rules or commits.")]]
        } else {
            rows
        }
    }

    fn next_action(&self, candidate: &Candidate, room: Room) -> Vec<Inline> {
        let advice = match candidate.signals.first() {
            Some(Signal::Regressed) => {
                "Compare the release that carries it now with the one that fixed it, and take up that fix again."
            }
            Some(Signal::Escalating) => {
                "Look at what changed shortly before the rise: deploys, flags, traffic."
            }
            Some(Signal::HighPriority | Signal::ForReview) | None => {
                "Reproduce it, then fix it or archive it in Sentry with the reason."
            }
        };
        let first = candidate.event.saw().and_then(|event| in_app(event).first().copied());
        let mut parts = vec![Inline::words(advice)];
        if let Some(frame) = first {
            let function = self.scrub(Rules::Text, &frame.function).capped(room.of(100));
            parts.extend([Inline::words(" Start at "), Inline::Code(function), Inline::words(".")]);
        }
        parts
    }
}

fn in_app(event: &EventEvidence) -> Vec<&Frame> {
    let thrown = event.exceptions.iter().find(|exception| !exception.frames.is_empty());
    let frames = thrown.into_iter().flat_map(|exception| &exception.frames);
    frames.filter(|frame| frame.origin == FrameOrigin::InApp).take(FRAMES).collect()
}

/// `2026-03-04 05:06 UTC`.
fn minute(at: crate::time::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How much of each text is shown.
#[derive(Clone, Copy)]
struct Room {
    divisor: usize,
}

impl Room {
    fn of(self, most: usize) -> usize {
        (most / self.divisor).max(8)
    }
}

/// The page with the most text that stays within [`BODY_CAP`]. Hostile text grows when it is made visible, so the limits
/// per field shrink until the whole fits; a page is never cut, because a cut could open what an encoder closed.
fn fitting(page: impl Fn(Room) -> Page) -> String {
    let divisors = [1, 2, 4, 8, 16, 32];
    let pages = divisors.into_iter().map(|divisor| page(Room { divisor }).render());
    let mut last = String::new();
    for text in pages {
        last = text;
        if last.len() <= BODY_CAP {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests;
