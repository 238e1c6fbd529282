//! A commit that is made: Sentry is told issue by issue, and then it is known how the case ends.

use super::case::{Case, End, Stage, Told};
use super::disposition::{Disposition, Resolution};
use super::policy::FixPolicy;
use super::proof::{Arrived, prove};
use super::receipt::Receipt;
use crate::ids::{CommitId, IssueId};

/// A commit that is made.
pub(super) struct Landed {
    pub(super) branch: String,
    pub(super) commit: CommitId,
    pub(super) receipt: Receipt,
    pub(super) files: Vec<String>,
}

/// Fixed: what Sentry was told of is known, and `rest` is what became of the other issues.
pub(super) fn fixed(case: &Case, landed: Landed, told: &[Told], rest: &Resolution) -> Stage {
    let Landed { branch, commit, receipt, files } = landed;
    let of =
        |issue| told.iter().find(|told| told.issue == issue).map_or(rest, |told| &told.resolution).clone();
    let related =
        case.related.iter().map(|related| Told { issue: related.issue, resolution: of(related.issue) });
    let disposition = Disposition::Fixed { commit, branch, resolution: of(case.key.issue) };
    Stage::Closing { end: End { disposition, receipt: Some(receipt), files, related: related.collect() } }
}

/// The first issue that Sentry was not told of.
pub(super) fn untold(case: &Case, told: &[Told]) -> Option<IssueId> {
    case.issues().find(|issue| told.iter().all(|told| told.issue != *issue))
}

/// On to telling Sentry, if there is a proof for it.
pub(super) fn arrive(case: &Case, resolving: Stage, policy: &FixPolicy) -> Stage {
    let Stage::Resolving { receipt, arrived, files, told } = &resolving else { return resolving };
    match prove(case.key.issue, &case.plan, arrived, receipt, &policy.branches) {
        Ok(_) => resolving,
        Err(unproven) => {
            let Arrived { branch, commit, .. } = arrived.clone();
            let landed = Landed { branch, commit, receipt: receipt.clone(), files: files.clone() };
            fixed(case, landed, told, &Resolution::Waits { reason: unproven.to_string() })
        }
    }
}

/// On to the next issue, or to the end.
pub(super) fn tell(
    case: &Case,
    receipt: Receipt,
    arrived: Arrived,
    files: Vec<String>,
    mut told: Vec<Told>,
    resolution: Resolution,
) -> Stage {
    told.extend(untold(case, &told).map(|issue| Told { issue, resolution: resolution.clone() }));
    if untold(case, &told).is_some() {
        return Stage::Resolving { receipt, arrived, files, told };
    }
    let landed = Landed { branch: arrived.branch, commit: arrived.commit, receipt, files };
    fixed(case, landed, &told, &resolution)
}
