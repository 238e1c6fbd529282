//! The life of one decision, from intent to end. A task knows nothing of its neighbours but what [`Shared`] says.

use super::budget::{Attempt, Budget};
use super::effect::{Effect, Step};
use super::journal::{Failure, JournalEntry, Stage, Work};
use super::outcome::{Did, Ended, LeftOpen, Stop};
use super::steps::{Steps, Turn};
use crate::ids::{RunId, TrackKey};
use crate::sync::plan::CreateOrder;
use crate::time::{Seconds, Timestamp};
use crate::tracked::AbsenceProof;
use std::collections::{BTreeMap, BTreeSet};

mod hear;

/// Creation requests a run sends for one decision.
const SENDS_A_RUN: u32 = 3;
/// Creation requests over all runs before a decision is given up, by name.
const SENDS_EVER: u32 = 12;
/// Reads in a row that may stay without a usable answer.
const LOOKS: u32 = 3;
/// Pause before a look after an unknown outcome: a request that is on its way may still arrive.
const PAUSE: Seconds = Seconds(2);

/// What all tasks of a run share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) run: RunId,
    pub(super) budget: Budget,
    /// The ledger or the lease is gone: nothing may be asked for any more.
    pub(super) halt: Option<Stop>,
    /// A person asked to stop: what is known is still recorded, nothing new is sent.
    pub(super) interrupted: bool,
    /// The tracker asked to slow down.
    pub(super) rate_limited: Option<Option<Timestamp>>,
    /// Teams, by tracker id, for which a creation was denied.
    pub(super) denied: BTreeMap<String, String>,
    /// The tracker gave an item an id of its own.
    pub(super) ids_ignored: bool,
    /// Every decision of the run is in the journal; only then may the first request leave.
    pub(super) all_intended: bool,
}

/// What a task is after.
#[derive(Clone, Debug)]
pub(super) enum Goal {
    /// Create the item of `entry.work`.
    Create(AbsenceProof),
    /// Find out what became of a creation that this plan does not repeat.
    Settle(Otherwise),
    /// Do what remains on an item that exists.
    Carry,
}

/// What becomes of an unsettled creation whose item does not exist.
#[derive(Clone, Debug)]
pub(super) enum Otherwise {
    /// It ends, for this reason.
    Close(String),
    /// It stays open.
    Keep(LeftOpen),
    /// Another decision about the same issue takes its place.
    Replace(Box<JournalEntry>),
}

/// Where a task begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// The entry is not in the journal yet.
    Fresh,
    /// The journal holds the entry; the world may have moved since.
    Resumed,
    /// Only the end is to be recorded.
    Closing,
}

#[derive(Clone, Debug)]
enum Phase {
    Intend,
    Intended,
    Look(After),
    Pause(Seconds, Box<Phase>),
    Ready,
    Mark,
    Send,
    Confirm,
    Steps(Steps),
    Close,
    Over,
}

/// What made a look necessary.
#[derive(Clone, Debug)]
enum After {
    Resume,
    Conflict,
    Unknown,
}

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ask {
    Store,
    Read,
    Create,
    Wait,
    Step(Step),
}

/// One decision on its way.
#[derive(Clone, Debug)]
pub(super) struct Task {
    entry: JournalEntry,
    goal: Goal,
    begin: Begin,
    phase: Phase,
    asked: BTreeSet<Ask>,
    set_aside: bool,
    sends: u32,
    looks: u32,
    no_answer: Option<String>,
    did: Did,
    left: Option<LeftOpen>,
}

impl Task {
    pub(super) fn new(entry: JournalEntry, goal: Goal, begin: Begin) -> Self {
        let set_aside = begin != Begin::Closing
            && match &goal {
                Goal::Create(_) => true,
                Goal::Settle(_) => false,
                Goal::Carry => matches!(entry.work, Work::Update { .. }) && entry.stage != Stage::Done,
            };
        let phase = match begin {
            Begin::Fresh => Phase::Intend,
            Begin::Resumed => Phase::Intended,
            Begin::Closing => Phase::Close,
        };
        Self {
            entry,
            goal,
            begin,
            phase,
            asked: BTreeSet::new(),
            set_aside,
            sends: 0,
            looks: 0,
            no_answer: None,
            did: Did::Nothing,
            left: None,
        }
    }

    pub(super) const fn key(&self) -> &TrackKey {
        &self.entry.key
    }

    /// What it may send, if it is to create.
    pub(super) const fn creates(&self) -> Option<&CreateOrder> {
        match (&self.goal, &self.entry.work) {
            (Goal::Create(_), Work::Create { order }) => Some(order),
            _ => None,
        }
    }

    /// Whether an attempt of the cap is set aside for it.
    pub(super) const fn wants_attempt(&self) -> bool {
        self.set_aside
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.asked.is_empty()
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    pub(super) const fn is_intended(&self) -> bool {
        !matches!(self.phase, Phase::Intend)
    }

    pub(super) const fn has_begun(&self) -> bool {
        !matches!(self.phase, Phase::Intend | Phase::Intended)
    }

    pub(super) fn ended(&self) -> Ended {
        Ended { entry: self.entry.clone(), did: self.did, left: self.left.clone() }
    }

    /// What is to be asked for next; nothing while an answer is awaited, or when it is not this task's turn yet.
    pub(super) fn next(&mut self, shared: &mut Shared) -> Vec<Effect> {
        while self.asked.is_empty() && !self.is_over() {
            if shared.halt.is_some() {
                self.leave(LeftOpen::Stopped, shared);
                break;
            }
            if matches!(self.phase, Phase::Intended) && !shared.all_intended {
                break;
            }
            let effects = self.advance(shared);
            if !effects.is_empty() {
                return effects;
            }
        }
        Vec::new()
    }

    fn advance(&mut self, shared: &mut Shared) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Intend | Phase::Confirm | Phase::Close => self.store(shared),
            Phase::Steps(steps) => match steps.next(&self.entry, shared, &mut self.set_aside) {
                Turn::Ask(asked) => {
                    asked.into_iter().map(|(step, effect)| self.ask(Ask::Step(step), effect)).collect()
                }
                Turn::Pause(length) => {
                    let then = Phase::Steps(steps.clone());
                    self.pause(length, then);
                    Vec::new()
                }
                Turn::Over(verdict) => {
                    let (did, left) = verdict.record(&mut self.entry);
                    self.did = if self.did == Did::Nothing { did } else { self.did };
                    self.left = left;
                    self.phase = Phase::Close;
                    Vec::new()
                }
            },
            Phase::Pause(_, then) if shared.interrupted && matches!(**then, Phase::Steps(_)) => {
                self.phase = (**then).clone();
                Vec::new()
            }
            _ if shared.interrupted => {
                self.leave(LeftOpen::Stopped, shared);
                Vec::new()
            }
            Phase::Intended => {
                self.phase = match (self.begin, &self.goal) {
                    (Begin::Resumed, _) => Phase::Look(After::Resume),
                    (_, Goal::Carry) => Phase::Steps(Steps::of(&self.entry)),
                    _ => Phase::Ready,
                };
                Vec::new()
            }
            Phase::Look(_) => {
                if shared.rate_limited.is_some() {
                    self.leave(LeftOpen::RateLimited, shared);
                    return Vec::new();
                }
                let effect = Effect::Read { key: self.entry.key.clone(), item: self.entry.work.item_id() };
                vec![self.ask(Ask::Read, effect)]
            }
            Phase::Pause(length, _) => {
                let effect = Effect::Wait { key: self.entry.key.clone(), length: *length };
                vec![self.ask(Ask::Wait, effect)]
            }
            Phase::Ready => self.mark(shared),
            // Neighbours may have learned something since the attempt was recorded.
            Phase::Send if shared.rate_limited.is_some() => {
                self.leave(LeftOpen::RateLimited, shared);
                Vec::new()
            }
            Phase::Send if shared.ids_ignored => {
                self.leave(LeftOpen::IdsIgnored, shared);
                Vec::new()
            }
            Phase::Send => match (&self.goal, &self.entry.work) {
                (Goal::Create(proof), Work::Create { order }) => {
                    let effect = Effect::Create { order: order.clone(), proof: proof.clone() };
                    vec![self.ask(Ask::Create, effect)]
                }
                _ => self.stuck(shared),
            },
            Phase::Mark | Phase::Over => self.stuck(shared),
        }
    }

    /// No path leads here; should one ever, the decision is left open rather than turned in circles.
    fn stuck(&mut self, shared: &mut Shared) -> Vec<Effect> {
        self.leave(LeftOpen::Stopped, shared);
        Vec::new()
    }

    /// Pays for an attempt and has it recorded before it is made.
    fn mark(&mut self, shared: &mut Shared) -> Vec<Effect> {
        let Work::Create { order } = &self.entry.work else {
            self.phase = Phase::Steps(Steps::of(&self.entry));
            return Vec::new();
        };
        if let Some(why) = shared.denied.get(&order.team_id) {
            let why = format!("not sent, because another creation for this team was denied: {why}");
            self.fail(Failure::Denied(why), shared);
        } else if shared.ids_ignored {
            self.leave(LeftOpen::IdsIgnored, shared);
        } else if shared.rate_limited.is_some() {
            self.leave(LeftOpen::RateLimited, shared);
        } else if self.entry.attempts >= SENDS_EVER {
            let why = format!(
                "{} attempts without an answer; the item was absent at the last look",
                self.entry.attempts
            );
            self.fail(Failure::NoAnswer(why), shared);
        } else if self.sends >= SENDS_A_RUN {
            self.leave(self.unknown(), shared);
        } else {
            let attempt = if self.set_aside { Attempt::First } else { Attempt::Repeat };
            self.set_aside = false;
            if shared.budget.pay(attempt) {
                self.sends += 1;
                self.entry.attempts += 1;
                self.entry.stage = Stage::Sent;
                self.phase = Phase::Mark;
                return self.store(shared);
            }
            let cap = shared.budget.cap();
            self.leave(
                if attempt == Attempt::First { LeftOpen::CapReached { cap } } else { self.unknown() },
                shared,
            );
        }
        Vec::new()
    }

    fn unknown(&self) -> LeftOpen {
        let why = self.no_answer.as_deref().unwrap_or("no answer");
        LeftOpen::Unknown(format!("attempt {} in this run: {why}", self.sends))
    }

    fn store(&mut self, shared: &Shared) -> Vec<Effect> {
        self.entry.run = shared.run.clone();
        let effect = Effect::Store { entry: self.entry.clone() };
        vec![self.ask(Ask::Store, effect)]
    }

    fn ask(&mut self, ask: Ask, effect: Effect) -> Effect {
        self.asked.insert(ask);
        effect
    }

    fn pause(&mut self, length: Seconds, then: Phase) {
        self.phase = Phase::Pause(length, Box::new(then));
    }

    fn fail(&mut self, failure: Failure, shared: &mut Shared) {
        self.forgo(shared);
        self.entry.stage = Stage::Failed(failure);
        self.phase = Phase::Close;
    }

    fn leave(&mut self, why: LeftOpen, shared: &mut Shared) {
        self.forgo(shared);
        self.left = Some(why);
        self.phase = Phase::Over;
    }

    fn forgo(&mut self, shared: &mut Shared) {
        if self.set_aside {
            self.set_aside = false;
            shared.budget.forgo();
        }
    }

    fn name(&self) -> String {
        format!("{} of {}", self.entry.key.issue, self.entry.key.team)
    }
}
