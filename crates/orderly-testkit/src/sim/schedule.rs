//! One schedule: a time of faults, then calm, then the last checks.

use super::bugs::Bug;
use super::checks::Violation;
use super::memo::Memo;
use super::runner::{Lose, Quiet, Runner};
use super::scenario::{Runners, Scenario, Weather};
use super::surroundings::{Calm, Trace, World};
use crate::dice::Dice;
use crate::world::look::Blind;
use crate::world::people::{DEEDS, act};
use crate::world::sentry::Sentry;
use crate::world::tracker::{Allowed, Item, Maker};
use orderly_core::ids::Generation;
use orderly_core::sync::machine::Event;

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
    *memo = std::mem::take(&mut world.memo);
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
