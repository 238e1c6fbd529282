//! The day as Markdown: totals, the table, what was filtered, a section for each issue that was worked on, the summary.

use super::{Closed, Day, DayRow, Standing};
use crate::fix::{Disposition, Resolution};
use crate::ids::CommitId;
use crate::scrub::Scrubber;
use crate::sync::page::{Inline, Page, Pieces};
use crate::triage::Repair;
use std::collections::BTreeSet;

/// Characters of a title in the table.
const TITLE: usize = 120;

impl Day {
    /// The page.
    pub fn markdown(&self, scrubber: &Scrubber) -> String {
        let mut page = Page::default();
        page.section("Triage");
        page.line([Inline::Words(self.words())]);
        page.table(
            vec!["#", "shortId", "lvl", "count", "users", "lastSeen", "platform", "title"],
            self.rows.iter().map(|row| cells(row, scrubber)).collect(),
        );
        self.remarks(&mut page);
        if !self.totals.by_rule.is_empty() {
            page.section("Filtered");
            page.table(vec!["rule", "issues", "events", "users"], self.filtered());
        }
        if !self.closed.is_empty() {
            page.section("Worked on");
            page.tree(self.closed.iter().map(|closed| section(closed, scrubber)).collect());
            page.section("Summary");
            page.bullets(self.summary());
        }
        page.render() + "\n"
    }

    fn words(&self) -> String {
        let (date, totals) = (&self.date, &self.totals);
        let run = if self.runs == 1 { "one run".to_owned() } else { format!("{} runs", self.runs) };
        format!(
            "{}-{}-{}, {run}, the last at {}. {} unresolved: {} shown, {} filtered, {} kept by the volume guard.",
            &date[..4.min(date.len())],
            date.get(4..6).unwrap_or_default(),
            date.get(6..).unwrap_or_default(),
            self.last_run.strftime("%T UTC"),
            totals.listed,
            totals.shown,
            totals.hidden,
            totals.guarded,
        )
    }

    fn remarks(&self, page: &mut Page) {
        let mut remarks: Vec<Pieces> = Vec::new();
        for row in &self.rows {
            if let Repair::Person { reason } = &row.repair {
                let words = format!("{} is left to a person: {reason}", row.issue.short_id);
                remarks.push(vec![Inline::Words(words)]);
            }
        }
        let earlier = self.rows.iter().filter(|row| row.standing == Standing::Earlier).count();
        if earlier > 0 {
            let words =
                format!("{earlier} without a number were shown earlier today and not by the last run.");
            remarks.push(vec![Inline::Words(words)]);
        }
        if !remarks.is_empty() {
            page.bullets(remarks);
        }
    }

    fn filtered(&self) -> Vec<Vec<Pieces>> {
        let row = |(rule, touched): (&crate::noise::Rule, &crate::triage::Touched)| {
            [
                rule.name().to_owned(),
                touched.issues.to_string(),
                touched.events.to_string(),
                touched.users.to_string(),
            ]
            .map(|text| vec![Inline::Words(text)])
            .into()
        };
        self.totals.by_rule.iter().map(row).collect()
    }

    fn summary(&self) -> Vec<Pieces> {
        let count = |wanted: &dyn Fn(&Disposition) -> bool| {
            self.closed.iter().filter(|closed| wanted(&closed.disposition)).count()
        };
        let resolved =
            |d: &Disposition| matches!(d, Disposition::Fixed { resolution: Resolution::Resolved, .. });
        let commits: BTreeSet<&CommitId> = self.closed.iter().flat_map(|closed| &closed.commits).collect();
        let files: BTreeSet<&String> = self.closed.iter().flat_map(|closed| &closed.files).collect();
        [
            ("triaged", self.rows.len()),
            ("fixed", count(&|d| matches!(d, Disposition::Fixed { .. }))),
            ("fixed and resolved", count(&resolved)),
            ("already fixed", count(&|d| matches!(d, Disposition::AlreadyFixed { .. }))),
            ("ignored", count(&|d| matches!(d, Disposition::WontFix { .. }))),
            ("declined", count(&|d| matches!(d, Disposition::Declined { .. }))),
            ("deferred", count(&|d| matches!(d, Disposition::Deferred { .. }))),
            ("failed", count(&|d| matches!(d, Disposition::Failed { .. }))),
            (
                "skipped",
                self.rows
                    .iter()
                    .filter(|row| !self.closed.iter().any(|c| c.issue.issue == row.issue.id))
                    .count(),
            ),
            ("commits", commits.len()),
            ("files", files.len()),
        ]
        .map(|(what, count)| vec![Inline::Words(format!("{what}: {count}"))])
        .into()
    }
}

fn cells(row: &DayRow, scrubber: &Scrubber) -> Vec<Pieces> {
    let issue = &row.issue;
    let number = if issue.number == 0 { "·".to_owned() } else { issue.number.to_string() };
    let platform = issue.platform.as_ref().map(|platform| scrubber.scrub(platform));
    vec![
        vec![Inline::Words(number)],
        vec![Inline::Link { label: issue.short_id.to_string(), url: issue.permalink.clone() }],
        vec![Inline::words(issue.level.word())],
        vec![Inline::Words(issue.events.to_string())],
        vec![Inline::Words(issue.users.to_string())],
        vec![Inline::Words(issue.last_seen.strftime("%F %R").to_string())],
        platform.map(|platform| vec![Inline::Code(platform)]).unwrap_or_default(),
        vec![Inline::Code(scrubber.scrub(&issue.title).capped(TITLE))],
    ]
}

fn section(closed: &Closed, scrubber: &Scrubber) -> crate::sync::page::Item {
    let issue = &closed.issue;
    let line = vec![
        Inline::Link { label: issue.short_id.to_string(), url: issue.permalink.clone() },
        Inline::Words(format!(" — {} at {}: ", closed.disposition.word(), closed.at.strftime("%F %T UTC"))),
        Inline::Code(scrubber.scrub(&issue.title).capped(TITLE)),
    ];
    let mut below: Vec<Pieces> = Vec::new();
    below.extend(closed.disposition.reason().map(|reason| vec![Inline::Words(reason.to_owned())]));
    below.extend(closed.notes.iter().map(|note| vec![Inline::Words(note.clone())]));
    let commits: Vec<String> = closed.commits.iter().map(|commit| format!("`{}`", commit.short())).collect();
    if !commits.is_empty() {
        below.push(vec![Inline::Words(format!("commits: {}", commits.join(", ")))]);
    }
    if !closed.files.is_empty() {
        let files: Vec<String> =
            closed.files.iter().map(|file| format!("`{}`", file.replace('`', "'"))).collect();
        below.push(vec![Inline::Words(format!("files: {}", files.join(", ")))]);
    }
    crate::sync::page::Item { line, below }
}
