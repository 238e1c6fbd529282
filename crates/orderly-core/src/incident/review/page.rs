//! The review as a page of Markdown, the timeline at its end.

use super::decide::Review;
use crate::encode::markdown::plain;
use crate::incident::audience::Audience;
use crate::incident::log::Log;
use crate::scrub::Scrubber;

/// What stands where nobody has written anything.
pub(super) const EMPTY: &str = "Not written yet.";

impl Review {
    /// The review as a page.
    pub fn markdown(&self, log: &Log, scrubber: &Scrubber) -> String {
        let mut page =
            format!("# Review of {}: {}\n\n{} at its worst.\n", self.id, plain(&self.title), self.worst);
        let rows = self.metrics.rows().into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        table(&mut page, &["Measure", ""], rows);
        if log.incident().audience().tells_details_to(self.audience) {
            self.details(&mut page);
        } else {
            page.push_str(&format!("\nThe {}.\n", Audience::WITHHELD));
        }
        if !self.missing.is_empty() || !self.unseen.is_empty() {
            page.push_str("\n## What this review lacks\n\n");
            for line in self.lacks() {
                page.push_str(&format!("- {}\n", plain(&line)));
            }
        }
        let timeline = log.markdown(scrubber, self.audience);
        page.push_str(&format!("\n{}", timeline.replacen("# ", "## Timeline of ", 1)));
        page
    }

    /// Everything that is not for everybody while the incident is restricted.
    fn details(&self, page: &mut String) {
        for (name, lines) in self.lists() {
            page.push_str(&format!("\n## {name}\n\n"));
            if lines.is_empty() {
                page.push_str(&format!("{EMPTY}\n"));
            }
            for line in lines {
                page.push_str(&format!("- {}\n", plain(line)));
            }
            if name == Review::PATTERNS_AFTER && !self.patterns.is_empty() {
                page.push_str("\n## Error patterns\n");
                table(page, &Review::PATTERN_HEADS, self.pattern_rows());
            }
        }
        page.push_str("\n## Actions\n");
        if self.actions.is_empty() {
            page.push_str(&format!("\n{EMPTY}\n"));
        } else {
            table(page, &Review::ACTION_HEADS, self.action_rows());
        }
    }

    /// The list after which the patterns stand.
    pub(super) const PATTERNS_AFTER: &'static str = "Impact";
    /// Heads of their table.
    pub(super) const PATTERN_HEADS: [&'static str; 5] = ["Error", "Where", "Release", "Events", "Users"];
    /// Heads of the table of actions.
    pub(super) const ACTION_HEADS: [&'static str; 7] =
        ["#", "Action", "Owner", "Due", "Verified by", "Item", "State"];

    /// Everything that is a list of sentences, in the order of the page.
    pub(super) fn lists<'r>(&'r self) -> Vec<(&'static str, Vec<&'r str>)> {
        let all = |lines: &'r [String]| lines.iter().map(String::as_str).collect::<Vec<&'r str>>();
        let detection = self.detection.iter().map(|view| view.text.as_str()).collect();
        // What nobody has to write is left out where there is none.
        let (changed, alarms) = ("Changed shortly before", "Alarms over what was recorded");
        let tried = "What was tried";
        let mut lists = vec![
            ("Impact", all(&self.impact)),
            (changed, all(&self.changed_before)),
            (tried, all(&self.tried)),
            ("Contributing factors", all(&self.factors)),
            (alarms, detection),
            ("Gaps in detection", all(&self.gaps)),
            ("What went well", all(&self.went_well)),
        ];
        lists.retain(|(name, lines)| !lines.is_empty() || ![changed, alarms, tried].contains(name));
        lists
    }

    pub(super) fn pattern_rows(&self) -> impl Iterator<Item = Vec<String>> {
        self.patterns.iter().map(|pattern| {
            let (events, users) = (pattern.events.to_string(), pattern.users.to_string());
            vec![pattern.kind.clone(), pattern.transaction.clone(), pattern.release.clone(), events, users]
        })
    }

    pub(super) fn action_rows(&self) -> impl Iterator<Item = Vec<String>> {
        self.actions.iter().map(|action| {
            vec![
                action.number.to_string(),
                action.text.clone(),
                action.owner.clone(),
                action.due.strftime("%F").to_string(),
                action.verify.clone(),
                action.item.clone().unwrap_or_default(),
                action.state(),
            ]
        })
    }

    /// What is missing, and what could not be looked at.
    pub(super) fn lacks(&self) -> Vec<String> {
        let missing = self.missing.iter().map(|missing| format!("missing: {missing}"));
        missing.chain(self.unseen.iter().map(|unseen| format!("could not be looked at: {unseen}"))).collect()
    }
}

fn table(page: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    page.push_str(&format!("\n| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len())));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
        page.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}
