//! The invariants, checked by a second bookkeeping that shares nothing with the code that should keep them. It is part
//! of release builds: a machine that would break one stops with [`Invalid`] before the effect leaves.

use super::effect::{Effect, Event};
use super::journal::{JournalEntry, Stage, Work};
use super::outcome::Outcome;
use super::reply::CreateReply;
use crate::answer::Looked;
use crate::ids::{Digest, IssueId, TrackKey};
use std::collections::{BTreeMap, BTreeSet};

/// Something that must never happen. It is a fault of Orderly, not of a user or a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Two decisions about one thing.
    #[error("the plan holds two decisions about issue {0}")]
    TwoDecisions(IssueId),
    /// A decision or an open entry belongs to another backlog.
    #[error("issue {0} belongs to another Sentry or organization than the plan")]
    OutOfScope(IssueId),
    /// A creation without a proof of absence.
    #[error("a creation for issue {0} has no proof that the issue is tracked nowhere")]
    NoProof(IssueId),
    /// A creation whose id is not the derived one (I1).
    #[error("a creation for issue {0} does not carry the derived id")]
    WrongId(IssueId),
    /// A creation whose intent is not durable (I1).
    #[error("a creation for issue {0} would leave before its intent is durable")]
    NotDurable(IssueId),
    /// A creation is repeated without a look at what became of the last one (I1).
    #[error("a creation for issue {0} would be repeated without looking what became of the last one")]
    NotLooked(IssueId),
    /// A creation whose bytes are not the approved ones (I7).
    #[error("a creation for issue {0} differs from what was approved")]
    OtherBytes(IssueId),
    /// More attempts than the cap (I3).
    #[error("attempt {attempt} of a run whose cap is {cap}")]
    CapPassed {
        /// The attempt.
        attempt: u32,
        /// The cap.
        cap: u32,
    },
    /// A write after the ledger or the lease was lost.
    #[error("a request for issue {0} would leave after the ledger or the lease was lost")]
    AfterHalt(IssueId),
    /// The end of a run that forgets a decision (I2).
    #[error("the run would end with issue {0} neither at its end nor left open with a reason")]
    Forgotten(IssueId),
    /// Nothing is awaited and nothing asked for, and the run is not at its end.
    #[error("the run stands still before its end")]
    Stalled,
    /// An answer to nothing that was asked.
    #[error("an answer for {0} arrived that nobody asked for")]
    Unasked(String),
}

/// The second bookkeeping.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    cap: u32,
    attempts: u32,
    halted: bool,
    approved: BTreeMap<TrackKey, Digest>,
    storing: BTreeMap<TrackKey, JournalEntry>,
    durable: BTreeMap<TrackKey, JournalEntry>,
    unclear: BTreeSet<TrackKey>,
}

impl Guard {
    pub(super) fn new(cap: u32, approved: BTreeMap<TrackKey, Digest>, open: &[JournalEntry]) -> Self {
        let unclear = open.iter().filter(|entry| entry.attempts > 0).map(|entry| entry.key.clone()).collect();
        let durable = open.iter().map(|entry| (entry.key.clone(), entry.clone())).collect();
        Self { cap, attempts: 0, halted: false, approved, storing: BTreeMap::new(), durable, unclear }
    }

    /// Lets an effect leave, or not.
    pub(super) fn admit(&mut self, effect: &Effect) -> Result<(), Invalid> {
        match effect {
            Effect::Store { entry } => {
                self.still_running(&entry.key)?;
                self.storing.insert(entry.key.clone(), entry.clone());
            }
            Effect::Create { order, proof } => {
                let key = &order.key;
                self.still_running(key)?;
                if proof.key() != key {
                    return Err(Invalid::NoProof(key.issue));
                }
                if order.item != key.item_id() || order.attach.item != order.item {
                    return Err(Invalid::WrongId(key.issue));
                }
                let durable = self.durable.get(key).is_some_and(|entry| {
                    entry.stage == Stage::Sent
                        && matches!(&entry.work, Work::Create { order: kept } if kept == order)
                });
                if !durable {
                    return Err(Invalid::NotDurable(key.issue));
                }
                if self.approved.get(key) != Some(&order.payload()) {
                    return Err(Invalid::OtherBytes(key.issue));
                }
                if !self.unclear.insert(key.clone()) {
                    return Err(Invalid::NotLooked(key.issue));
                }
                self.attempt()?;
            }
            Effect::Comment { key, .. } => {
                self.still_running(key)?;
                self.attempt()?;
            }
            Effect::Read { key, .. }
            | Effect::Attach { key, .. }
            | Effect::Move { key, .. }
            | Effect::Relate { key, .. }
            | Effect::LinkBack { key, .. }
            | Effect::Wait { key, .. } => self.still_running(key)?,
            Effect::RenewLease => {}
            Effect::Finish(outcome) => self.complete(outcome)?,
        }
        Ok(())
    }

    /// Takes note of what the world did.
    pub(super) fn observe(&mut self, event: &Event) {
        match event {
            Event::Stored { key, answer: Ok(()) } => {
                if let Some(entry) = self.storing.remove(key) {
                    self.durable.insert(key.clone(), entry);
                }
            }
            Event::Stored { answer: Err(_), .. } | Event::LeaseRenewed { answer: Err(_) } => {
                self.halted = true;
            }
            Event::Read { key, answer: Looked::Saw(None) } => {
                self.unclear.remove(key);
            }
            Event::CreateReplied { key, reply } => {
                let clear = match reply {
                    CreateReply::Created(_)
                    | CreateReply::Refused(_)
                    | CreateReply::Denied(_)
                    | CreateReply::RateLimited { .. } => true,
                    CreateReply::OtherId(_) | CreateReply::Conflict | CreateReply::Unknown(_) => false,
                };
                if clear {
                    self.unclear.remove(key);
                }
            }
            Event::Read { .. }
            | Event::Wrote { .. }
            | Event::LinkedBack { .. }
            | Event::Waited { .. }
            | Event::LeaseRenewed { answer: Ok(_) }
            | Event::Interrupted => {}
        }
    }

    fn still_running(&self, key: &TrackKey) -> Result<(), Invalid> {
        if self.halted { Err(Invalid::AfterHalt(key.issue)) } else { Ok(()) }
    }

    fn attempt(&mut self) -> Result<(), Invalid> {
        self.attempts += 1;
        if self.attempts > self.cap {
            return Err(Invalid::CapPassed { attempt: self.attempts, cap: self.cap });
        }
        Ok(())
    }

    /// Every decision is at its end and recorded as such, or is left open with a reason.
    fn complete(&self, outcome: &Outcome) -> Result<(), Invalid> {
        for ended in &outcome.ended {
            let key = &ended.entry.key;
            let kept = self.durable.get(key).is_some_and(|entry| *entry == ended.entry);
            if ended.left.is_none() && !(kept && ended.entry.is_closed()) {
                return Err(Invalid::Forgotten(key.issue));
            }
        }
        let known: BTreeSet<_> = outcome.ended.iter().map(|ended| &ended.entry.key).collect();
        let open = self.durable.iter().find(|(key, entry)| !entry.is_closed() && !known.contains(key));
        open.map_or(Ok(()), |(key, _)| Err(Invalid::Forgotten(key.issue)))
    }
}
