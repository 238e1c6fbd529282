//! Decisions made before.

use orderly_core::sync::approve::Approved;
use orderly_core::sync::plan::Plan;
use orderly_core::sync::snapshot::Snapshot;

/// Decisions made before, under one policy: a decision over an equal snapshot is the same decision, so it is made once.
#[derive(Debug, Default)]
pub struct Memo(Vec<(Snapshot, Approved<Plan>)>);

impl Memo {
    /// The decision over a snapshot, if it was made before.
    pub fn find(&self, snapshot: &Snapshot) -> Option<&Approved<Plan>> {
        self.0.iter().rev().find(|(seen, _)| seen == snapshot).map(|(_, plan)| plan)
    }

    /// Keeps a decision; the oldest ones go.
    pub fn keep(&mut self, snapshot: Snapshot, plan: Approved<Plan>) {
        if self.0.len() == 64 {
            self.0.drain(..32);
        }
        self.0.push((snapshot, plan));
    }
}
