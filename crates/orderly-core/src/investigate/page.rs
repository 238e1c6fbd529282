//! An investigation as a page that reads well in a terminal, a diff and a ticket.

use super::decide::{Findings, Hypothesis, Named};
use super::inputs::Compared;
use super::lift::Interval;
use crate::encode::markdown::plain;
use crate::incident::NoteKind;
use crate::time::Timestamp;

/// Changes that a page names.
const MOST_CHANGES: usize = 8;

impl Findings {
    /// What may be said, in a sentence.
    pub fn verdict(&self) -> String {
        match (self.named, self.hypotheses.first()) {
            (Named::Change, Some(first)) => {
                format!("Suspected: {} ({})", first.text, percent(first.probability))
            }
            (Named::Attack, Some(first)) => {
                format!("Suspected: an attack; no change explains it ({})", percent(first.probability))
            }
            (Named::NoneOfThese, Some(first)) => {
                format!("No change explains it ({})", percent(first.probability))
            }
            (Named::NoRise, _) => "The rate did not rise".to_owned(),
            _ => "Nothing is probable enough to be named".to_owned(),
        }
    }

    /// The page.
    pub fn markdown(&self, title: &str) -> String {
        let mut page = format!("# {}\n\n**{}**\n", plain(title), plain(&self.verdict()));
        page.push_str(&format!("\nErrors from {} to {}.", clock(self.window.from), clock(self.window.until)));
        if let Some(onset) = self.onset {
            page.push_str(&format!(" The rate most probably rose at {}.", clock(onset)));
        }
        page.push('\n');
        self.hypotheses(&mut page);
        self.issues(&mut page);
        self.changes(&mut page);
        self.around(&mut page);
        self.security(&mut page);
        if !self.gaps.is_empty() {
            page.push_str("\n## Not looked at\n\n");
            for (what, cause) in &self.gaps {
                page.push_str(&format!("- {}: {}\n", plain(what), plain(&cause.to_string())));
            }
        }
        page
    }

    /// What of it belongs into the log of the incident.
    pub fn notes(&self) -> Vec<(NoteKind, String)> {
        let mut notes = Vec::new();
        if let Some(onset) = self.onset.filter(|_| self.named != Named::NoRise) {
            notes.push((NoteKind::Fact, format!("the rate most probably rose at {}", clock(onset))));
        }
        notes.extend(self.joins.iter().filter_map(|join| {
            let issue = join.issue.as_ref()?;
            Some((NoteKind::Fact, format!("{issue} shares {}", join.key)))
        }));
        let shown = self.hypotheses.iter().filter(|hypothesis| hypothesis.probability >= 0.2);
        notes.extend(shown.map(|hypothesis| {
            let Hypothesis { text, probability, evidence, .. } = hypothesis;
            let why = if evidence.is_empty() { String::new() } else { format!(": {}", evidence.join("; ")) };
            (NoteKind::Hypothesis, format!("{text} ({}){why}", percent(*probability)))
        }));
        notes
    }

    fn hypotheses(&self, page: &mut String) {
        page.push_str("\n## Hypotheses\n\n");
        for hypothesis in &self.hypotheses {
            page.push_str(&format!("- {}: {}\n", percent(hypothesis.probability), plain(&hypothesis.text)));
            for text in &hypothesis.evidence {
                page.push_str(&format!("  - for: {}\n", plain(text)));
            }
            for text in &hypothesis.against {
                page.push_str(&format!("  - against: {}\n", plain(text)));
            }
        }
    }

    fn issues(&self, page: &mut String) {
        page.push_str(
            "\n## What fails\n\n| Issue | Events | A minute | Users | First seen | Where | What |\n",
        );
        page.push_str("|---|---|---|---|---|---|---|\n");
        for issue in &self.issues {
            page.push_str(&format!(
                "| {} | {} | {:.1} | {} | {}{} | {} | {} |\n",
                issue.short_id,
                issue.events,
                issue.per_minute,
                issue.users,
                clock(issue.first_seen),
                if issue.new { " (new)" } else { "" },
                issue.frame.as_deref().map(plain).unwrap_or_default(),
                plain(&issue.title),
            ));
        }
    }

    fn changes(&self, page: &mut String) {
        page.push_str("\n## What changed\n\n");
        if self.changes.is_empty() {
            page.push_str("Nothing, as far as Sentry was told.\n");
            return;
        }
        page.push_str("| Time | What | Projects | Probability | Known of it |\n|---|---|---|---|---|\n");
        for change in self.changes.iter().take(MOST_CHANGES) {
            let projects: Vec<&str> = change.projects.iter().map(|project| project.as_str()).collect();
            let mut clues: Vec<String> =
                change.clues.iter().map(|(clue, factor)| format!("{clue} ({factor:.2})")).collect();
            clues.extend(change.commits.first().map(|first| format!("“{first}”")));
            page.push_str(&format!(
                "| {} | {} {} | {} | {:.3} | {} |\n",
                clock(change.at),
                change.kind,
                plain(&change.what),
                plain(&projects.join(", ")),
                change.probability,
                plain(&clues.join("; ")),
            ));
        }
        let more = self.changes.len().saturating_sub(MOST_CHANGES);
        if more > 0 {
            page.push_str(&format!("\n{more} less probable changes are not shown.\n"));
        }
    }

    fn around(&self, page: &mut String) {
        if !self.joins.is_empty() {
            page.push_str("\n## In other projects\n\n");
            for join in &self.joins {
                let issue = join.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
                let title = join.title.as_deref().map(|title| format!(" ({title})")).unwrap_or_default();
                page.push_str(&format!(
                    "- {}{issue}{}: {}\n",
                    join.project,
                    plain(&title),
                    plain(&join.key.to_string())
                ));
            }
        }
        if !self.lifts.is_empty() {
            let than = match self.compared {
                Compared::Transactions => "transactions of the same projects at the same time",
                Compared::TransactionsOfWindow => "transactions of the same projects in the whole window",
                Compared::OtherErrors => "other errors at the same time",
                Compared::Nothing => "nothing",
            };
            page.push_str(&format!("\n## More often than usual\n\nAgainst {than}:\n\n"));
            for lift in &self.lifts {
                page.push_str(&format!(
                    "- {}: {}, {:.0} % against {:.0} %, {} times as often\n",
                    plain(&lift.key),
                    plain(&lift.value),
                    100.0 * lift.share,
                    100.0 * lift.usual,
                    interval(lift.lift),
                ));
            }
        }
        if !self.work.is_empty() {
            page.push_str("\n## In the traces\n\n");
            for work in &self.work {
                page.push_str(&format!(
                    "- {} {}: `{}` {}: {} in {} of {} traces (as in {}), {:.0} ms each, {:.0} % of the time\n",
                    work.project,
                    plain(&work.transaction),
                    plain(&work.op),
                    plain(&work.description),
                    work.strain,
                    work.traces,
                    work.of,
                    work.example,
                    work.millis,
                    100.0 * work.share,
                ));
            }
        }
    }

    fn security(&self, page: &mut String) {
        let Some(attack) = &self.attack else { return };
        page.push_str(&format!("\n## Security\n\nTouched by `{}`.", plain(&attack.touched)));
        page.push_str(&format!(
            " Of a sample {} errors have a source: {} addresses, {} accounts.\n\n",
            attack.known, attack.addresses, attack.accounts
        ));
        for signal in &attack.signals {
            page.push_str(&format!("- {signal}\n"));
        }
        if attack.is_likely() {
            let leading: Vec<String> =
                attack.leading.iter().map(|(address, count)| format!("{address} ({count})")).collect();
            page.push_str(&format!("- from {}\n", leading.join(", ")));
        }
    }
}

/// A probability in words: none is certain.
pub(crate) fn percent(probability: f64) -> String {
    match probability {
        p if p >= 0.995 => "over 99 %".to_owned(),
        p if p < 0.005 => "under 1 %".to_owned(),
        p => format!("{:.0} %", 100.0 * p),
    }
}

fn interval(interval: Interval) -> String {
    format!("{:.1} ({:.1} to {:.1})", interval.value, interval.low, interval.high)
}

fn clock(at: Timestamp) -> String {
    at.strftime("%F %R UTC").to_string()
}
