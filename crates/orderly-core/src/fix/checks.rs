//! Checks before and after: new failures apart from those that were there, and from those that come and go.

use crate::ids::Digest;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A command that says whether the code is in order. Chosen by the configuration, never by an event or an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The command as it was configured.
    pub name: String,
    /// Program and arguments; no shell.
    pub argv: Vec<String>,
}

/// On which code it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The code before the fix.
    Base,
    /// The code before the fix with the tests of the fix.
    BaseWithTests,
    /// The fix.
    Fix,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// With exit code 0.
    Passed,
    /// With another one; `None` when a signal ended it.
    Failed {
        /// Exit code.
        code: Option<i32>,
    },
    /// Not in its time.
    TimedOut,
    /// It printed more than it may.
    TooLoud,
    /// It could not be started.
    NotStarted {
        /// Why.
        why: String,
    },
}

impl Outcome {
    /// One or two words.
    pub fn words(&self) -> String {
        match self {
            Self::Passed => "passed".to_owned(),
            Self::Failed { code: Some(code) } => format!("failed ({code})"),
            Self::Failed { code: None } => "ended by a signal".to_owned(),
            Self::TimedOut => "timed out".to_owned(),
            Self::TooLoud => "printed too much".to_owned(),
            Self::NotStarted { why } => format!("could not be started: {why}"),
        }
    }
}

/// One run of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// The check.
    pub check: Check,
    /// How it ended.
    pub outcome: Outcome,
    /// Digest of all that it printed.
    pub output: Digest,
    /// The last lines of it.
    pub tail: Untrusted<String>,
    /// Lines of its output that name a failure, with numbers taken out.
    pub failures: BTreeSet<String>,
}

impl CheckRun {
    fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}

/// Checks of the fix against those of the base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Pass with the fix.
    pub green: Vec<String>,
    /// Fail with it and passed without, or fail in a further way.
    pub new: Vec<String>,
    /// Failed before in the same way.
    pub old: Vec<String>,
    /// Failed with the fix, and passed when run again on the same code.
    pub flaky: Vec<String>,
}

impl Compared {
    /// Whether the code may be committed: nothing new fails, and something was shown to work.
    pub fn is_green(&self) -> bool {
        self.new.is_empty() && !(self.green.is_empty() && self.flaky.is_empty())
    }
}

/// Compares. `fix` holds every run on the fix in order: the later runs of a check are its reruns.
pub fn compare(base: &[CheckRun], fix: &[CheckRun]) -> Compared {
    let mut compared = Compared::default();
    let mut seen = BTreeSet::new();
    for first in fix.iter().filter(|run| seen.insert(run.check.name.clone())) {
        let name = first.check.name.clone();
        let runs: Vec<&CheckRun> = fix.iter().filter(|run| run.check.name == name).collect();
        let before = base.iter().find(|run| run.check.name == name);
        if first.passed() {
            compared.green.push(name);
        } else if runs.iter().any(|run| run.passed()) {
            compared.flaky.push(name);
        } else if before.is_some_and(|before| fails_alike(before, first)) {
            compared.old.push(name);
        } else {
            compared.new.push(name);
        }
    }
    compared
}

/// Whether a failure was there before. Where the output names what fails, every named thing must have failed before;
/// where it names nothing, only the same output is the same failure.
fn fails_alike(before: &CheckRun, after: &CheckRun) -> bool {
    if before.passed() || before.outcome != after.outcome {
        return false;
    }
    if after.failures.is_empty() && before.failures.is_empty() {
        return before.output == after.output || matches!(after.outcome, Outcome::NotStarted { .. });
    }
    !after.failures.is_empty() && after.failures.is_subset(&before.failures)
}

/// Whether a test shows the bug: it fails on the base and passes on the fix.
pub fn red_then_green(base_with_tests: &[CheckRun], fix: &[CheckRun]) -> bool {
    base_with_tests.iter().any(|red| {
        matches!(red.outcome, Outcome::Failed { .. })
            && fix.iter().any(|green| green.check.name == red.check.name && green.passed())
    })
}

/// Lines of an output that name a failing test or an error, in the forms of the common runners, with what differs from
/// run to run taken out.
pub fn failure_lines(output: &str) -> BTreeSet<String> {
    const MOST: usize = 200;
    output.lines().map(str::trim).filter(|line| names_failure(line)).map(steady).take(MOST).collect()
}

fn names_failure(line: &str) -> bool {
    let starts = [
        "FAILED ",
        "ERROR ",
        "--- FAIL:",
        "FAIL ",
        "FAIL:",
        "not ok ",
        "✕ ",
        "✖ ",
        "× ",
        "error[",
        "error TS",
        "[ERROR]",
    ];
    starts.iter().any(|start| line.starts_with(start))
        || (line.starts_with("test ") && line.ends_with("FAILED"))
        || line.contains(": error TS")
        || line.contains(": error: ")
}

/// Runs of digits become `0`: durations, line numbers, addresses.
fn steady(line: &str) -> String {
    let mut steady = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_ascii_digit() {
            if !steady.ends_with('0') {
                steady.push('0');
            }
        } else {
            steady.push(c);
        }
    }
    steady
}
