//! Which issues of an applied run are remembered as reported, so that the cooldown holds them back while nothing
//! changes. A decision that waits for the next run is not.

use super::journal::{Failure, Stage};
use super::outcome::Outcome;
use crate::ids::IssueId;
use crate::sync::plan::{Decision, Plan, PreparedBecause};
use crate::sync::snapshot::LastReport;
use crate::time::Now;
use std::collections::BTreeMap;

/// The reports to remember after a run.
pub fn reported(plan: &Plan, outcome: &Outcome, now: Now) -> BTreeMap<IssueId, LastReport> {
    let settled = |issue: IssueId| {
        let mut ended = outcome.ended.iter().filter(|ended| ended.entry.key.issue == issue).peekable();
        ended.peek().is_some()
            && ended.all(|ended| match &ended.entry.stage {
                // With other credentials it may go through at once.
                Stage::Failed(Failure::Denied(_) | Failure::NoAnswer(_)) => false,
                _ => ended.left.is_none(),
            })
    };
    let remembers = |decision: &Decision, issue| match decision {
        Decision::Create { .. } | Decision::Link { .. } | Decision::Update { .. } => settled(issue),
        Decision::Tracked { .. } => true,
        Decision::Prepare {
            because: PreparedBecause::PossibleDuplicate { .. } | PreparedBecause::Alike { .. },
            ..
        } => true,
        Decision::Prepare { .. } => false,
    };
    let entries = plan.entries.iter().filter(|entry| remembers(&entry.decision, entry.issue.id));
    entries.map(|entry| (entry.issue.id, LastReport { at: now.0, content: entry.content.clone() })).collect()
}
