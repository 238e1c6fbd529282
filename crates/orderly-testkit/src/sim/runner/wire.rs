//! Requests on the wire: who carries them out, and what their sender hears.

use super::Runner;
use super::sabotage::alias;
use crate::dice::Dice;
use crate::sim::bugs::Bug;
use crate::sim::network::{Commit, Fate, of_commit, of_read, of_write};
use crate::sim::surroundings::World;
use crate::world::at;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{ItemId, TrackKey};
use orderly_core::sync::machine::{CreateReply, Effect, Event, Step, StoreFailure, WriteReply};
use orderly_core::sync::snapshot::{Presence, TrackedItem};

impl Runner {
    /// The world carries out one request, as the network lets it.
    pub(super) fn serve(&mut self, effect: Effect, world: &mut World, dice: &mut dyn Dice) -> Event {
        let Some(run) = &self.run else { return Event::Interrupted };
        let weather = world.weather();
        match effect {
            Effect::Store { entry } => {
                let key = entry.key.clone();
                let fate = of_commit(&weather, dice);
                let failed = || StoreFailure::Failed("connection lost".to_owned());
                let answer = match fate {
                    _ if self.has(Bug::SkipIntent) && !entry.is_closed() => Ok(()),
                    Commit::Failed if self.has(Bug::IgnoreLedgerFailure) => Ok(()),
                    Commit::Failed => Err(failed()),
                    Commit::Kept => world.record(self.ledger, &run.lease, &entry, self.bug),
                    Commit::KeptInSilence => {
                        let silently = world.record(self.ledger, &run.lease, &entry, self.bug);
                        silently.and_then(|()| {
                            if self.has(Bug::IgnoreLedgerFailure) { Ok(()) } else { Err(failed()) }
                        })
                    }
                };
                Event::Stored { key, answer }
            }
            Effect::RenewLease => {
                let clock = world.clock();
                let answer = match of_commit(&weather, dice) {
                    _ if self.has(Bug::NoLease) => Ok(at(clock + crate::world::ledger::LEASE)),
                    Commit::Kept => world.ledgers[self.ledger].renew(&run.lease, clock),
                    Commit::Failed | Commit::KeptInSilence => {
                        Err(StoreFailure::Failed("connection lost".to_owned()))
                    }
                };
                Event::LeaseRenewed { answer }
            }
            Effect::Read { key, item } => {
                let item = *run.aliases.get(&item).unwrap_or(&item);
                let answer = match of_read(&weather, dice) {
                    _ if self.has(Bug::RepeatWithoutLooking) => Looked::Saw(None),
                    Fate::Normal if world.second < world.tracker.limited_until => {
                        Looked::CouldNotLook(Cause::RateLimited)
                    }
                    Fate::Normal => Looked::Saw(self.item(&key, item, world)),
                    _ => Looked::CouldNotLook(Cause::NoReply("time-out".to_owned())),
                };
                Event::Read { key, answer }
            }
            Effect::Wait { key, length } => {
                world.second += length.0;
                Event::Waited { key }
            }
            Effect::Finish(_) => Event::Interrupted,
            write => {
                let fate = of_write(&weather, dice);
                self.write(alias(&run.aliases, write), fate, world)
            }
        }
    }

    fn item(&mut self, key: &TrackKey, id: ItemId, world: &World) -> Option<TrackedItem> {
        let Some(item) = world.tracker.items.get(&id) else {
            self.run.as_mut()?.absent.insert(key.clone());
            return None;
        };
        let hidden = (self.has(Bug::TrashedIsAbsent) && item.presence == Presence::Trashed)
            || (self.has(Bug::TrustLaggingSearch)
                && item.changed_at + world.tracker.search_lag > world.second);
        (!hidden).then(|| item.seen())
    }

    /// A write on its way through the network.
    fn write(&mut self, effect: Effect, fate: Fate, world: &mut World) -> Event {
        let unknown = || "no reply".to_owned();
        match fate {
            Fate::Normal => {
                if self.has(Bug::SkipAttachment)
                    && let Effect::Attach { key, .. } = effect
                {
                    return Event::Wrote { key, step: Step::Attach, reply: WriteReply::Done };
                }
                world.arrive(effect)
            }
            Fate::Limited => {
                world.tracker.limited_until = world.second + 60;
                world.arrive(effect)
            }
            Fate::Twice => {
                world.arrive(effect.clone());
                world.arrive(effect)
            }
            Fate::Never | Fate::ReplyLost | Fate::Late => {
                let answer = given_up(&effect, unknown());
                let retried = self.has(Bug::HiddenRetry).then(|| effect.clone());
                match fate {
                    Fate::ReplyLost => {
                        world.arrive(effect);
                    }
                    Fate::Late => world.later(effect),
                    _ => {}
                }
                match retried {
                    Some(Effect::Create { order, proof }) => {
                        let order = self.sent(&order, world);
                        world.arrive(Effect::Create { order, proof })
                    }
                    _ => answer,
                }
            }
        }
    }
}

/// What a sender hears that has given up.
fn given_up(effect: &Effect, why: String) -> Event {
    let wrote = |key: &TrackKey, step| Event::Wrote {
        key: key.clone(),
        step,
        reply: WriteReply::Unknown(why.clone()),
    };
    match effect {
        Effect::Create { order, .. } => {
            Event::CreateReplied { key: order.key.clone(), reply: CreateReply::Unknown(why) }
        }
        Effect::Attach { key, .. } => wrote(key, Step::Attach),
        Effect::Comment { key, .. } => wrote(key, Step::Comment),
        Effect::Move { key, .. } => wrote(key, Step::Move),
        Effect::Relate { key, .. } => wrote(key, Step::Relate),
        Effect::LinkBack { key, .. } => {
            Event::LinkedBack { key: key.clone(), answer: Err(Cause::NoReply(why)) }
        }
        _ => Event::Interrupted,
    }
}
