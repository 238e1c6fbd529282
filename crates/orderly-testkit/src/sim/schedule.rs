//! One schedule: a time of faults, then calm, then the last checks.

use super::bugs::Bug;
use super::checks::{Checks, Violation};
use super::runner::{Lose, Quiet, Runner};
use super::scenario::{Links, Runners, Scenario, Weather};
use super::words;
use crate::dice::Dice;
use crate::world::ledger::{Held, Ledger};
use crate::world::look::Blind;
use crate::world::people::{DEEDS, act};
use crate::world::sentry::Sentry;
use crate::world::tracker::{Allowed, Item, Maker, Tracker};
use orderly_core::ids::{Generation, RunId};
use orderly_core::sync::approve::Approved;
use orderly_core::sync::machine::{Effect, Event, JournalEntry, Step, StoreFailure};
use orderly_core::sync::plan::Plan;
use orderly_core::sync::snapshot::{LinkBackPath, Snapshot};

/// Runs after the faults until nothing is left to do; more are a failure to converge.
const ROUNDS: u32 = 24;
/// Steps of one run in the calm; more are a run that does not end.
const STEPS_OF_A_RUN: u32 = 2000;

/// What a schedule came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The first thing that must never happen and did.
    pub violation: Option<Violation>,
    /// Steps taken.
    pub steps: u32,
    /// Runs begun.
    pub runs: u32,
    /// Items that syncs made.
    pub created: usize,
    /// Of these, items for an issue that came back after its item was completed.
    pub later_lives: usize,
    /// Comments that syncs made.
    pub comments: usize,
    /// What happened, a line each, when it was asked for.
    pub trace: Vec<String>,
}

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
    skew: u64,
    calm: Calm,
    runs: u32,
    late: Vec<Effect>,
    tracing: Trace,
    lines: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calm {
    No,
    Yes,
}

impl World {
    fn new(scenario: Scenario, tracing: Trace, memo: Memo) -> Self {
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

    fn arrive_late(&mut self, which: usize) {
        let effect = self.late.remove(which);
        self.trace(|| "late:".to_owned());
        self.arrive(effect);
    }
}

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

/// Runs one schedule.
pub fn run(scenario: Scenario, bug: Option<Bug>, tracing: Trace, dice: &mut dyn Dice) -> Report {
    run_after(scenario, bug, tracing, dice, &mut Memo::default())
}

/// Runs one schedule after others of the same policy.
pub fn run_after(
    scenario: Scenario,
    bug: Option<Bug>,
    tracing: Trace,
    dice: &mut dyn Dice,
    memo: &mut Memo,
) -> Report {
    let mut world = World::new(scenario, tracing, std::mem::take(memo));
    let ledgers = world.ledgers.len();
    let count = if world.scenario.runners == Runners::One { 1 } else { 2 };
    let mut runners: Vec<Runner> = (0..count).map(|n| Runner::new(n % ledgers, bug)).collect();
    let mut people = world.sentry.clone();
    let mut steps = 0;
    while steps < world.scenario.steps && world.checks.violation.is_none() {
        steps += 1;
        world.second += 1;
        if disturb(&mut world, &mut people, &mut runners, dice) {
            continue;
        }
        let up: Vec<usize> = (0..count).filter(|n| runners[*n].is_up()).collect();
        if world.scenario.is_still()
            && up.is_empty()
            && runners.iter().all(|runner| runner.quiet == Quiet::Yes)
            && world.late.is_empty()
        {
            break;
        }
        // Whoever found nothing to do waits until something happens.
        let ready: Vec<usize> =
            (0..count).filter(|n| !runners[*n].is_up() && runners[*n].quiet == Quiet::No).collect();
        let begin = match (up.is_empty(), ready.is_empty()) {
            (_, true) => 0,
            (true, false) => 1,
            (false, false) => dice.choose(&[850, 150]),
        };
        if begin == 1 {
            let who = ready[dice.pick(ready.len())];
            let blind = blindness(&world, dice);
            runners[who].start(&mut world, blind);
        } else if !up.is_empty() {
            let who = up[dice.pick(up.len())];
            runners[who].step(&mut world, dice);
        }
    }
    if world.checks.violation.is_none() {
        steps += calm_down(&mut world, &mut runners, dice);
    }
    if world.checks.violation.is_none() {
        world.checks.at_end(&world.ledgers, &world.sentry, &people, &world.tracker);
    }
    let made = || world.tracker.items.values().filter(|item| item.by == Maker::Sync);
    let later = |item: &&Item| item.marker().is_some_and(|marker| marker.generation > Generation(0));
    Report {
        steps,
        runs: world.runs,
        created: made().count(),
        later_lives: made().filter(later).count(),
        comments: world.tracker.items.values().map(|item| item.comments.len()).sum(),
        violation: world.checks.violation.clone(),
        trace: std::mem::take(&mut world.lines),
    }
}

/// Something that no runner asked for; `false` when nothing happened.
fn disturb(world: &mut World, people: &mut Sentry, runners: &mut [Runner], dice: &mut dyn Dice) -> bool {
    let (happened, to) = befall(world, people, runners, dice);
    if to == Quiet::No {
        for runner in runners {
            runner.quiet = Quiet::No;
        }
    }
    happened
}

/// The same; and whether a runner that found nothing to do may now find something.
fn befall(
    world: &mut World,
    people: &mut Sentry,
    runners: &mut [Runner],
    dice: &mut dyn Dice,
) -> (bool, Quiet) {
    let Weather { crash, lost_commit, person, jump, interrupt, refusal, .. } = world.scenario.weather;
    let late = if world.late.is_empty() { 0 } else { 40 };
    let lost = crash * lost_commit / 1000;
    // Nobody dies and nobody is stopped who does not run.
    let up = u32::from(runners.iter().any(Runner::is_up));
    let (crash, lost, interrupt) = (crash * up, lost * up, interrupt * up);
    let usual = 1000_u32.saturating_sub(crash + person + jump + interrupt + refusal + late).max(1);
    match dice.choose(&[usual, crash - lost, lost, person, jump, interrupt, refusal, late]) {
        0 => return (false, Quiet::Yes),
        choice @ (1 | 2) => {
            let who = one_up(runners, dice);
            runners[who].crash(world, if choice == 2 { Lose::LastCommit } else { Lose::Nothing });
            return (true, Quiet::Yes);
        }
        3 => {
            let deed = DEEDS[dice.pick(DEEDS.len())];
            let World { sentry, tracker, second, .. } = world;
            let whom = act(deed, sentry, tracker, *second, dice);
            if whom.is_none() {
                return (false, Quiet::Yes);
            }
            if let Some(issue) = whom
                && let (Some(there), Some(here)) = (people.issues.get_mut(&issue), sentry.issues.get(&issue))
            {
                there.clone_from(here);
            }
            world.trace(|| format!("a person: {deed:?} {whom:?}"));
        }
        4 => {
            // Far enough ahead to lose a lease, or back by more than one lasts.
            world.skew = [world.skew + 300, world.skew + 20, world.skew.saturating_sub(400)][dice.pick(3)];
            world.trace(|| "the clock jumps".to_owned());
            return (true, Quiet::Yes);
        }
        5 => {
            let who = one_up(runners, dice);
            runners[who].hear(Event::Interrupted, world);
            return (true, Quiet::Yes);
        }
        6 => {
            let allowed = world.tracker.creation == Allowed::Yes;
            world.tracker.creation = if allowed { Allowed::No } else { Allowed::Yes };
            world.trace(|| "permissions change".to_owned());
        }
        _ => {
            let which = dice.pick(world.late.len());
            world.arrive_late(which);
        }
    }
    (true, Quiet::No)
}

fn one_up(runners: &[Runner], dice: &mut dyn Dice) -> usize {
    let up: Vec<usize> = (0..runners.len()).filter(|n| runners[*n].is_up()).collect();
    up[dice.pick(up.len())]
}

fn blindness(world: &World, dice: &mut dyn Dice) -> Blind {
    const HOW: [Blind; 4] = [Blind::Seeing, Blind::Tracker, Blind::Permalink, Blind::Links];
    let third = world.weather().blind / 3;
    HOW[dice.choose(&[1000_u32.saturating_sub(3 * third).max(1), third, third, third])]
}

/// The faults stop. What is on its way arrives, runs end, and new ones follow until nothing is left to do.
fn calm_down(world: &mut World, runners: &mut [Runner], dice: &mut dyn Dice) -> u32 {
    world.calm = Calm::Yes;
    world.tracker.creation = Allowed::Yes;
    world.trace(|| "calm".to_owned());
    let mut steps = 0;
    for runner in runners.iter_mut() {
        steps += to_its_end(runner, world, dice);
    }
    while !world.late.is_empty() {
        world.second += 1;
        let which = dice.pick(world.late.len());
        world.arrive_late(which);
    }
    for _ in 0..ROUNDS {
        let mut quiet = true;
        for runner in runners.iter_mut() {
            // Longer than any lease, slow-down or lag, whatever the clock did.
            world.second += 700;
            world.skew += 700;
            runner.start(world, Blind::Seeing);
            steps += to_its_end(runner, world, dice);
            quiet &= runner.quiet == Quiet::Yes;
        }
        if quiet || world.checks.violation.is_some() {
            return steps;
        }
    }
    world.checks.note(Violation::NoConvergence);
    steps
}

fn to_its_end(runner: &mut Runner, world: &mut World, dice: &mut dyn Dice) -> u32 {
    let mut steps = 0;
    while runner.is_up() && world.checks.violation.is_none() {
        world.second += 1;
        steps += 1;
        runner.step(world, dice);
        if steps > STEPS_OF_A_RUN {
            world.checks.note(Violation::Leftover("a run that does not end".to_owned()));
        }
    }
    steps
}
