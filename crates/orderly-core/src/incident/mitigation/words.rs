//! Mitigations in words: for the timeline, for reviews, for every surface that shows a trial.

use super::measure::{Measurement, Verdict};
use super::option::Kind;
use super::step::{Order, Promise, Run, Step};
use super::trial::{Trial, TrialState};
use crate::encode::one_line;
use crate::fix::Outcome;
use crate::incident::state::Incident;
use crate::scrub::Scrubber;
use crate::time::{Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::Serialize;
use std::fmt;

/// Characters of what a command printed.
const TAIL: usize = 300;

/// A trial as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialView {
    /// Number, from 1.
    pub number: u32,
    /// Name of the option.
    pub option: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What was done.
    pub command: String,
    /// What takes it back.
    pub undo: Option<String>,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// How it stands.
    #[serde(flatten)]
    pub state: TrialState,
    /// What was expected.
    pub expected: Promise,
    /// Its effect, as it was last measured.
    pub measured: Option<Measurement>,
    /// The same in words.
    pub text: String,
}

impl TrialView {
    /// The trials of an incident.
    pub fn all(incident: &Incident, scrubber: &Scrubber) -> Vec<Self> {
        incident.trials().iter().map(|trial| Self::of(trial, scrubber)).collect()
    }

    fn of(trial: &Trial, scrubber: &Scrubber) -> Self {
        let intent = &trial.intent;
        let effect = match (&trial.measured, trial.in_force_since()) {
            (Some((_, measured)), _) => measured.words(intent.promise),
            (None, Some(_)) => "its effect was not measured".to_owned(),
            (None, None) => String::new(),
        };
        let parts = [
            format!("{} ({})", intent.option, intent.kind),
            format!("begun {}", trial.at.strftime("%F %R UTC")),
            trial.state.words().to_owned(),
            format!("expected {}", intent.promise),
            effect,
        ];
        let text: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            number: trial.number,
            option: clean(&intent.option, scrubber),
            kind: intent.kind,
            command: clean(&intent.order.to_string(), scrubber),
            undo: intent.undo.as_ref().map(|argv| clean(&argv.to_string(), scrubber)),
            begun_at: trial.at,
            state: trial.state.clone(),
            expected: intent.promise,
            measured: trial.measured.as_ref().map(|(_, measured)| measured.clone()),
            text: clean(&text.join("; "), scrubber),
        }
    }
}

impl Step {
    /// In words, for the timeline.
    pub(in crate::incident) fn words(&self, incident: &Incident, scrubber: &Scrubber) -> String {
        let trial = incident.trials().iter().find(|trial| trial.number == self.number());
        let name = trial.map_or_else(|| self.number().to_string(), |trial| trial.intent.option.clone());
        let text = match self {
            Self::Trying { intent } => {
                let undo = match &intent.undo {
                    Some(argv) => format!("taken back by `{argv}`"),
                    None => "without an undo command".to_owned(),
                };
                let done = match &intent.order {
                    Order::ByHand => "by hand".to_owned(),
                    order => format!("`{order}`"),
                };
                format!(
                    "trying {} ({}): {done}, {undo}; expected: {}",
                    intent.option, intent.kind, intent.promise
                )
            }
            Self::Tried { run, .. } => format!("{name}: its command {}", run.words()),
            Self::Told { became, how, .. } => {
                format!("{name}: {}: {}", became.words(), scrubber.scrub(how).as_str())
            }
            Self::Undoing { .. } => {
                let undo = trial.and_then(|trial| trial.intent.undo.as_ref());
                let undo = undo.map_or_else(String::new, |argv| format!(": `{argv}`"));
                format!("taking {name} back{undo}")
            }
            Self::Undone { run, .. } => format!("{name}: its undo command {}", run.words()),
            Self::Measured { measured, .. } => {
                let promise = trial.map(|trial| trial.intent.promise);
                let sum = promise.map_or_else(String::new, |promise| measured.words(promise));
                format!("effect of {name}: {sum}")
            }
        };
        clean(&text, scrubber)
    }
}

impl Run {
    /// In words, with the end of what it printed where it did not end well.
    fn words(&self) -> String {
        let how = match &self.outcome {
            Outcome::Passed => return "ended well".to_owned(),
            outcome => outcome.words(),
        };
        let tail: String = {
            let all: Vec<char> = one_line(self.tail.as_raw_str()).chars().collect();
            all[all.len().saturating_sub(TAIL)..].iter().collect()
        };
        if tail.is_empty() { how } else { format!("{how}: {tail}") }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worked => f.write_str("worked"),
            Self::Partly => f.write_str("partly"),
            Self::No => f.write_str("no"),
            Self::NotYetProvable { more: Some(more) } => {
                write!(f, "not yet provable ({})", waiting(*more))
            }
            Self::NotYetProvable { more: None } => f.write_str("not yet provable (no wait would do)"),
        }
    }
}

/// A wait in minutes or hours, never less than there is.
fn waiting(span: Seconds) -> String {
    match span.0.div_ceil(60) {
        minutes @ 0..=119 => format!("{minutes} min"),
        minutes => format!("{} h", minutes.div_ceil(60)),
    }
}

impl Measurement {
    /// Verdict and sum.
    pub fn words(&self, promise: Promise) -> String {
        let sum = self.sum(promise);
        let (before, after) = (per_hour(sum.before, self.bin), per_hour(sum.after, self.bin));
        let minutes = self.bin.0 / 60;
        let since = self.resumes.strftime("%R UTC");
        if self.after.is_empty() {
            return format!("{}: {before:.0} errors an hour before, nothing counted since yet", self.verdict);
        }
        format!(
            "{}: {before:.0} errors an hour before ({} bins of {minutes} min), {after:.1} since {since} ({} bins); by chance in {} of cases (dispersion {:.1})",
            self.verdict,
            self.before.len(),
            self.after.len(),
            percent(sum.p_value),
            sum.dispersion,
        )
    }
}

fn percent(p: f64) -> String {
    if p < 0.001 { "less than 0.1 %".to_owned() } else { format!("{:.1} %", 100.0 * p) }
}

/// Errors a bin as errors an hour.
pub fn per_hour(rate: f64, bin: Seconds) -> f64 {
    rate * 3600.0 / bin.0.max(1) as f64
}

fn clean(text: &str, scrubber: &Scrubber) -> String {
    // Commands name releases, and those are named by commits.
    one_line(scrubber.scrub_version(&Untrusted::from(text)).as_str())
}
