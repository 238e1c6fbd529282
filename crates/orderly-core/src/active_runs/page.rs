//! The page: two sections of entries, and around them whatever people wrote.

use super::entry::{Entry, Form};
use jiff::tz::TimeZone;

const ACTIVE: &str = "## Active";
const COMPLETED: &str = "## Recently completed";

const EMPTY: &str = "# Active runs\n\nRuns that are at work on this repository, with the paths that they declared. Before touching a path that a run \
started less than two hours ago has declared, talk to it.\n\n## Active\n\n## Recently completed (last 14 days)\n";

/// The page, cut where entries begin and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How new entries are written.
    pub form: Form,
    before: String,
    /// Entries of runs at work, in the order of the page.
    pub active: Vec<Entry>,
    between: String,
    /// Entries of runs that ended, newest first.
    pub completed: Vec<Entry>,
    after: String,
}

impl Page {
    /// Reads a page; an empty text is the empty page. A section that is not there is added when it is needed.
    pub fn parse(text: &str, form: Form) -> Self {
        let text = if text.trim().is_empty() { EMPTY } else { text };
        let mut page = Self {
            form,
            before: String::new(),
            active: Vec::new(),
            between: String::new(),
            completed: Vec::new(),
            after: String::new(),
        };
        let (before, rest) = split_at_heading(text, ACTIVE);
        let Some(rest) = rest else {
            page.before = format!("{}\n\n{ACTIVE}\n", before.trim_end());
            page.between = format!("\n{COMPLETED} (last 14 days)\n");
            return page;
        };
        let (heading, body) = after_line(rest);
        let (active, completed) = split_at_heading(body, COMPLETED);
        let (lead, entries, tail) = entries(active);
        page.before = format!("{before}{heading}{lead}");
        page.active = entries;
        let Some(completed) = completed else {
            page.between = format!("{tail}\n{COMPLETED} (last 14 days)\n");
            return page;
        };
        let (heading, body) = after_line(completed);
        let (lead, entries, rest) = entries_until_heading(body);
        page.between = format!("{tail}{heading}{lead}");
        page.completed = entries;
        page.after = rest;
        page
    }

    /// The page as text.
    pub fn render(&self, zone: &TimeZone) -> String {
        let section = |entries: &[Entry]| -> String {
            entries.iter().map(|entry| entry.render(self.form, zone)).collect()
        };
        let parts = [
            self.before.as_str(),
            &section(&self.active),
            &self.between,
            &section(&self.completed),
            &self.after,
        ];
        let mut text = String::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            // A heading or paragraph stands off from a list by a blank line; entries follow each other directly.
            let entry = |line: &str| line.starts_with("- ") || line.starts_with("  ");
            let last_is_entry = text.trim_end().lines().next_back().is_some_and(entry);
            let next_is_entry = part.trim_start_matches('\n').starts_with("- ");
            if !text.is_empty()
                && last_is_entry != next_is_entry
                && !text.ends_with("\n\n")
                && !part.starts_with('\n')
            {
                text.push('\n');
            }
            text.push_str(part);
        }
        text
    }
}

fn split_at_heading<'t>(text: &'t str, heading: &str) -> (&'t str, Option<&'t str>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(heading) {
            return (&text[..at], Some(&text[at..]));
        }
        at += line.len();
    }
    (text, None)
}

fn after_line(text: &str) -> (&str, &str) {
    text.split_at(text.find('\n').map_or(text.len(), |at| at + 1))
}

/// What stands before the entries, the entries, and what follows the last one.
fn entries(text: &str) -> (String, Vec<Entry>, String) {
    let (mut lead, mut entries, mut tail) = (String::new(), Vec::<Entry>::new(), String::new());
    let mut block: Option<String> = None;
    let close = |block: &mut Option<String>, entries: &mut Vec<Entry>, lead: &mut String| {
        if let Some(block) = block.take() {
            match Entry::parse(&block) {
                Some(entry) => entries.push(entry),
                None => lead.push_str(&block),
            }
        }
    };
    for line in text.split_inclusive('\n') {
        if line.starts_with("- **[") {
            close(&mut block, &mut entries, &mut lead);
            lead.push_str(&std::mem::take(&mut tail));
            block = Some(line.to_owned());
        } else if line.starts_with([' ', '\t']) && !line.trim().is_empty() && block.is_some() {
            if let Some(block) = &mut block {
                block.push_str(line);
            }
        } else {
            close(&mut block, &mut entries, &mut lead);
            if entries.is_empty() { lead.push_str(line) } else { tail.push_str(line) }
        }
    }
    close(&mut block, &mut entries, &mut lead);
    (lead, entries, tail)
}

fn entries_until_heading(text: &str) -> (String, Vec<Entry>, String) {
    let (body, rest) = split_at_heading(text, "## ");
    let (lead, found, tail) = entries(body);
    (lead, found, format!("{tail}{}", rest.unwrap_or_default()))
}
