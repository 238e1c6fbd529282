//! What a schedule's world is like. The mix of faults is itself drawn from the seed, so that rare mixes come up too.

use crate::dice::Seeded;
use orderly_core::sync::policy::{MaxCreates, RegressionPolicy, SyncPolicy};
use orderly_core::sync::snapshot::RepeatedIds;

/// A world and its weather.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Issues that qualify at the start.
    pub issues: u64,
    /// Who syncs.
    pub runners: Runners,
    /// What the tracker does with an id that it has seen before.
    pub repeated: RepeatedIds,
    /// Seconds that search lags.
    pub search_lag: u64,
    /// Policy of every run.
    pub policy: SyncPolicy,
    /// A word in titles that the tracker refuses.
    pub refused: Option<String>,
    /// Whether Sentry takes links back.
    pub links: Links,
    /// How often what happens.
    pub weather: Weather,
    /// Steps until the calm.
    pub steps: u32,
}

/// Who syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runners {
    /// One machine.
    One,
    /// Two machines on one ledger.
    TwoSharing,
    /// Two machines, each with a ledger of its own, as after a restored backup.
    TwoApart,
}

/// Whether Sentry takes links back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Through an app.
    Taken,
    /// No app is installed.
    Unavailable,
}

/// How often what happens, in 1,000 (of requests or steps).
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// A request never arrives.
    pub never: u32,
    /// A request is carried out and its reply is lost.
    pub reply_lost: u32,
    /// A request arrives long after its sender gave up.
    pub late: u32,
    /// A request arrives twice.
    pub twice: u32,
    /// The tracker begins to refuse for a while.
    pub limited: u32,
    /// A look fails.
    pub blind: u32,
    /// A write of the ledger fails; half of those are kept nevertheless.
    pub ledger: u32,
    /// A process dies.
    pub crash: u32,
    /// Of 1,000 crashes, those that lose the last commit.
    pub lost_commit: u32,
    /// A person does something.
    pub person: u32,
    /// The clock jumps, mostly forward.
    pub jump: u32,
    /// A person presses Ctrl-C.
    pub interrupt: u32,
    /// The permission to create goes or comes back.
    pub refusal: u32,
}

impl Weather {
    /// The hostile rates that dedupe designs were first compared under.
    pub const HOSTILE: Self = Self {
        never: 120,
        reply_lost: 140,
        late: 80,
        twice: 40,
        limited: 20,
        blind: 60,
        ledger: 20,
        crash: 30,
        lost_commit: 300,
        person: 30,
        jump: 15,
        interrupt: 5,
        refusal: 5,
    };

    fn drawn(dice: &mut Seeded) -> Self {
        let mut rate = |most: u32| if dice.per_mille(300) { 0 } else { dice.below(most) };
        Self {
            never: rate(300),
            reply_lost: rate(400),
            late: rate(300),
            twice: rate(200),
            limited: rate(80),
            blind: rate(200),
            ledger: rate(120),
            crash: rate(120),
            lost_commit: rate(1000),
            person: rate(200),
            jump: rate(80),
            interrupt: rate(40),
            refusal: rate(30),
        }
    }
}

impl Scenario {
    /// Whether nothing happens by itself: no people, no changes of permissions.
    pub const fn is_still(&self) -> bool {
        self.weather.person == 0 && self.weather.refusal == 0
    }

    /// The world of a seed, with these runners.
    pub fn drawn(seed: u64, runners: Runners) -> Self {
        let mut dice = Seeded::new(seed ^ 0x5ce7_a210_5ce7_a210);
        let weather = if dice.per_mille(300) { Weather::HOSTILE } else { Weather::drawn(&mut dice) };
        let repeated = match dice.below(20) {
            0..=14 => RepeatedIds::Refused,
            15..=18 => RepeatedIds::Merged,
            _ => RepeatedIds::Ignored,
        };
        let cap = MaxCreates::try_from(1 + dice.below(3)).expect("1 to 3 lies within the bounds");
        let regression = match dice.below(3) {
            0 => RegressionPolicy::Comment,
            1 => RegressionPolicy::Reopen,
            _ => RegressionPolicy::NewAndRelate,
        };
        Self {
            issues: u64::from(1 + dice.below(3)),
            runners,
            repeated,
            search_lag: u64::from(dice.below(600)),
            policy: SyncPolicy { max_creates: cap, regression, ..SyncPolicy::default() },
            refused: dice.per_mille(150).then(|| "Inventory".to_owned()),
            links: if dice.per_mille(700) { Links::Taken } else { Links::Unavailable },
            weather,
            steps: 40 + dice.below(80),
        }
    }
}
