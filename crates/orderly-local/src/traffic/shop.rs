//! A day in the life of a shop: four services, two releases each, quiet nights and busy evenings, and everything a
//! backlog meets: things that are new, that came back, that grow, that make noise, that were put away, that somebody
//! filed already under other words, and events written by somebody who means no good.

mod crashes;

use super::deed::{Deed, Hour, Mention, Sent};
use super::event::Scene;
use super::{Crash, Seed};

/// Slugs of the services.
pub const PROJECTS: [&str; 4] = ["storefront", "checkout-api", "search", "mailer"];

/// How many hours are played: the day, and a quiet day before it in which the services only chatter. Without it
/// nothing could stand out: Sentry compares a new issue with what is usual in its project.
pub const HOURS: u32 = BEFORE + 24;

/// The hours before the day.
pub const BEFORE: u32 = 26;

/// All hours. `start` is when the first one begins, in seconds since 1970. The same numbers give the same day.
#[must_use]
pub fn day(number: u64, start: i64) -> Vec<Hour> {
    let mut seed = Seed::new(number);
    let mut first_events = vec![None; crashes::ALL.len()];
    (0..HOURS)
        .map(|number| {
            let time = Time { hour: number.checked_sub(BEFORE), begins: start + i64::from(number) * 3600 };
            let mut deeds = releases(number);
            for chatter in crashes::CHATTER {
                deeds.extend(chatter.hour(time, &mut seed, &mut None));
            }
            for (story, first) in crashes::ALL.iter().zip(&mut first_events) {
                deeds.extend(story.hour(time, &mut seed, first));
            }
            Hour { number, deeds }
        })
        .collect()
}

/// An hour that is being told.
#[derive(Clone, Copy)]
struct Time {
    /// Which hour of the day; `None` on the day before.
    hour: Option<u32>,
    /// When it begins, in seconds since 1970.
    begins: i64,
}

/// Every service goes from one release to the next in the afternoon of the day.
fn releases(number: u32) -> Vec<Deed> {
    let hour = number.checked_sub(BEFORE);
    if number != 0 && hour != Some(NEXT_RELEASE_AT) {
        return Vec::new();
    }
    PROJECTS.map(|project| Deed::Release { project, version: release(project, hour) }).to_vec()
}

const NEXT_RELEASE_AT: u32 = 14;

fn release(project: &str, hour: Option<u32>) -> String {
    let minor = if hour.is_some_and(|hour| hour >= NEXT_RELEASE_AT) { 4 } else { 3 };
    format!("{project}@1.{minor}.0")
}

/// A crash and what happens around it.
struct Story {
    crash: Crash,
    environment: &'static str,
    /// How many events come in an hour of the day, or of the day before.
    events: fn(Option<u32>) -> u64,
    /// How many users there are to be hit.
    users: u64,
    /// What people do at the end of an hour.
    people: &'static [(u32, Person)],
}

/// What a person does.
enum Person {
    Updates(&'static str),
    Files { title: &'static str, mention: Mention, state: &'static str },
}

impl Story {
    fn hour(&self, time: Time, seed: &mut Seed, first: &mut Option<String>) -> Vec<Deed> {
        let count = (self.events)(time.hour);
        let mut deeds = Vec::new();
        for number in 0..count {
            let second = (number * 3300).checked_div(count).unwrap_or(0) + seed.below(60);
            let at = time.begins + second.cast_signed();
            let release = release(self.crash.project, time.hour);
            let user = seed.below(self.users);
            #[expect(clippy::cast_precision_loss, reason = "seconds of this century fit into 53 bits")]
            let scene = Scene { at: at as f64, release: &release, environment: self.environment, user };
            let (id, event) = self.crash.event(seed, scene);
            first.get_or_insert_with(|| id.clone());
            deeds.push(Deed::Event(Sent { project: self.crash.project, id, at, payload: event }));
        }
        let Some(event) = first else { return deeds };
        for (_, person) in self.people.iter().filter(|(when, _)| Some(*when) == time.hour) {
            deeds.push(match person {
                Person::Updates(update) => Deed::Triage {
                    event: event.clone(),
                    update: serde_json::from_str(update).expect("updates are constants, read by a test"),
                },
                Person::Files { title, mention, state } => {
                    Deed::File { event: event.clone(), title, mention: *mention, state }
                }
            });
        }
        deeds
    }
}
