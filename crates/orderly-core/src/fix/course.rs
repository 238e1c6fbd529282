//! What is to be done about a crash at all, before anybody is asked for a change.

use super::ignore::Proposal;
use crate::diagnose::Diagnosis;
use crate::ids::{CommitId, IssueId};
use crate::locate::{Location, OnHead};
use crate::scrub::Scrubber;

/// A course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// Repair it.
    Repair,
    /// Nothing: a commit since the crash changed the line.
    AlreadyFixed {
        /// The commit.
        by: CommitId,
        /// What history says.
        reason: String,
    },
    /// Nothing in this code: ignore it, if a person agrees.
    Ignore(Proposal),
}

/// Chooses it.
pub fn course(issue: IssueId, diagnosis: &Diagnosis, location: &Location, scrubber: &Scrubber) -> Course {
    if let Some(proposal) = Proposal::of(issue, diagnosis, scrubber) {
        return Course::Ignore(proposal);
    }
    let on_head = location.on_head();
    let reason = on_head.to_string();
    match on_head {
        OnHead::Changed { by, .. } => Course::AlreadyFixed { by, reason },
        _ => Course::Repair,
    }
}
