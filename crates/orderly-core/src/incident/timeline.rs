//! The log in words, for a page and for a terminal.

use super::audience::Audience;
use super::entry::{Affected, Author, Entry, NoteKind, Says, What};
use super::import::Origin;
use super::log::{Log, Logged};
use super::view::TimelineView;
use crate::encode::{markdown, one_line};
use crate::scrub::Scrubber;

impl Log {
    /// Every entry as it is shown, by the time it happened. Of a restricted incident everybody hears those entries alone
    /// that say how bad it is, that people were told, and that it is over.
    pub fn timeline(&self, scrubber: &Scrubber, listener: Audience) -> Vec<TimelineView> {
        let whole = self.incident().audience().tells_details_to(listener);
        let view = |logged: &Logged| {
            let source = logged.entry.source.as_ref().filter(|_| whole);
            Some(TimelineView {
                sequence: logged.sequence,
                at: logged.entry.at,
                kind: logged.entry.what.kind(),
                author: author(&logged.entry.author),
                text: if whole { words(&logged.entry, self, scrubber) } else { bare(&logged.entry.what)? },
                source: source.map(|source| one_line(scrubber.scrub(source).as_str())),
                digest: logged.digest.clone(),
            })
        };
        let mut all: Vec<TimelineView> = self.entries().iter().filter_map(view).collect();
        all.sort_by_key(|entry| (entry.at, entry.sequence));
        all
    }

    /// The timeline as a page.
    pub fn markdown(&self, scrubber: &Scrubber, listener: Audience) -> String {
        let incident = self.incident();
        let title = if incident.audience().tells_details_to(listener) {
            markdown::text(&scrubber.scrub(incident.title()))
        } else {
            markdown::plain(Audience::WITHHELD)
        };
        let mut page = format!("# {} {} {title}\n\n", incident.key(), incident.severity());
        page.push_str("| # | Time (UTC) | Kind | What | Who | Source |\n|---|---|---|---|---|---|\n");
        let timeline = self.timeline(scrubber, listener);
        let withheld = self.entries().len() - timeline.len();
        for entry in timeline {
            page.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                entry.sequence,
                entry.at.strftime("%F %T"),
                entry.kind.word(),
                markdown::plain(&entry.text),
                markdown::plain(&entry.author),
                entry.source.as_deref().map(markdown::plain).unwrap_or_default(),
            ));
        }
        if withheld > 0 {
            page.push_str(&format!("\n{withheld} further entries: {}.\n", Audience::WITHHELD));
        }
        page.push_str(&format!("\n{} entries, digest {}\n", self.entries().len(), self.last().digest));
        page
    }
}

fn author(author: &Author) -> String {
    match author {
        Author::Person(person) => one_line(&person.called()),
        Author::Agent(person) => format!("an agent of {}", one_line(&person.called())),
        Author::Orderly => "orderly".to_owned(),
    }
}

fn words(entry: &Entry, log: &Log, scrubber: &Scrubber) -> String {
    let text = |text: &crate::untrusted::Untrusted<String>| one_line(scrubber.scrub(text).as_str());
    let name = |issue: crate::ids::IssueId| {
        log.incident()
            .owned(issue)
            .map_or_else(|| issue.to_string(), |owned| owned.issue.short_id.to_string())
    };
    match &entry.what {
        What::Declared { title, issues } => {
            let names: Vec<String> = issues.iter().map(|issue| affected(issue, scrubber)).collect();
            let about = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
            format!("declared: {}{about}", text(title))
        }
        What::Joined { issue } => format!("{} belongs to it", affected(issue, scrubber)),
        What::Assessed { assessment } => {
            let reasons: Vec<String> = assessment.reasons.iter().map(ToString::to_string).collect();
            let why =
                if reasons.is_empty() { "nothing makes it worse".to_owned() } else { reasons.join("; ") };
            format!("the numbers say {}: {why}", assessment.severity)
        }
        What::Rated { severity, why } => format!("severity set to {severity}: {}", text(why)),
        What::Appointed { role, to, brief } => match brief {
            Some(brief) => {
                format!("{} takes over as {}: {}", one_line(&to.called()), role.title(), text(brief))
            }
            None => format!("{} is {}", one_line(&to.called()), role.title()),
        },
        What::Assigning { issue, to } => format!("assigning {} to {}", name(*issue), one_line(&to.called())),
        What::Assigned { issue, to } => format!("{} assigned to {}", name(*issue), one_line(&to.called())),
        What::NotAssigned { issue, cause } => {
            format!("{} could not be assigned: {}", name(*issue), one_line(&cause.to_string()))
        }
        What::Noted { text: words, .. } => text(words),
        What::Informed { says, .. } => informed(*says).to_owned(),
        What::Restricted { why } => format!("restricted to its own channel: {}", text(why)),
        What::Mitigated { how } => format!("mitigation: {}", text(how)),
        What::Mitigation { step } => step.words(log.incident(), scrubber),
        What::Learned { lesson, text: words, confirms } => {
            let confirms = confirms.map_or_else(String::new, |entry| format!(" (as entry {entry} supposed)"));
            format!("{}: {}{confirms}", lesson.word(), text(words))
        }
        What::Planned { action } => format!(
            "action: {} ({} until {}, verified by: {})",
            text(&action.text),
            one_line(&action.owner.called()),
            action.due.strftime("%F"),
            text(&action.verify)
        ),
        What::Closed { action, evidence } => format!("action {action} is done: {}", text(evidence)),
        What::Filing { order } => {
            format!("filing action {} in the tracker as {}", order.key.action, order.item)
        }
        What::Filed { action, item } => format!("action {action} is {} in the tracker", item.key),
        What::NotFiled { action, why } => {
            format!("action {action} could not be filed: {}", text(&why.as_str().into()))
        }
        What::Resolved { how } => format!("resolved: {}", text(how)),
        What::Posting { orders } => {
            let places: Vec<String> =
                orders.iter().map(|order| order.key.place.shown(log.incident())).collect();
            format!("telling people {}", places.join(", "))
        }
        What::Posted { place, message, .. } => {
            format!("people were told {} ({message})", place.shown(log.incident()))
        }
        What::NotPosted { place, why, .. } => {
            let why = text(&why.as_str().into());
            format!("people could not be told {}: {why}", place.shown(log.incident()))
        }
        // A release may be named by a commit.
        What::Imported { origin: Origin::Deploy { .. }, text: words, .. } => {
            one_line(scrubber.scrub_version(words).as_str())
        }
        What::Imported { text: words, .. } => text(words),
    }
}

const fn informed(says: Says) -> &'static str {
    match says {
        Says::Notice => "people were told that there is an incident",
        Says::Scope => "people were told how it stands and how far it reaches",
    }
}

/// What everybody may hear of an entry of a restricted incident; `None`: nothing.
fn bare(what: &What) -> Option<String> {
    match what {
        What::Declared { .. } => Some("declared".to_owned()),
        What::Assessed { assessment } => Some(format!("the numbers say {}", assessment.severity)),
        What::Rated { severity, .. } => Some(format!("severity set to {severity}")),
        What::Informed { says, .. } => Some(informed(*says).to_owned()),
        What::Restricted { .. } => Some("restricted to its own channel".to_owned()),
        What::Resolved { .. } => Some("resolved".to_owned()),
        _ => None,
    }
}

/// `BACKEND-3F (ValueError)`.
pub(super) fn affected(issue: &Affected, scrubber: &Scrubber) -> String {
    match &issue.error_type {
        Some(kind) => format!("{} ({})", issue.short_id, one_line(scrubber.scrub(kind).capped(60).as_str())),
        None => issue.short_id.to_string(),
    }
}

impl std::fmt::Display for NoteKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
