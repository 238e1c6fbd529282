//! What an answer changes in the life of a decision.

use super::{After, Ask, Begin, Goal, LOOKS, Otherwise, PAUSE, Phase, Shared, Task};
use crate::answer::{Cause, Looked};
use crate::sync::machine::effect::{Event, Step, StoreFailure};
use crate::sync::machine::guard::Invalid;
use crate::sync::machine::journal::{Failure, Stage, Work};
use crate::sync::machine::outcome::{Did, LeftOpen, Stop};
use crate::sync::machine::recognise::{Sighting, declined, recognise};
use crate::sync::machine::reply::CreateReply;
use crate::sync::machine::steps::Steps;
use crate::sync::snapshot::TrackedItem;

impl Task {
    /// Takes an answer in.
    pub(in crate::sync::machine) fn hear(
        &mut self,
        event: Event,
        shared: &mut Shared,
    ) -> Result<(), Invalid> {
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
}
