//! How much of what strangers send is in memory at once, whoever sends it.
//!
//! Three sums are bounded, and each holder waits for its share:
//! - bytes that are kept of bodies, from their arrival until what they brought is committed ([`Held`]);
//! - JSON while it is a tree, which takes many times its bytes ([`Budget::parse`]);
//! - bodies that unpack ([`Held::short_lane`], [`Held::long_lane`]), because each decoder has a window of its own.
//!
//! Nobody waits for ever: the long lane and the overdraft come with all the memory that one envelope may need, so that
//! their holders go on whatever the others hold.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Bytes of one share.
const SHARE: usize = 4 << 10;

/// Bytes that all bodies together may hold, besides the overdraft and the long lane.
const BODIES: usize = 12 << 20;

/// Bytes that all JSON trees together may take.
pub(super) const TREES: usize = 24 << 20;

/// Small bodies that unpack at the same time.
const SHORT_LANES: usize = 2;

/// Who may hold how much. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    bodies: Arc<Semaphore>,
    overdraft: Arc<Semaphore>,
    trees: Arc<Semaphore>,
    short_lanes: Arc<Semaphore>,
    long_lane: Arc<Semaphore>,
}

/// What one request holds; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Held {
    budget: Budget,
    shares: Option<OwnedSemaphorePermit>,
    /// The overdraft or the long lane: as much as one envelope may need.
    unlimited: Option<OwnedSemaphorePermit>,
}

impl Default for Budget {
    fn default() -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self {
            bodies: semaphore(BODIES / SHARE),
            overdraft: semaphore(1),
            trees: semaphore(TREES / SHARE),
            short_lanes: semaphore(SHORT_LANES),
            long_lane: semaphore(1),
        }
    }
}

impl Budget {
    /// Begins with nothing.
    pub(super) fn hold(&self) -> Held {
        Held { budget: self.clone(), shares: None, unlimited: None }
    }

    /// Waits until JSON trees of so many bytes have room; more than [`TREES`] never have.
    pub(super) async fn parse(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let shares = u32::try_from(bytes.min(TREES).div_ceil(SHARE)).unwrap_or(u32::MAX);
        self.trees.acquire_many(shares).await.ok()
    }
}

impl Held {
    /// Waits until it may hold so many bytes in all.
    pub(super) async fn grow_to(&mut self, bytes: usize) {
        if self.unlimited.is_some() {
            return;
        }
        let has = self.shares.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = bytes.div_ceil(SHARE).saturating_sub(has);
        if more == 0 {
            return;
        }
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let Budget { bodies, overdraft, .. } = &self.budget;
        let shares = match Arc::clone(bodies).try_acquire_many_owned(more) {
            Ok(shares) => Some(shares),
            Err(_) => tokio::select! {
                shares = Arc::clone(bodies).acquire_many_owned(more) => shares.ok(),
                overdraft = Arc::clone(overdraft).acquire_owned() => {
                    self.unlimited = overdraft.ok();
                    None
                }
            },
        };
        match (&mut self.shares, shares) {
            (Some(own), Some(more)) => own.merge(more),
            (own @ None, more) => *own = more,
            (Some(_), None) => {}
        }
    }

    /// Gives back all but so many bytes.
    pub(super) fn shrink_to(&mut self, bytes: usize) {
        if let Some(shares) = &mut self.shares {
            let spare = shares.num_permits().saturating_sub(bytes.div_ceil(SHARE));
            drop(shares.split(spare));
        }
    }

    /// Waits for a place among small bodies that unpack. Keep it for computing only.
    pub(super) async fn short_lane(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.budget.short_lanes).acquire_owned().await.ok()
    }

    /// Waits to be the one large body that unpacks; from then on it need not wait for memory.
    pub(super) async fn long_lane(&mut self) {
        let lane = Arc::clone(&self.budget.long_lane).acquire_owned().await.ok();
        // An overdraft is of no use beside it.
        self.unlimited = lane;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_given_back_others_may_hold() {
        let budget = Budget::default();
        let mut held = budget.hold();
        held.grow_to(10 * SHARE).await;
        held.shrink_to(2 * SHARE + 1);
        assert_eq!(budget.bodies.available_permits(), BODIES / SHARE - 3);
        held.shrink_to(5 * SHARE);
        assert_eq!(budget.bodies.available_permits(), BODIES / SHARE - 3, "it is never more than before");
    }

    #[tokio::test]
    async fn all_together_hold_no_more_than_the_budget_and_one_goes_on_beyond_it() {
        let budget = Budget::default();
        let mut holders = Vec::new();
        for _ in 0..12 {
            let mut held = budget.hold();
            held.grow_to(1000).await;
            held.grow_to(1 << 20).await;
            holders.push(held);
        }
        assert_eq!(budget.bodies.available_permits(), 0);
        let mut beyond = budget.hold();
        beyond.grow_to(3 << 20).await;
        assert_eq!(budget.overdraft.available_permits(), 0);
        let mut waiting = budget.hold();
        tokio::select! {
            biased;
            () = waiting.grow_to(1) => panic!("there was nothing left"),
            () = std::future::ready(()) => {}
        }
        drop(beyond);
        waiting.grow_to(1).await;
        drop((holders, waiting));
        assert_eq!(budget.bodies.available_permits(), BODIES / SHARE);
        assert_eq!(budget.overdraft.available_permits(), 1);
    }
}
