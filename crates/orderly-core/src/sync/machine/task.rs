//! The life of one decision, from intent to end. A task knows nothing of its neighbours but what [`Shared`] says.

use super::budget::{Attempt, Budget};
use super::effect::{Effect, Event, Step, StoreFailure};
use super::guard::Invalid;
use super::journal::{Failure, JournalEntry, Stage, Work};
use super::outcome::{Did, Ended, LeftOpen, Stop};
use super::recognise::{Sighting, declined, recognise};
use super::reply::CreateReply;
use super::steps::{Steps, Turn};
use crate::answer::{Cause, Looked};
use crate::ids::{RunId, TrackKey};
use crate::sync::plan::CreateOrder;
use crate::sync::snapshot::TrackedItem;
use crate::time::{Seconds, Timestamp};
use crate::tracked::AbsenceProof;
use std::collections::{BTreeMap, BTreeSet};

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

    /// Takes an answer in.
    pub(super) fn hear(&mut self, event: Event, shared: &mut Shared) -> Result<(), Invalid> {
        let ask = match &event {
            Event::Stored { .. } => Ask::Store,
            Event::Read { .. } => Ask::Read,
            Event::CreateReplied { .. } => Ask::Create,
            Event::Waited { .. } => Ask::Wait,
            Event::Wrote { step, .. } => Ask::Step(*step),
            Event::LinkedBack { .. } => Ask::Step(Step::LinkBack),
            Event::LeaseRenewed { .. } | Event::Interrupted => return Err(Invalid::Unasked(self.name())),
        };
        if !self.asked.remove(&ask) {
            return Err(Invalid::Unasked(self.name()));
        }
        match event {
            Event::Stored { answer: Ok(()), .. } => self.stored(),
            Event::Stored { answer: Err(failure), .. } => self.not_stored(failure, shared),
            Event::Read { answer, .. } => self.read(answer, shared),
            Event::CreateReplied { reply, .. } => self.replied(reply, shared),
            Event::Waited { .. } => {
                if let Phase::Pause(_, then) = &self.phase {
                    self.phase = (**then).clone();
                }
            }
            Event::Wrote { step, reply, .. } => {
                if let Phase::Steps(steps) = &mut self.phase {
                    steps.wrote(step, reply, shared);
                }
            }
            Event::LinkedBack { answer, .. } => {
                if let Phase::Steps(steps) = &mut self.phase {
                    steps.linked_back(answer);
                }
            }
            Event::LeaseRenewed { .. } | Event::Interrupted => {}
        }
        Ok(())
    }

    fn stored(&mut self) {
        self.phase = match self.phase {
            Phase::Intend => Phase::Intended,
            Phase::Mark => Phase::Send,
            Phase::Confirm => Phase::Steps(Steps::of(&self.entry)),
            _ => Phase::Over,
        };
    }

    fn not_stored(&mut self, failure: StoreFailure, shared: &mut Shared) {
        shared.halt.get_or_insert(match failure {
            StoreFailure::LeaseLost { holder } => Stop::LeaseLost { holder },
            StoreFailure::Failed(why) => Stop::LedgerFailed(why),
        });
        self.leave(LeftOpen::Stopped, shared);
    }

    fn replied(&mut self, reply: CreateReply, shared: &mut Shared) {
        match reply {
            CreateReply::Created(item) if item.id == self.entry.work.item_id() => {
                self.entry.item = Some(item);
                self.entry.stage = Stage::Exists;
                self.did = Did::Created;
                self.phase = Phase::Confirm;
            }
            CreateReply::Created(item) | CreateReply::OtherId(item) => {
                shared.ids_ignored = true;
                let why = format!(
                    "the tracker made {} under an id of its own, so it cannot be told apart from a repeat",
                    item.key
                );
                self.entry.item = Some(item);
                self.did = Did::Created;
                self.fail(Failure::IdIgnored(why), shared);
            }
            CreateReply::Conflict => self.phase = Phase::Look(After::Conflict),
            CreateReply::Refused(why) => self.fail(Failure::Refused(why), shared),
            CreateReply::Denied(why) => {
                if let Work::Create { order } = &self.entry.work {
                    shared.denied.insert(order.team_id.clone(), why.clone());
                }
                self.fail(Failure::Denied(why), shared);
            }
            CreateReply::RateLimited { until } => {
                shared.rate_limited.get_or_insert(until);
                self.leave(LeftOpen::RateLimited, shared);
            }
            CreateReply::Unknown(why) => {
                self.no_answer = Some(why);
                self.pause(PAUSE, Phase::Look(After::Unknown));
            }
        }
    }

    fn read(&mut self, answer: Looked<Option<TrackedItem>>, shared: &mut Shared) {
        let Phase::Look(after) = self.phase.clone() else { return };
        match answer {
            Looked::Saw(Some(item)) => self.found(&item, shared),
            Looked::Saw(None) => self.absent(after, shared),
            Looked::CouldNotLook(Cause::RateLimited) => {
                shared.rate_limited.get_or_insert(None);
                self.leave(LeftOpen::RateLimited, shared);
            }
            Looked::CouldNotLook(cause) => {
                self.look_again(after, LeftOpen::CouldNotRead(cause.to_string()), shared);
            }
        }
    }

    fn found(&mut self, item: &TrackedItem, shared: &mut Shared) {
        self.looks = 0;
        if !matches!(self.entry.work, Work::Create { .. }) {
            return match declined(item) {
                Some(no) => self.fail(Failure::Declined(no), shared),
                None => self.phase = Phase::Steps(Steps::of(&self.entry)),
            };
        }
        match recognise(&self.entry.key, item) {
            Sighting::Ours(item) => {
                self.forgo(shared);
                self.entry.item = Some(item);
                if matches!(self.entry.stage, Stage::Intended | Stage::Sent) {
                    self.entry.stage = Stage::Exists;
                    self.did = Did::Adopted;
                    self.phase = Phase::Confirm;
                } else {
                    self.phase = Phase::Steps(Steps::of(&self.entry));
                }
            }
            Sighting::Declined(no) => self.fail(Failure::Declined(no), shared),
            Sighting::Merged(into) => self.fail(Failure::Superseded(into), shared),
            Sighting::Foreign(why) => self.fail(Failure::ForeignItem(why), shared),
        }
    }

    fn absent(&mut self, after: After, shared: &mut Shared) {
        let was_there = matches!(self.entry.stage, Stage::Exists | Stage::Done)
            || !matches!(self.entry.work, Work::Create { .. });
        if was_there {
            return self.fail(Failure::Declined("the item was deleted for good".to_owned()), shared);
        }
        match (after, &self.goal) {
            (After::Conflict, _) => {
                let why = "the tracker says that the item exists, and does not show it".to_owned();
                self.look_again(After::Conflict, LeftOpen::Unknown(why), shared);
            }
            (_, Goal::Create(_)) => {
                self.looks = 0;
                self.phase = Phase::Ready;
            }
            (_, Goal::Settle(Otherwise::Close(why))) => self.fail(Failure::Superseded(why.clone()), shared),
            (_, Goal::Settle(Otherwise::Keep(why))) => self.leave(why.clone(), shared),
            (_, Goal::Settle(Otherwise::Replace(entry))) => {
                self.entry = (**entry).clone();
                self.goal = Goal::Carry;
                self.begin = Begin::Fresh;
                self.phase = Phase::Intend;
            }
            (_, Goal::Carry) => self.fail(Failure::Declined("the item does not exist".to_owned()), shared),
        }
    }

    fn look_again(&mut self, after: After, otherwise: LeftOpen, shared: &mut Shared) {
        self.looks += 1;
        if self.looks < LOOKS {
            self.pause(PAUSE, Phase::Look(after));
        } else {
            self.leave(otherwise, shared);
        }
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
