//! Approval: the only maker of [`Approved`] plans. Applying takes one, so nothing is written that was not checked here.

mod moved;
#[cfg(test)]
mod tests;

pub use moved::{Moved, Stale};

use crate::ids::{IssueId, ShortId};
use crate::sync::plan::{CreateOrder, Decision, Entry, PLAN_VERSION, Plan};
use crate::time::Now;
use crate::tracked::AbsenceProof;
use std::collections::BTreeMap;

/// A value that passed approval. Only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved<T> {
    value: T,
    proofs: BTreeMap<IssueId, AbsenceProof>,
}

impl<T> Approved<T> {
    /// What was approved.
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// The proof that an issue is tracked nowhere: there is one for every creation.
    pub fn proof(&self, issue: IssueId) -> Option<&AbsenceProof> {
        self.proofs.get(&issue)
    }

    /// All proofs.
    pub const fn proofs(&self) -> &BTreeMap<IssueId, AbsenceProof> {
        &self.proofs
    }
}

/// Why a plan is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was stored by another version.
    #[error(
        "the plan has version {found} and this Orderly applies version {known}: make a new one with `orderly sync --save-plan`"
    )]
    Version {
        /// Version of the plan.
        found: u32,
        /// Version that is known.
        known: u32,
    },
    /// It writes more than its cap allows.
    #[error(
        "the plan would write {writes} items and its cap is {cap}: make a new one with `orderly sync --save-plan`"
    )]
    OverCap {
        /// Creations and updates.
        writes: usize,
        /// The cap.
        cap: u32,
    },
    /// One issue stands in it twice.
    #[error("the plan names {issue} twice: make a new one with `orderly sync --save-plan`")]
    Twice {
        /// The issue.
        issue: ShortId,
    },
    /// A creation is not covered by six absent answers, or its order is not for its issue.
    #[error(
        "the plan would create an item for {issue}, but {why}: make a new one with `orderly sync --save-plan`"
    )]
    Unproven {
        /// The issue.
        issue: ShortId,
        /// What is wrong.
        why: &'static str,
    },
    /// The world is not the one it was made for.
    #[error(transparent)]
    Stale(#[from] Stale),
}

/// Approves a plan that was just made.
///
/// # Errors
/// Names what no plan of this version may hold.
pub fn fresh(plan: Plan) -> Result<Approved<Plan>, Refused> {
    check_shape(&plan, plan.cap)?;
    let proofs =
        plan.entries.iter().filter_map(|entry| prove(entry, entry).transpose()).collect::<Result<_, _>>()?;
    Ok(Approved { value: plan, proofs })
}

/// Approves a saved plan against one made now from fresh answers. The saved bytes are what is sent; counts may have
/// grown, everything that decides must be as it was. What an earlier try at the same plan already wrote is not done
/// again: such an entry is taken from the fresh plan.
///
/// # Errors
/// [`Refused::Stale`] lists all that moved; the others name what no plan of this version may hold.
pub fn saved(saved: Plan, fresh: &Plan, now: Now) -> Result<Approved<Plan>, Refused> {
    check_shape(&saved, fresh.cap)?;
    let moved = moved::between(&saved, fresh, now);
    if !moved.is_empty() {
        return Err(Stale { moved }.into());
    }
    let mut plan = saved;
    let mut proofs = BTreeMap::new();
    for entry in &mut plan.entries {
        let Some(seen) = fresh.entries.iter().find(|e| e.issue.id == entry.issue.id) else { continue };
        if moved::is_done(entry, seen) {
            *entry = seen.clone();
        } else if let Some((issue, proof)) = prove(entry, seen)? {
            proofs.insert(issue, proof);
        }
    }
    Ok(Approved { value: plan, proofs })
}

fn check_shape(plan: &Plan, cap: u32) -> Result<(), Refused> {
    if plan.version != PLAN_VERSION {
        return Err(Refused::Version { found: plan.version, known: PLAN_VERSION });
    }
    let writes = plan.entries.iter().filter(|e| e.decision.counts()).count();
    if writes > cap as usize {
        return Err(Refused::OverCap { writes, cap });
    }
    let mut seen = std::collections::BTreeSet::new();
    match plan.entries.iter().find(|entry| !seen.insert(entry.issue.id)) {
        Some(entry) => Err(Refused::Twice { issue: entry.issue.short_id.clone() }),
        None => Ok(()),
    }
}

/// The token for a creation, from the record of fresh looks.
fn prove(entry: &Entry, seen: &Entry) -> Result<Option<(IssueId, AbsenceProof)>, Refused> {
    let Decision::Create { order } = &entry.decision else { return Ok(None) };
    let unproven = |why| Refused::Unproven { issue: entry.issue.short_id.clone(), why };
    if !is_for(order, entry.issue.id) {
        return Err(unproven("its id is not the one derived from the issue"));
    }
    let proof = seen.proof.absence(&order.key).ok_or_else(|| unproven("not every prover found it absent"))?;
    Ok(Some((entry.issue.id, proof)))
}

fn is_for(order: &CreateOrder, issue: IssueId) -> bool {
    order.key.issue == issue && order.item == order.key.item_id() && order.attach.item == order.item
}
