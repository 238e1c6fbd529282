//! A replay in words: a line a step, and a page at the end.

use super::compare::{Compared, Side};
use super::play::{Played, Replay, Step};
use super::recording::Recording;
use crate::answer::Looked;
use crate::encode::markdown::plain;
use crate::encode::one_line;
use crate::incident::clock::Standing;
use crate::incident::view::{DutyView, IncidentView};
use crate::scrub::Scrubber;

impl Replay {
    /// The lines before the first step.
    pub fn opening(&self) -> String {
        let recorded = self.recorded_at.strftime("%F %R UTC");
        let mut text = format!("{}, recorded {recorded}\n", self.incident);
        for unseen in &self.unseen {
            text.push_str(&format!("not looked at: {unseen}\n"));
        }
        text
    }

    /// What is told after the last step: the investigation, the review, and detectors beside people.
    pub(super) fn ending(&self, recording: &Recording, scrubber: &Scrubber) -> String {
        let investigation = match &self.investigation {
            Looked::Saw(found) => found.markdown(&format!("What is behind {}", self.incident)),
            Looked::CouldNotLook(cause) => {
                let why = plain(&cause.to_string());
                format!("# What is behind {}\n\nIt could not be looked at: {why}\n", self.incident)
            }
        };
        let review = self.review.markdown(recording.log(), scrubber);
        format!("\n{investigation}\n{review}\n{}", self.compared.markdown())
    }
}

impl Step {
    /// The step on one line, with what is due then.
    pub fn line(&self) -> String {
        let at = self.at.strftime("%F %T");
        let told = match &self.what {
            Played::Alarm { text, .. } => format!("{:<14}{}", "ALARM", one_line(text)),
            Played::Overdue { text, .. } => format!("{:<14}{text}", "OVERDUE"),
            Played::Entry { entry, judged_otherwise } => {
                let earlier = if entry.at < self.at {
                    format!(" (of {})", entry.at.strftime("%F %T"))
                } else {
                    String::new()
                };
                let otherwise = judged_otherwise
                    .map_or_else(String::new, |severity| format!(" (by the recorded rules {severity})"));
                format!(
                    "{:<14}#{} {}: {}{earlier}{otherwise}",
                    entry.kind.word(),
                    entry.sequence,
                    entry.author,
                    entry.text
                )
            }
        };
        let state = self.state.as_ref().map(stands).unwrap_or_default();
        format!("{at}  {told}{state}")
    }
}

/// ` [SEV2; due 20:35 name a commander]`
fn stands(state: &IncidentView) -> String {
    let mut parts = vec![state.severity.to_string()];
    if state.resolved_at.is_some() {
        parts.push("resolved".to_owned());
    }
    parts.extend(state.duties.iter().filter_map(open));
    format!(" [{}]", parts.join("; "))
}

fn open(duty: &DutyView) -> Option<String> {
    match duty.standing {
        Standing::Due { .. } => Some(format!("due {} {}", duty.due.strftime("%R"), duty.text)),
        Standing::Overdue { by } => Some(format!("overdue for {by}: {}", duty.text)),
        Standing::Done { .. } | Standing::Missed => None,
    }
}

impl Compared {
    /// As a page.
    pub fn markdown(&self) -> String {
        let mut page = "# Detectors and people\n\n".to_owned();
        for line in &self.text {
            page.push_str(&format!("- {}\n", plain(line)));
        }
        page.push_str("\n| Time (UTC) | A detector would have said by then | People |\n|---|---|---|\n");
        for moment in &self.moments {
            let (at, text) = (moment.at.strftime("%F %T"), plain(&moment.text));
            page.push_str(&match moment.side {
                Side::Detectors => format!("| {at} | {text} | |\n"),
                Side::People => format!("| {at} | | {text} |\n"),
            });
        }
        page
    }
}
