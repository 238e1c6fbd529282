//! The report as Markdown: reads well in a terminal, a diff and a ticket.

use super::model::{
    ABSENT, BLIND, CertificateLine, HeldBack, IssueLine, ItemLine, LinkBackStatus, ProofLine, Report,
    ReportKind, Row, RowResult, SkippedGroup, UnsentRow,
};
use crate::scrub::{Scrubbed, Scrubber};
use crate::sync::decide::grouped;
use crate::sync::page::{Inline, Item, Page, Pieces};
use crate::sync::snapshot::SetupGap;
use crate::untrusted::Untrusted;
use std::collections::BTreeSet;

/// Issues of one kind that are named one by one; the JSON names all.
const NAMED: usize = 20;

impl Report {
    /// The report with exactly these headings, in this order, whatever it holds.
    pub fn markdown(&self) -> String {
        let mut page = Page::default();
        page.section("Sentry Linear Backlog Sync");
        page.bullets(self.summary());
        page.section("Created Or Linked");
        self.written(&mut page);
        page.section("Prepared Only");
        list(&mut page, self.prepared_only.iter().map(unsent).collect());
        page.section("Skipped As Duplicates");
        list(&mut page, self.skipped_as_duplicates.iter().map(unsent).collect());
        page.section("Skipped By Policy");
        list(&mut page, self.skipped_by_policy.iter().map(skipped).collect());
        page.section("Setup Gaps");
        list(&mut page, self.setup_gaps.iter().map(gap).collect());
        page.render() + "\n"
    }

    fn summary(&self) -> Vec<Pieces> {
        let count = |n: u64, word: &str| format!("{} {word}{}", grouped(n), if n == 1 { "" } else { "s" });
        let lead = match (self.kind, self.created_or_linked.is_empty()) {
            (ReportKind::Preview, true) => "Preview: nothing was written, and nothing would be.",
            (ReportKind::Preview, false) => {
                "Preview: nothing was written. `orderly sync --apply` does what the table shows."
            }
            (ReportKind::Applied, true) => "Applied: there was nothing to write.",
            (ReportKind::Applied, false) => "Applied.",
        };
        let mut rows = vec![vec![Inline::words(lead)]];
        if let Some(why) = &self.stopped {
            let lead = "Stopped before everything was tried; the next `orderly sync --apply` goes on: ";
            rows.push(vec![Inline::words(lead), Inline::Code(shown(why))]);
        }
        rows.push(vec![
            Inline::words(&format!("Sentry organization {} at ", self.org)),
            Inline::Address(self.sentry_url.clone()),
            Inline::words(&format!(", tracker team {}", self.team)),
        ]);
        rows.push(vec![Inline::words(&format!(
            "Run {}, planned {}",
            self.run,
            self.made_at.strftime("%Y-%m-%d %H:%M UTC")
        ))]);
        let totals = &self.totals;
        let named: Vec<String> =
            totals.named.iter().map(|(signal, n)| format!("{} {n}", signal.word())).collect();
        if !named.is_empty() {
            rows.push(vec![Inline::words(&format!("Named by the signals: {}", named.join(", ")))]);
        }
        let mut counts = format!("Looked closer at {}", count(totals.looked_closer, "issue"));
        if totals.held_back > 0 {
            counts.push_str(&format!(
                "; {} held back, with {} and {} in the window",
                grouped(totals.held_back),
                count(totals.held_back_events, "event"),
                count(totals.held_back_users, "user")
            ));
        }
        rows.push(vec![Inline::words(&counts)]);
        rows
    }

    fn written(&self, page: &mut Page) {
        let rows = &self.created_or_linked;
        if rows.is_empty() {
            let nobody = self.totals.looked_closer == 0;
            let why = if nobody {
                "Nothing qualified; no ticket was created."
            } else {
                "Nothing to create or link; no ticket was created."
            };
            return page.line([Inline::words(why)]);
        }
        let head = vec!["Issue", "Project", "Signal", "Linear Result", "Link-Back Status"];
        page.table(head, rows.iter().map(cells).collect());
        page.tree(rows.iter().map(details).collect());
        for row in rows {
            let sent = row.draft.as_ref().map(|draft| format!("{}\n\n{}", draft.title, draft.body));
            if let Some(sent) = sent.as_ref().or(row.comment.as_ref()) {
                page.line([Inline::words(&format!("What would be sent for {}:", name(&row.issue)))]);
                page.verbatim(sent);
            }
        }
    }
}

fn cells(row: &Row) -> Vec<Pieces> {
    let signals: Vec<&str> = row.signals.iter().map(|s| s.word()).collect();
    vec![
        vec![Inline::words(&name(&row.issue))],
        vec![Inline::words(row.issue.project.as_ref().map_or("", |p| p.as_str()))],
        vec![Inline::words(
            if signals.is_empty() { "earlier run".to_owned() } else { signals.join(", ") }.as_str(),
        )],
        vec![Inline::words(&result(row))],
        vec![Inline::words(link_back_word(&row.link_back))],
    ]
}

fn result(row: &Row) -> String {
    let on = |verb: &str| match &row.item {
        Some(item) => format!("{verb} {}", item.key),
        None => verb.to_owned(),
    };
    match &row.result {
        RowResult::WouldCreate => "would create".to_owned(),
        RowResult::WouldLink => on("would link"),
        RowResult::WouldUpdate => on("would comment on"),
        RowResult::WouldReopen => on("would reopen"),
        RowResult::Created => on("created"),
        RowResult::Linked => on("linked"),
        RowResult::Updated => on("commented on"),
        RowResult::Failed { .. } => on("failed"),
        RowResult::Open { .. } => on("unfinished"),
    }
}

const fn link_back_word(status: &LinkBackStatus) -> &'static str {
    match status {
        LinkBackStatus::Planned => "would be written",
        LinkBackStatus::Succeeded => "succeeded",
        LinkBackStatus::Failed { .. } => "failed",
        LinkBackStatus::Unavailable => "unavailable",
        LinkBackStatus::Off => "off",
        LinkBackStatus::Waiting => "waiting",
    }
}

fn details(row: &Row) -> Item {
    let mut below = vec![vec![Inline::words("Sentry: "), Inline::Address(row.issue.permalink.clone())]];
    below.extend(row.item.as_ref().map(|item| {
        let mut line = vec![Inline::words("Linear: ")];
        line.extend(item_pieces(item));
        line
    }));
    match &row.result {
        RowResult::Failed { why } => below.push(vec![Inline::words("Failed: "), Inline::Code(shown(why))]),
        RowResult::Open { why } => {
            below.push(vec![Inline::words("Unfinished, the next run goes on: "), Inline::Code(shown(why))]);
        }
        _ => {}
    }
    below.push(vec![Inline::words(&format!("Why: {}", row.qualified.join("; ")))]);
    below.extend(proof(&row.proof));
    below.extend(row.certificate.as_ref().map(certificate));
    if let LinkBackStatus::Failed { why } = &row.link_back {
        below.push(vec![Inline::words("Link back failed: "), Inline::Code(shown(why))]);
    }
    Item { line: issue(&row.issue), below }
}

/// The proof used, in one line: what was found, what could not be asked, and who found nothing.
fn proof(lines: &[ProofLine]) -> Vec<Pieces> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![Inline::words("Proof: ")];
    for line in lines.iter().filter(|line| line.says != ABSENT) {
        let blind = line.says.strip_prefix(BLIND);
        parts.push(Inline::words(&match blind {
            Some(_) => format!("{} {BLIND} ", line.prover),
            None => format!("{} by {}; ", line.says, line.prover),
        }));
        // A failure quotes a service; everything else is words of ours.
        parts.extend(blind.map(|why| Inline::Code(shown(why.trim()))));
        parts.extend(blind.map(|_| Inline::words("; ")));
    }
    let absent: Vec<&str> =
        lines.iter().filter(|line| line.says == ABSENT).map(|line| line.prover.as_str()).collect();
    let by = if absent.is_empty() { "nobody else".to_owned() } else { absent.join(", ") };
    parts.push(Inline::words(&format!("absent by {by}")));
    let mut rows = vec![parts];
    let aside: BTreeSet<&str> = lines.iter().flat_map(|l| &l.set_aside).map(String::as_str).collect();
    rows.extend(aside.into_iter().map(|text| vec![Inline::words(&format!("Set aside: {text}"))]));
    rows
}

/// What likeness says; keys of items and numbers, nothing of an event.
fn certificate(certificate: &CertificateLine) -> Pieces {
    vec![Inline::words(&format!("Likeness: {}", certificate.words))]
}

fn unsent(row: &UnsentRow) -> Item {
    let signals: Vec<&str> = row.signals.iter().map(|s| s.word()).collect();
    let mut line = issue(&row.issue);
    line.push(Inline::words(&format!(" ({})", signals.join(", "))));
    let mut below = Vec::new();
    if let Some(would) = &row.would {
        below.push(vec![Inline::words(&format!("Would {would}"))]);
    }
    let mut because = vec![Inline::words(&format!("Not written: {}", row.because))];
    if let Some(detail) = &row.detail {
        because.extend([Inline::words(": "), Inline::Code(shown(detail))]);
    }
    below.push(because);
    if let Some(item) = &row.item {
        let mut line = vec![Inline::words("Item: ")];
        line.extend(item_pieces(item));
        below.push(line);
    }
    below.push(vec![Inline::words("Sentry: "), Inline::Address(row.issue.permalink.clone())]);
    below.extend(proof(&row.proof));
    below.extend(row.certificate.as_ref().map(certificate));
    Item { line, below }
}

fn skipped(group: &SkippedGroup) -> Item {
    let line = format!(
        "{}: {} ({} events, {} users)",
        group.kind,
        group.issues.len(),
        grouped(group.events),
        grouped(group.users)
    );
    let mut below: Vec<Pieces> = group.issues.iter().take(NAMED).map(held).collect();
    let more = group.issues.len().saturating_sub(NAMED);
    if more > 0 {
        below.push(vec![Inline::words(&format!("and {more} more; `--json` names all"))]);
    }
    Item { line: vec![Inline::words(&line)], below }
}

fn held(held: &HeldBack) -> Pieces {
    vec![Inline::words(&format!("{} in {}: {}", held.held.short_id, held.held.project, held.evidence))]
}

fn gap(gap: &SetupGap) -> Item {
    let mut below = vec![vec![Inline::words(&format!("Next: {}", gap.step))]];
    below.extend(
        gap.cause
            .as_ref()
            .map(|cause| vec![Inline::words("Seen: "), Inline::Code(shown(&cause.to_string()))]),
    );
    Item { line: vec![Inline::words(&gap.what)], below }
}

fn issue(issue: &IssueLine) -> Pieces {
    let mut line = vec![Inline::words(&name(issue))];
    if !issue.title.is_empty() {
        line.extend([Inline::words(" "), Inline::Code(shown(&issue.title))]);
    }
    line
}

fn name(issue: &IssueLine) -> String {
    issue.short_id.as_ref().map_or_else(|| format!("issue {}", issue.id), ToString::to_string)
}

fn item_pieces(item: &ItemLine) -> Pieces {
    let mut line = vec![Inline::words(item.key.as_str())];
    if let Some(url) = &item.url {
        line.extend([Inline::words(" "), Inline::Address(url.clone())]);
    }
    line
}

fn list(page: &mut Page, rows: Vec<Item>) {
    if rows.is_empty() { page.line([Inline::words("None.")]) } else { page.tree(rows) }
}

/// Text of the model as an encoder takes it. It was scrubbed when the model was built; a model that was read from a file
/// is scrubbed again here.
fn shown(text: &str) -> Scrubbed {
    Scrubber::built_in().scrub(&Untrusted::from(text))
}
