//! Everything outside the runners: services, ledgers, clocks, requests adrift, and the checks that watch.

use super::bugs::Bug;
use super::checks::Checks;
use super::memo::Memo;
use super::scenario::{Links, Runners, Scenario, Weather};
use super::words;
use crate::world::ledger::{Held, Ledger};
use crate::world::sentry::Sentry;
use crate::world::tracker::Tracker;
use orderly_core::ids::RunId;
use orderly_core::sync::machine::{Effect, Event, JournalEntry, Step, StoreFailure};
use orderly_core::sync::snapshot::LinkBackPath;

/// Whether what happens is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Only the result.
    Off,
    /// Every step.
    Kept,
}

/// Everything outside the runners.
#[derive(Debug)]
pub struct World {
    /// What it is like.
    pub scenario: Scenario,
    /// Seconds since dawn; never back.
    pub second: u64,
    /// Sentry.
    pub sentry: Sentry,
    /// Tracker.
    pub tracker: Tracker,
    /// Ledgers.
    pub ledgers: Vec<Ledger>,
    /// The checks.
    pub checks: Checks,
    /// What was decided before.
    pub memo: Memo,
    /// How far clocks are off.
    pub(super) skew: u64,
    pub(super) calm: Calm,
    pub(super) runs: u32,
    pub(super) late: Vec<Effect>,
    tracing: Trace,
    pub(super) lines: Vec<String>,
}

/// Whether the faults have stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calm {
    No,
    Yes,
}

impl World {
    pub(super) fn new(scenario: Scenario, tracing: Trace, memo: Memo) -> Self {
        let ledgers = if scenario.runners == Runners::TwoApart { 2 } else { 1 };
        let mut tracker = Tracker::new(scenario.repeated);
        tracker.search_lag = scenario.search_lag;
        tracker.refuses.clone_from(&scenario.refused);
        Self {
            second: 1000,
            sentry: Sentry::with_issues(scenario.issues),
            tracker,
            ledgers: vec![Ledger::default(); ledgers],
            checks: Checks::default(),
            memo,
            // Clocks start ahead, so that they can jump back.
            skew: 5000,
            calm: Calm::No,
            runs: 0,
            late: Vec::new(),
            tracing,
            lines: Vec::new(),
            scenario,
        }
    }

    /// Writes a line down, when that is wanted.
    pub fn trace(&mut self, line: impl FnOnce() -> String) {
        if self.tracing == Trace::Kept {
            self.lines.push(format!("{} {}", self.second, line()));
        }
    }

    /// Id of the next run.
    pub fn next_run(&mut self) -> RunId {
        self.runs += 1;
        RunId::new(format!("run-{:03}", self.runs))
    }

    /// What the clocks say.
    pub const fn clock(&self) -> u64 {
        self.second + self.skew
    }

    /// The weather of now.
    pub fn weather(&self) -> Weather {
        match self.calm {
            Calm::No => self.scenario.weather,
            Calm::Yes => Weather::default(),
        }
    }

    /// How links back are written.
    pub fn link_back(&self) -> LinkBackPath {
        match self.scenario.links {
            Links::Taken => {
                LinkBackPath::Installation { uuid: "inst-1".to_owned(), app: "orderly".to_owned() }
            }
            Links::Unavailable => LinkBackPath::Unavailable { step: "install the app".to_owned() },
        }
    }

    /// A runner's ledger keeps an entry.
    ///
    /// # Errors
    /// When the lease changed hands.
    pub fn record(
        &mut self,
        place: usize,
        lease: &Held,
        entry: &JournalEntry,
        bug: Option<Bug>,
    ) -> Result<(), StoreFailure> {
        let ledger = &mut self.ledgers[place];
        let before = ledger.entries.get(&entry.key).cloned();
        if bug == Some(Bug::NoLease) {
            ledger.write(&lease.holder, entry);
        } else {
            ledger.record(lease, entry)?;
        }
        self.checks.recorded(place, &lease.holder, before.as_ref(), entry, &self.tracker);
        Ok(())
    }

    /// A request that its sender gave up on arrives some time.
    pub fn later(&mut self, effect: Effect) {
        self.late.push(effect);
    }

    /// A request whose sender died is on its way.
    pub fn adrift(&mut self, effect: Effect) {
        if matches!(
            effect,
            Effect::Create { .. } | Effect::Attach { .. } | Effect::Comment { .. } | Effect::LinkBack { .. }
        ) {
            self.late.push(effect);
        }
    }

    /// A write arrives where it was sent to.
    pub fn arrive(&mut self, effect: Effect) -> Event {
        let second = self.second;
        let tracker = &mut self.tracker;
        let event = match effect {
            Effect::Create { order, .. } => {
                let reply = tracker.create(&order, second);
                self.checks.after_creation(&order.key, tracker);
                Event::CreateReplied { key: order.key, reply }
            }
            Effect::Attach { key, order } => {
                Event::Wrote { reply: tracker.attach(&order, second), key, step: Step::Attach }
            }
            Effect::Comment { key, order } => {
                Event::Wrote { reply: tracker.comment(&order, second), key, step: Step::Comment }
            }
            Effect::Move { key, item, .. } => {
                Event::Wrote { reply: tracker.move_to(item, second), key, step: Step::Move }
            }
            Effect::Relate { key, item, predecessor } => {
                Event::Wrote { reply: tracker.relate(item, predecessor, second), key, step: Step::Relate }
            }
            Effect::LinkBack { key, order } => {
                self.sentry.link(&order);
                Event::LinkedBack { key, answer: Ok(()) }
            }
            Effect::Store { .. }
            | Effect::Read { .. }
            | Effect::Wait { .. }
            | Effect::RenewLease
            | Effect::Finish(_) => Event::Interrupted,
        };
        self.trace(|| format!("arrives: {}", words::event(&event)));
        event
    }

    pub(super) fn arrive_late(&mut self, which: usize) {
        let effect = self.late.remove(which);
        self.trace(|| "late:".to_owned());
        self.arrive(effect);
    }
}
