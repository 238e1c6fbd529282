//! One process that syncs: the real core, and a driver as thin as the real one, with room for a planted bug.

use super::bugs::Bug;
use super::checks::Sending;
use super::surroundings::World;
use super::words;
use crate::dice::Dice;
use crate::world::ledger::Held;
use crate::world::look::{Blind, Looker, Sight};
use crate::world::{about, at, now};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{ItemId, RunId, TrackKey};
use orderly_core::sync::machine::{
    CreateReply, Effect, Event, Journal, LeaseTerm, Machine, Outcome, Start, WriteReply, reported,
};
use orderly_core::sync::plan::{CreateOrder, Plan};
use orderly_core::sync::{approve, decide};
use orderly_core::time::{Now, Seconds};
use sabotage::{alias, as_heard, other_id};
use std::collections::{BTreeMap, BTreeSet};

mod sabotage;
mod wire;

/// A runner: at rest, or at work on a run.
#[derive(Debug)]
pub struct Runner {
    /// Which ledger it keeps.
    pub ledger: usize,
    /// The run at work.
    pub run: Option<Run>,
    /// Whether its last run left nothing to do.
    pub quiet: Quiet,
    bug: Option<Bug>,
}

/// Whether a runner's last run left nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing was written and nothing is open.
    Yes,
    /// Something was, or is.
    No,
}

/// A run at work.
#[derive(Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    machine: Machine,
    plan: Plan,
    lease: Held,
    looked_at: u64,
    flights: Vec<Flight>,
    /// Item ids as a bug spells them on the wire.
    aliases: BTreeMap<ItemId, ItemId>,
    sends: BTreeMap<TrackKey, u32>,
    /// Keys whose item was really looked for and really absent; the answer is still on its way.
    absent: BTreeSet<TrackKey>,
}

#[derive(Debug)]
enum Flight {
    Going(Effect),
    Back(Event),
}

impl Runner {
    /// A runner at rest.
    pub const fn new(ledger: usize, bug: Option<Bug>) -> Self {
        Self { ledger, run: None, quiet: Quiet::No, bug }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Starts a run, if the lease can be had.
    pub fn start(&mut self, world: &mut World, blind: Blind) {
        let id = world.next_run();
        let clock = world.clock();
        let ledger = &mut world.ledgers[self.ledger];
        let lease = if self.has(Bug::NoLease) {
            Held { holder: id.clone(), epoch: 0, until: clock + crate::world::ledger::LEASE }
        } else {
            match ledger.take(&id, clock) {
                Ok(lease) => lease,
                Err(_) => {
                    world.second += 20;
                    return;
                }
            }
        };
        let open = if self.has(Bug::ForgetOpenEntries) { Journal::new() } else { ledger.open() };
        let plan = match self.decide(world, blind) {
            Ok(plan) => plan,
            Err(why) => return world.checks.note(super::Violation::Leftover(why)),
        };
        let start = Start {
            plan: plan.clone(),
            open,
            gone: BTreeSet::new(),
            run: id.clone(),
            lease: LeaseTerm { until: at(lease.until), length: Seconds(crate::world::ledger::LEASE) },
        };
        let plan = plan.get().clone();
        world.checks.begins(self.ledger, &id);
        world.trace(|| format!("{id} starts with {} decisions, blind {blind:?}", plan.entries.len()));
        match Machine::start(start, now(clock)) {
            Ok((machine, effects)) => {
                let run = Run {
                    id,
                    machine,
                    plan,
                    lease,
                    looked_at: world.second,
                    flights: Vec::new(),
                    aliases: BTreeMap::new(),
                    sends: BTreeMap::new(),
                    absent: BTreeSet::new(),
                };
                self.run = Some(run);
                self.take(effects, world);
            }
            Err(invalid) => world.checks.note(super::Violation::Invalid(invalid)),
        }
    }

    fn decide(&self, world: &mut World, blind: Blind) -> Result<approve::Approved<Plan>, String> {
        let sight = if self.has(Bug::TrustLaggingSearch) { Sight::LaggingSearch } else { Sight::Exact };
        let looker = Looker {
            sentry: &world.sentry,
            tracker: &world.tracker,
            ledger: &world.ledgers[self.ledger],
            policy: &world.scenario.policy,
            blind,
            sight,
            link_back: world.link_back(),
            second: world.second,
        };
        let now = now(world.clock());
        let mut snapshot = looker.snapshot(now);
        self.distort(&mut snapshot);
        if let Some(plan) = world.memo.find(&snapshot) {
            return Ok(plan.clone());
        }
        let plan = approve::fresh(decide::decide(&snapshot, &world.scenario.policy, now))
            .map_err(|refused| refused.to_string())?;
        world.memo.keep(snapshot, plan.clone());
        Ok(plan)
    }

    /// Serves one request or delivers one answer.
    pub fn step(&mut self, world: &mut World, dice: &mut dyn Dice) {
        let Some(run) = &mut self.run else { return };
        let which = dice.pick(run.flights.len());
        match run.flights.remove(which) {
            Flight::Going(effect) => {
                let event = self.serve(effect, world, dice);
                if let Some(run) = &mut self.run {
                    run.flights.push(Flight::Back(event));
                }
            }
            Flight::Back(event) => self.hear(event, world),
        }
    }

    /// Hands an event to the machine and takes what it asks for.
    pub fn hear(&mut self, event: Event, world: &mut World) {
        let now = now(world.clock());
        let Some(run) = &mut self.run else { return };
        world.trace(|| format!("{} hears {}", run.id, words::event(&event)));
        note_answer(&event, self.ledger, run, world);
        let event = as_heard(self.bug, event, run);
        match run.machine.handle(now, event) {
            Ok(effects) => self.take(effects, world),
            Err(invalid) => world.checks.note(super::Violation::Invalid(invalid)),
        }
    }

    /// The process dies.
    pub fn crash(&mut self, world: &mut World, lose: Lose) {
        let Some(run) = self.run.take() else { return };
        world.trace(|| format!("{} dies, {lose:?}", run.id));
        if lose == Lose::LastCommit
            && let Some(key) = world.ledgers[self.ledger].lose_last(&run.id)
        {
            world.checks.lost_commit(self.ledger, &key);
        }
        // Whatever was on its way arrives or not; nobody is left to hear of it.
        for flight in run.flights {
            if let Flight::Going(effect) = flight {
                world.adrift(alias(&run.aliases, effect));
            }
        }
    }

    /// Takes effects over from the machine; they leave now.
    fn take(&mut self, effects: Vec<Effect>, world: &mut World) {
        for effect in effects {
            let Some(run) = &mut self.run else { return };
            world.trace(|| format!("{} asks {}", run.id, words::effect(&effect)));
            match &effect {
                Effect::Finish(outcome) => {
                    let outcome = outcome.clone();
                    self.finish(&outcome, world);
                    return;
                }
                Effect::Create { order, .. } => {
                    let order = self.sent(order, world);
                    let Some(run) = &mut self.run else { return };
                    if let Effect::Create { proof, .. } = effect {
                        run.flights.push(Flight::Going(Effect::Create { order, proof }));
                    }
                    continue;
                }
                Effect::Comment { .. } => {
                    world.checks.attempt(&run.id, world.scenario.policy.max_creates.get());
                }
                _ => {}
            }
            if asks_tracker(&effect) {
                world.checks.asking_tracker(&run.id);
            }
            run.flights.push(Flight::Going(effect));
        }
    }

    /// A creation leaves: the checks see it as the wire does.
    fn sent(&mut self, order: &CreateOrder, world: &mut World) -> CreateOrder {
        let Some(run) = &mut self.run else { return order.clone() };
        let sends = run.sends.entry(order.key.clone()).or_default();
        *sends += 1;
        let mut order = order.clone();
        match self.bug {
            Some(Bug::NewIdOnRepeat) if *sends > 1 => {
                run.aliases.insert(order.key.item_id(), other_id(&format!("{}{sends}", run.id), &order.key));
            }
            Some(Bug::IdPerRun) => {
                run.aliases.insert(order.key.item_id(), other_id(run.id.as_str(), &order.key));
            }
            Some(Bug::OtherBytesOnRepeat) if *sends > 1 => order.title = format!("{} ({sends})", order.title),
            _ => {}
        }
        world.checks.asking_tracker(&run.id);
        let cap = world.scenario.policy.max_creates.get();
        let sending =
            Sending { ledger: self.ledger, run: &run.id, cap, looked_at: run.looked_at, order: &order };
        world.checks.sending(&sending, &world.tracker);
        order
    }

    fn finish(&mut self, outcome: &Outcome, world: &mut World) {
        let Some(run) = self.run.take() else { return };
        let clock = world.clock();
        let ledger = &mut world.ledgers[self.ledger];
        let kept = outcome.stop.is_none();
        if kept {
            ledger.reports.extend(reported(&run.plan, outcome, Now(about(clock))));
        }
        ledger.release(&run.lease);
        let idle = outcome.ended.is_empty() && !run.plan.entries.iter().any(|entry| entry.decision.counts());
        self.quiet = if idle { Quiet::Yes } else { Quiet::No };
    }

    /// Whether a run is at work.
    pub const fn is_up(&self) -> bool {
        self.run.is_some()
    }
}

/// Whether a dying process loses its last commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lose {
    /// No.
    Nothing,
    /// Yes.
    LastCommit,
}

/// The books learn what the wire said, before any bug gets at it.
fn note_answer(event: &Event, ledger: usize, run: &mut Run, world: &mut World) {
    match event {
        Event::CreateReplied { key, reply } => match reply {
            CreateReply::RateLimited { .. } => {
                world.checks.slow_down(&run.id);
                world.checks.clear(ledger, &run.id, key);
            }
            CreateReply::Created(_) | CreateReply::Refused(_) | CreateReply::Denied(_) => {
                world.checks.clear(ledger, &run.id, key);
            }
            CreateReply::OtherId(_) | CreateReply::Conflict | CreateReply::Unknown(_) => {}
        },
        Event::Wrote { reply: WriteReply::RateLimited { .. }, .. }
        | Event::Read { answer: Looked::CouldNotLook(Cause::RateLimited), .. } => {
            world.checks.slow_down(&run.id);
        }
        Event::Read { key, answer: Looked::Saw(None) } if run.absent.remove(key) => {
            world.checks.clear(ledger, &run.id, key);
        }
        _ => {}
    }
}

const fn asks_tracker(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Read { .. }
            | Effect::Create { .. }
            | Effect::Attach { .. }
            | Effect::Comment { .. }
            | Effect::Move { .. }
            | Effect::Relate { .. }
    )
}
