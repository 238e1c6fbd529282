//! Why an entry is refused.

use super::command::{Breach, Role};
use super::mitigation::Inadmissible;
use crate::ids::IssueId;

/// Why an entry is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// An incident is declared once, first.
    #[error("an incident begins with its declaration, and has only one")]
    Declaration,
    /// It is over.
    #[error("it is resolved; declare a new incident when the impact is back")]
    Over,
    /// Only the commander lowers severity.
    #[error("severity falls only by the commander{}", .commander.as_ref().map(|who| format!(", who is {who}")).unwrap_or_default())]
    NotTheCommander {
        /// Who is.
        commander: Option<String>,
    },
    /// A rule of command.
    #[error("{0}")]
    Breach(Breach),
    /// Nothing would change.
    #[error("{what} already")]
    Already {
        /// What is so.
        what: String,
    },
    /// The issue does not belong to it.
    #[error("issue {issue} does not belong to it; add it first")]
    NoSuchIssue {
        /// The issue.
        issue: IssueId,
    },
    /// Nobody could ever tell whether it is done.
    #[error("an action needs {what}")]
    Lint {
        /// What it lacks.
        what: &'static str,
    },
    /// It cannot be said of a trial.
    #[error(transparent)]
    Mitigation(#[from] Inadmissible),
    /// No hypothesis stands there.
    #[error("entry {entry} is no hypothesis; `orderly incident timeline` numbers the entries")]
    NoHypothesis {
        /// The number of the entry.
        entry: u32,
    },
    /// There is no such action.
    #[error("it has no action {number}")]
    NoSuchAction {
        /// Its number.
        number: u32,
    },
    /// Others read where it would be told.
    #[error("it is restricted; it is told in restricted channels alone")]
    Restricted,
    /// Nobody can take a role over that nobody has.
    #[error("nobody is {}; assign the role instead", .role.title())]
    Vacant {
        /// The role.
        role: Role,
    },
}
