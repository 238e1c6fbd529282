//! What is to be done so that it does not come back: owned, dated, verifiable, and closed only on evidence.

use super::entry::What;
use super::filing::FileOrder;
use super::refused::Refused;
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::Assignee;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Something that is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What.
    pub text: Untrusted<String>,
    /// Who does it.
    pub owner: Assignee,
    /// Until when.
    pub due: Timestamp,
    /// How somebody else can tell that it is done.
    pub verify: Untrusted<String>,
}

impl Action {
    /// An action that nobody owns, that is never due, or that nobody could verify is a wish.
    fn lint(&self, declared_at: Timestamp) -> Result<(), Refused> {
        let lacks = match () {
            () if blank(&self.text) => "words",
            () if self.owner.called().trim().is_empty() => "an owner",
            () if self.due <= declared_at => "a due date after the incident",
            () if blank(&self.verify) => "a way to verify it",
            () => return Ok(()),
        };
        Err(Refused::Lint { what: lacks })
    }
}

/// An action, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What.
    pub action: Action,
    /// Since when.
    pub at: Timestamp,
    /// Its item in the tracker.
    pub filing: Option<Filing>,
    /// When it was done, and what shows it.
    pub closed: Option<(Timestamp, Untrusted<String>)>,
}

/// How far the item of an action is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filing {
    /// It may have been sent; nobody knows yet whether it is there.
    Intended(FileOrder),
    /// It is there.
    Filed(ItemRef),
}

/// The actions of an incident; the first has the number 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Actions(Vec<Planned>);

impl Actions {
    /// All of them.
    pub fn all(&self) -> &[Planned] {
        &self.0
    }

    /// Whether what is told of an action can be so; what is about anything else can.
    pub fn admits(&self, what: &What, declared_at: Timestamp) -> Result<(), Refused> {
        let already = |number: u32, is: &str| Err(Refused::Already { what: format!("action {number} {is}") });
        match what {
            What::Planned { action } => action.lint(declared_at),
            What::Closed { action, evidence } => match self.open(*action)? {
                _ if blank(evidence) => Err(Refused::Lint { what: "evidence to be closed" }),
                _ => Ok(()),
            },
            What::Filing { order } => match self.open(order.key.action)?.filing {
                None => Ok(()),
                Some(Filing::Intended(_)) => already(order.key.action, "is being filed"),
                Some(Filing::Filed(_)) => already(order.key.action, "is filed"),
            },
            What::Filed { action, .. } | What::NotFiled { action, .. } => match self.open(*action)?.filing {
                Some(Filing::Intended(_)) => Ok(()),
                Some(Filing::Filed(_)) => already(*action, "is filed"),
                None => already(*action, "is not being filed"),
            },
            _ => Ok(()),
        }
    }

    /// Takes in what was admitted.
    pub fn apply(&mut self, what: &What, at: Timestamp) {
        match what {
            What::Planned { action } => {
                self.0.push(Planned { action: action.clone(), at, filing: None, closed: None });
            }
            What::Closed { action, evidence } => {
                self.change(*action, |planned| planned.closed = Some((at, evidence.clone())));
            }
            What::Filing { order } => {
                let filing = Some(Filing::Intended(order.clone()));
                self.change(order.key.action, |planned| planned.filing = filing);
            }
            What::Filed { action, item } => {
                self.change(*action, |planned| planned.filing = Some(Filing::Filed(item.clone())));
            }
            What::NotFiled { action, .. } => self.change(*action, |planned| planned.filing = None),
            _ => {}
        }
    }

    fn open(&self, number: u32) -> Result<&Planned, Refused> {
        match place(number).and_then(|place| self.0.get(place)) {
            None => Err(Refused::NoSuchAction { number }),
            Some(Planned { closed: Some(_), .. }) => {
                Err(Refused::Already { what: format!("action {number} is done") })
            }
            Some(planned) => Ok(planned),
        }
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Planned)) {
        if let Some(planned) = place(number).and_then(|place| self.0.get_mut(place)) {
            change(planned);
        }
    }
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

fn blank(text: &Untrusted<String>) -> bool {
    text.as_raw_str().trim().is_empty()
}
