//! Running a check, and what its output says.

use super::program::{Ended, Limits, Program};
use super::sandbox::{Network, Sandbox, SandboxSettings};
use async_trait::async_trait;
use orderly_core::fix::{Check, CheckRun, Outcome, failure_lines};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::repair::Checks;
use std::path::Path;

/// How much of the end of an output is kept.
const TAIL: usize = 4000;

/// Runs checks, without network and apart from the machine where that is possible.
#[derive(Debug)]
pub struct CheckRunner {
    /// How they are kept apart.
    pub sandbox: Sandbox,
    /// What they may see.
    pub settings: SandboxSettings,
    /// Limits of one check.
    pub limits: Limits,
}

#[async_trait]
impl Checks for CheckRunner {
    fn sandbox(&self) -> &str {
        self.sandbox.word()
    }

    async fn run(&self, folder: &Path, check: &Check) -> CheckRun {
        let program = Program {
            argv: self.sandbox.wrap(&check.argv, folder, &self.settings, Network::None),
            folder: folder.to_owned(),
            environment: self.sandbox.environment(&self.settings),
            input: Vec::new(),
        };
        let (outcome, printed) = program.run(self.limits).await.outcome();
        CheckRun {
            check: check.clone(),
            outcome,
            output: orderly_core::digest::of_bytes(&printed),
            failures: failure_lines(&String::from_utf8_lossy(&printed)),
            tail: tail(&printed, TAIL),
        }
    }
}

impl Ended {
    /// What it means for whoever asked for it, and what it printed.
    pub(crate) fn outcome(self) -> (Outcome, Vec<u8>) {
        match self {
            Self::Exited { code: Some(0), printed } => (Outcome::Passed, printed),
            Self::Exited { code, printed } => (Outcome::Failed { code }, printed),
            Self::TooLong { printed } => (Outcome::TimedOut, printed),
            Self::TooLoud { printed } => (Outcome::TooLoud, printed),
            Self::NotStarted { why } => (Outcome::NotStarted { why }, Vec::new()),
        }
    }
}

/// The last characters of an output.
pub(crate) fn tail(printed: &[u8], most: usize) -> Untrusted<String> {
    let text = String::from_utf8_lossy(printed);
    let skipped = text.chars().count().saturating_sub(most);
    Untrusted::new(text.chars().skip(skipped).collect())
}
