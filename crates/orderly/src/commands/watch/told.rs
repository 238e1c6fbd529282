//! What a watch tells: a line of JSON an alarm, a screen, or a text.

use crate::output::table::table;
use orderly_core::diagnose::EventWords;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::watch::{Judged, Proposal, Raised, Sight, Unseen};
use orderly_tui::{Line, Tone, WatchView};
use serde_json::{Value, json};

/// What the screen is called.
pub(super) const TITLE: &str = "orderly watch";

/// An alarm as one line of JSON: the sum, and the incident that it belongs to.
pub(super) fn line(raised: &Raised, proposals: &[Proposal], words: &EventWords<'_>) -> String {
    let mut told = json!(raised.clean(words));
    told["incident"] = proposals.iter().find(|proposal| proposal.has(raised)).map(incident).into();
    told.to_string()
}

fn incident(proposal: &Proposal) -> Value {
    json!({
        "begins": proposal.begins,
        "ends": proposal.ends,
        "projects": proposal.projects,
        "detectors": proposal.detectors,
        "leading": {"project": proposal.leading.project, "detector": proposal.leading.detector.word()},
        "alarms": proposal.alarms.len(),
    })
}

/// Something that could not be looked at.
pub(super) fn gap(unseen: &Unseen) -> String {
    format!("{} not watched: {}", unseen.what, unseen.cause)
}

/// What the screen shows.
pub(super) fn view(sight: &Sight, words: &EventWords<'_>, every: Seconds) -> WatchView {
    let hour = sight.judged.iter().filter_map(|one| one.newest).map(|hour| hour.begins).max();
    let hour = hour.map_or_else(String::new, |hour| format!("the hour since {}, ", clock(hour)));
    WatchView { title: format!("{TITLE}: {hour}looked at every {every}"), lines: told(sight, words) }
}

/// The same as text.
pub(super) fn text(sight: &Sight, words: &EventWords<'_>) -> String {
    told(sight, words).into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
}

fn told(sight: &Sight, words: &EventWords<'_>) -> Vec<Line> {
    let line = |tone| move |text: String| Line { tone, text };
    let mut lines = Vec::new();
    if sight.proposals.is_empty() {
        lines.push(line(Tone::Plain)("Nothing is more than usual.".to_owned()));
    }
    for proposal in sight.proposals.iter().rev() {
        lines.push(line(Tone::Warn)(proposed(proposal)));
        let own = sight.raised.iter().filter(|raised| proposal.has(raised)).rev();
        lines.extend(own.map(|raised| line(Tone::Plain)(alarm(raised, words))));
        lines.push(line(Tone::Plain)(String::new()));
    }
    let rows = sight.judged.iter().map(|one| {
        let newest = one.newest.map_or_else(String::new, |hour| hour.errors.to_string());
        vec![one.project.to_string(), newest, usual(one)]
    });
    let projects = table(&["Project", "Errors this hour", "Usual"], rows);
    for (number, row) in projects.lines().enumerate() {
        lines.push(line(if number == 0 { Tone::Strong } else { Tone::Plain })(row.to_owned()));
    }
    lines.extend(sight.unseen.iter().map(gap).map(line(Tone::Dim)));
    lines
}

fn usual(one: &Judged) -> String {
    one.expected.map_or_else(|| "too little is known".to_owned(), |expected| format!("{expected:.1}"))
}

fn proposed(proposal: &Proposal) -> String {
    let projects: Vec<&str> = proposal.projects.iter().map(|project| project.as_str()).collect();
    format!("Perhaps an incident since {}: {}", clock(proposal.begins), projects.join(", "))
}

fn clock(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `  2026-03-02 20:00 UTC gateway: 90 errors in 1 h, 6.1 usual (dispersion 1.3, p 2.1e-40)`.
fn alarm(raised: &Raised, words: &EventWords<'_>) -> String {
    format!("  {} {}: {}", clock(raised.newest), raised.project, raised.words(words))
}

#[cfg(test)]
mod tests;
