//! A story of the embedded servers that is played as far as it is asked for, and what a watch says of it.

use crate::world::World;
use jiff::Timestamp;
use orderly_local::traffic::deed::{Deed, Hour};
use orderly_local::traffic::scenario::Truth;
use orderly_local::traffic::{Player, Scenario, Story};
use serde_json::Value;

/// A story that is played as far as it is asked for.
pub struct Played {
    pub world: World,
    pub truth: Truth,
    hours: Vec<Hour>,
    /// When it begins, in seconds since 1970: as an hour of the clock does.
    pub begins: i64,
    /// The second of the story that is played next.
    next: i64,
    /// What of it is played.
    pub counted: fn(&Deed) -> bool,
}

impl Played {
    /// A world in which nothing has happened yet. What happens before `from` is left out: it only costs time.
    pub fn from(scenario: Scenario, from: i64, counted: fn(&Deed) -> bool) -> Self {
        let world = World::with_projects(&scenario.projects());
        let now = world.servers().clock().now().as_second();
        let begins = (now - i64::from(scenario.hours()) * 3600).div_euclid(3600) * 3600;
        let Story { hours, truth, .. } = scenario.story(20, begins);
        Self { world, truth, hours, begins, next: from, counted }
    }

    /// Plays on up to a second of the story; that is the present then.
    pub fn until(&mut self, second: i64) {
        let (begins, counted) = (self.begins, self.counted);
        let played = begins + self.next..begins + second;
        let hours: Vec<Hour> = self
            .hours
            .iter()
            .filter(|hour| {
                let hour = begins + i64::from(hour.number) * 3600;
                hour < played.end && played.start < hour + 3600
            })
            .map(|hour| {
                let mut hour = hour.clone();
                hour.deeds.retain(|deed| counted(deed) && deed.at().is_some_and(|at| played.contains(&at)));
                hour
            })
            .collect();
        let clock = self.world.servers().clock().clone();
        clock.set(Timestamp::from_second(played.end).unwrap());
        let player = Player::new(self.world.servers().ready()).unwrap();
        self.world.runtime().block_on(player.play(&clock, &hours, begins, |_, _| {})).unwrap();
        self.next = second;
    }
}

/// What a watch raises.
pub fn alarms(world: &World, since: &str) -> Vec<Value> {
    let ran = world.orderly(&["watch", "--once", "--since", since]).exits(0);
    assert_eq!(ran.stderr, "");
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
