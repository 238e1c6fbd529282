//! Trials: what the steps come to, and which steps are refused.

use super::measure::{Measurement, Verdict};
use super::step::{Became, Intent, Order, Step};
use crate::fix::Outcome;
use crate::incident::entry::Author;
use crate::time::Timestamp;
use serde::Serialize;

/// An option that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Its number, from 1.
    pub number: u32,
    /// When it was begun.
    pub at: Timestamp,
    /// What is done and expected.
    pub intent: Intent,
    /// How it stands.
    pub state: TrialState,
    /// Its effect, when it was last measured.
    pub measured: Option<(Timestamp, Measurement)>,
}

/// How a trial stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TrialState {
    /// It was begun, and nobody knows what became of it: it goes on, or whoever ran it was stopped. Nothing runs it again.
    Unknown,
    /// It is done.
    Done {
        /// Since when.
        at: Timestamp,
    },
    /// Its command failed; how much of it was done nobody knows.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// It was not done.
    NotDone {
        /// Known since.
        at: Timestamp,
    },
    /// It is being taken back, and nobody knows what became of that.
    Undoing {
        /// It was done since then.
        since: Timestamp,
    },
    /// It was taken back.
    TakenBack {
        /// When.
        at: Timestamp,
    },
}

impl TrialState {
    /// In words.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Unknown => "begun; nobody knows what became of it",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::NotDone { .. } => "not done",
            Self::Undoing { .. } => "being taken back; nobody knows what became of that",
            Self::TakenBack { .. } => "taken back",
        }
    }
}

/// Why a step is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inadmissible {
    /// Trials are for people.
    #[error("what is tried in production is for a person to say and do, not for an agent")]
    NeedsAPerson,
    /// Nobody knows what became of another trial.
    #[error("nobody knows what became of trial {number}; `orderly incident tried` says it")]
    Unsettled {
        /// Its number.
        number: u32,
    },
    /// It is done already, and was not taken back.
    #[error("{option} is in force already")]
    InForce {
        /// Name of the option.
        option: String,
    },
    /// It cannot be so of this trial.
    #[error("trial {number} {is}")]
    Trial {
        /// Its number.
        number: u32,
        /// Why not.
        is: &'static str,
    },
}

impl Trial {
    /// Since when it is done, if it is and was not taken back.
    pub const fn in_force_since(&self) -> Option<Timestamp> {
        match self.state {
            TrialState::Done { at } => Some(at),
            _ => None,
        }
    }

    /// Its last verdict.
    pub fn verdict(&self) -> Option<Verdict> {
        self.measured.as_ref().map(|(_, measured)| measured.verdict)
    }
}

/// The trials of an incident; the first has the number 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::incident) struct Trials(Vec<Trial>);

impl Trials {
    /// All of them.
    pub fn all(&self) -> &[Trial] {
        &self.0
    }

    /// Whether a step can be so.
    pub fn admits(&self, step: &Step, author: &Author) -> Result<(), Inadmissible> {
        use TrialState as S;
        if matches!(author, Author::Agent(_)) {
            return Err(Inadmissible::NeedsAPerson);
        }
        let refused = |number: u32, is: &'static str| Err(Inadmissible::Trial { number, is });
        match step {
            Step::Trying { intent } => {
                let pending = |trial: &&Trial| matches!(trial.state, S::Unknown | S::Undoing { .. });
                if let Some(open) = self.0.iter().find(pending) {
                    return Err(Inadmissible::Unsettled { number: open.number });
                }
                match self
                    .0
                    .iter()
                    .find(|trial| trial.intent.option == intent.option && trial.in_force_since().is_some())
                {
                    Some(_) => Err(Inadmissible::InForce { option: intent.option.clone() }),
                    None => Ok(()),
                }
            }
            Step::Tried { trial, .. } => match &self.of(*trial)?.state {
                S::Unknown => Ok(()),
                _ => refused(*trial, "is settled already"),
            },
            Step::Told { trial, became, .. } => match (became, &self.of(*trial)?.state) {
                (Became::Done | Became::NotDone, S::Unknown | S::Failed { .. })
                | (Became::TakenBack, S::Done { .. } | S::Failed { .. } | S::Undoing { .. })
                | (Became::Done, S::Undoing { .. }) => Ok(()),
                _ => refused(*trial, "is settled already"),
            },
            Step::Undoing { trial } => {
                let trial = self.of(*trial)?;
                match trial.state {
                    _ if trial.intent.undo.is_none() => refused(trial.number, "has no undo command"),
                    S::Done { .. } | S::Failed { .. } => Ok(()),
                    _ => refused(trial.number, "has nothing to take back"),
                }
            }
            Step::Undone { trial, .. } => match self.of(*trial)?.state {
                S::Undoing { .. } => Ok(()),
                _ => refused(*trial, "is not being taken back"),
            },
            Step::Measured { trial, .. } => match self.of(*trial)?.state {
                S::Done { .. } => Ok(()),
                _ => refused(*trial, "is not in force, so it has no effect"),
            },
        }
    }

    /// Takes in what was admitted; the words of what was done by it, if anything.
    pub fn apply(&mut self, step: &Step, at: Timestamp) -> Option<String> {
        use TrialState as S;
        if let Step::Trying { intent } = step {
            let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX).saturating_add(1);
            let intent = intent.clone();
            self.0.push(Trial { number, at, intent, state: S::Unknown, measured: None });
            return None;
        }
        let trial = self.0.iter_mut().find(|trial| trial.number == step.number())?;
        match step {
            Step::Trying { .. } => {}
            Step::Tried { run, .. } => {
                trial.state = if run.outcome == Outcome::Passed { S::Done { at } } else { S::Failed { at } };
            }
            Step::Told { became, .. } => {
                trial.state = match (became, &trial.state) {
                    (Became::Done, S::Undoing { since }) => S::Done { at: *since },
                    (Became::Done, _) => S::Done { at },
                    (Became::NotDone, _) => S::NotDone { at },
                    (Became::TakenBack, _) => S::TakenBack { at },
                };
            }
            Step::Undoing { .. } => {
                trial.state = S::Undoing { since: trial.in_force_since().unwrap_or(trial.at) }
            }
            Step::Undone { run, .. } => {
                // What could not be taken back is in force still, as far as anybody knows.
                trial.state = match &trial.state {
                    S::Undoing { since } if run.outcome != Outcome::Passed => S::Done { at: *since },
                    _ => S::TakenBack { at },
                };
            }
            Step::Measured { measured, .. } => trial.measured = Some((at, measured.clone())),
        }
        let name = &trial.intent.option;
        match (step, &trial.state) {
            (Step::Tried { .. } | Step::Told { .. }, S::Done { .. }) => Some(match trial.intent.order {
                Order::Repair { .. } => {
                    format!("{name}: the repair is made; its effect begins with its deploy")
                }
                _ => format!("{name} ({}) is done", trial.intent.kind),
            }),
            (Step::Undone { .. } | Step::Told { .. }, S::TakenBack { .. }) => {
                Some(format!("{name} was taken back"))
            }
            _ => None,
        }
    }

    /// When the impact was ended: when the first trial that provably worked began to be in force; before that is proven, the
    /// first thing that was done and did not provably fail. `told`: the first that somebody wrote down without measuring.
    pub fn mitigated_at(&self, told: Option<Timestamp>) -> Option<Timestamp> {
        let in_force = || self.0.iter().filter_map(|trial| Some((trial, trial.in_force_since()?)));
        let worked = in_force().filter(|(trial, _)| trial.verdict() == Some(Verdict::Worked));
        let worked = worked.map(|(trial, at)| match &trial.measured {
            // A hotfix works from its deploy on.
            Some((_, measured)) if matches!(trial.intent.order, Order::Repair { .. }) => measured.resumes,
            _ => at,
        });
        worked.min().or_else(|| {
            let open = in_force().filter(|(trial, _)| trial.verdict() != Some(Verdict::No));
            open.map(|(_, at)| at).chain(told).min()
        })
    }

    /// Whether an end of the impact was measured.
    pub fn has_worked(&self) -> bool {
        self.0
            .iter()
            .any(|trial| trial.in_force_since().is_some() && trial.verdict() == Some(Verdict::Worked))
    }

    fn of(&self, number: u32) -> Result<&Trial, Inadmissible> {
        self.0
            .iter()
            .find(|trial| trial.number == number)
            .ok_or(Inadmissible::Trial { number, is: "does not exist" })
    }
}

impl Step {
    /// Number of its trial; 0 for one that begins.
    pub const fn number(&self) -> u32 {
        match self {
            Self::Trying { .. } => 0,
            Self::Tried { trial, .. }
            | Self::Told { trial, .. }
            | Self::Undoing { trial }
            | Self::Undone { trial, .. }
            | Self::Measured { trial, .. } => *trial,
        }
    }
}
