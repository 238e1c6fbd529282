//! Who answers: the server knows the protocol, the desk knows the jobs.

use super::answer::Answer;
use super::call::Call;
use super::skill::Skill;
use async_trait::async_trait;

/// Answers calls. It is the only thing that reaches Sentry, a tracker or a repository.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Answers a call, or says what a person must be asked first.
    async fn answer(&self, call: Call, consent: Consent) -> Result<Outcome, Refusal>;

    /// What is told about a job or a role: its own text, or the one that the project has in its place.
    fn told(&self, skill: Skill) -> String;

    /// What can be read whole: reports and plans, newest first, and incidents.
    async fn resources(&self) -> Vec<Kept>;

    /// One of them.
    async fn resource(&self, uri: &str) -> Option<String>;
}

/// Something that is kept and can be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// `orderly://reports/2026-11-21T10-00-00Z.md`
    pub uri: String,
    /// What it is.
    pub name: String,
    /// `text/markdown`
    pub kind: &'static str,
}

/// What a person said to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nobody was asked yet.
    NotAsked,
    /// A person said yes, to exactly this call.
    Given,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// An answer.
    Done(Answer),
    /// A person must say yes first; the question tells what happens then.
    Ask(String),
}

/// Why a call was not answered, and what to do. No text of events stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Refusal {
    /// What was refused, and why.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Refusal {
    /// A refusal without a next step.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
