//! What can be measured, by name.

use crate::error::EvalError;
use crate::fingerprints;
use crate::predictions::Predictions;
use crate::report::Report;
use crate::rows::Rows;
use crate::{changepoints, deploys, duplicates, locate, mitigations, outbreaks, text};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A kind of labelled data, and with it the engine that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Crash reports in the order they came: is this one known already?
    Duplicates,
    /// Crash states of three frames: which earlier report has the same cause?
    Arvo,
    /// Tickets of people: which of them say the same?
    Text,
    /// Counts, bin by bin: when is there more than usual?
    Outbreaks,
    /// Series: where do they change?
    Changepoints,
    /// Hourly counts and deploys: which of them made the rate rise?
    Deploys,
    /// Counts before and after a mitigation: did the rate drop?
    Mitigations,
    /// Traces: which file did the true fix change?
    Locate,
    /// Messages: which of their parts vary?
    Fingerprints,
}

impl Task {
    /// Every task, in the order they are listed.
    pub const ALL: &[Self] = &[
        Self::Duplicates,
        Self::Arvo,
        Self::Text,
        Self::Outbreaks,
        Self::Changepoints,
        Self::Deploys,
        Self::Mitigations,
        Self::Locate,
        Self::Fingerprints,
    ];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duplicates => "duplicates",
            Self::Arvo => "arvo",
            Self::Text => "text",
            Self::Outbreaks => "outbreaks",
            Self::Changepoints => "changepoints",
            Self::Deploys => "deploys",
            Self::Mitigations => "mitigations",
            Self::Locate => "locate",
            Self::Fingerprints => "fingerprints",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no task is called `{word}`{}; there are: {}", meant(*.nearest), names())]
pub struct UnknownTask {
    /// What was typed.
    pub word: String,
    /// What was probably meant.
    pub nearest: Option<Task>,
}

fn meant(nearest: Option<Task>) -> String {
    nearest.map(|task| format!(", did you mean `{task}`?")).unwrap_or_default()
}

fn names() -> String {
    Task::ALL.iter().map(|task| task.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for Task {
    type Err = UnknownTask;

    fn from_str(word: &str) -> Result<Self, UnknownTask> {
        Self::ALL.iter().find(|task| task.name() == word).copied().ok_or_else(|| UnknownTask {
            word: word.to_owned(),
            nearest: Self::ALL
                .iter()
                .map(|task| (strsim::jaro_winkler(word, task.name()), *task))
                .filter(|(likeness, _)| *likeness > 0.75)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, task)| task),
        })
    }
}

/// Runs one measurement over a file of labelled rows (plain or `.gz`), and writes what the engine answered to
/// `predictions` if asked for.
///
/// # Errors
/// A file that cannot be read or written, or a row that is not what the task's data look like.
pub fn run(task: Task, data: &Path, predictions: Option<&Path>) -> Result<Report, EvalError> {
    let rows = Rows::open(data)?;
    let mut out = Predictions::create(predictions)?;
    let report = match task {
        Task::Duplicates => duplicates::crashes(rows, &mut out),
        Task::Arvo => duplicates::states(rows, &mut out),
        Task::Text => text::tickets(rows, &mut out),
        Task::Outbreaks => outbreaks::measure(rows, &mut out),
        Task::Changepoints => changepoints::measure(rows, &mut out),
        Task::Deploys => deploys::measure(rows, &mut out),
        Task::Mitigations => mitigations::measure(rows, &mut out),
        Task::Locate => locate::measure(rows, &mut out),
        Task::Fingerprints => fingerprints::messages(rows, &mut out),
    }?;
    out.finish()?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_found_by_its_name() {
        for task in Task::ALL {
            assert_eq!(task.name().parse(), Ok(*task));
        }
    }

    #[test]
    fn a_typo_gets_the_nearest_task() {
        let error = "duplicate".parse::<Task>().unwrap_err();
        assert_eq!(error.nearest, Some(Task::Duplicates));
        assert!(
            error
                .to_string()
                .starts_with("no task is called `duplicate`, did you mean `duplicates`?; there are:")
        );
        assert_eq!("zzz".parse::<Task>().unwrap_err().nearest, None);
    }
}
