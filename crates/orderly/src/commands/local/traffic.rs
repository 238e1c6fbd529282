//! Traffic that is played into the embedded servers.

use crate::cli::Local;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use crate::output::progress::Progress;
use orderly_local::traffic::{PlayError, Player, Scenario, Story};
use orderly_local::{DataLocation, LocalServers};
use std::num::NonZeroU32;
use std::path::PathBuf;

/// What is played, and where its truth is written.
#[derive(Debug)]
pub struct Performance {
    scenario: Scenario,
    seed: u64,
    live: Option<NonZeroU32>,
    truth: Option<PathBuf>,
}

/// The part of a story that somebody watches.
#[derive(Debug)]
pub struct Live {
    story: Story,
    start: i64,
    speed: NonZeroU32,
}

impl Performance {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// When the data folder has a story already: it would be told twice.
    pub fn of(local: &Local, data: &DataLocation) -> Result<Option<Self>, Failure> {
        let Some(scenario) = local.traffic else { return Ok(None) };
        let beside = match data {
            DataLocation::Dir(dir) => Some(dir.join("truth.json")),
            DataLocation::Ephemeral => None,
        };
        if let Some(told) = beside.as_ref().filter(|path| path.exists()) {
            return Err(Failure::new(
                Kind::Usage,
                format!("traffic was played into this folder before: {}", told.display()),
            )
            .hint("start it without --traffic, or choose another folder with --data"));
        }
        let truth = local.truth.clone().or(beside);
        Ok(Some(Self { scenario, seed: local.seed, live: local.live, truth }))
    }

    /// Plays everything, or everything before what is watched, which is returned.
    pub async fn history(self, servers: &LocalServers, printer: Printer) -> Result<Option<Live>, Failure> {
        let now = servers.clock().now().as_second();
        let Self { scenario, seed, live, truth } = self;
        let told = scenario.story(seed, 0);
        // What is watched begins now; what is not has ended by now.
        let before = if live.is_some() { told.live_from } else { scenario.hours() };
        let start = now - i64::from(before) * 3600;
        let story = scenario.story(seed, start);
        let progress = Progress::new(printer);
        progress.step(&format!("traffic `{scenario}`: {before} hours are played"));
        let every = (before / 6).max(1);
        let hours = &story.hours[..before as usize];
        let played = player(servers)?
            .play(servers.clock(), hours, start, |hour, so_far| {
                if (hour + 1).is_multiple_of(every) {
                    progress.step(&format!(
                        "hour {} of {before}: {} errors and {} transactions so far",
                        hour + 1,
                        so_far.events,
                        so_far.transactions
                    ));
                }
            })
            .await
            .map_err(|error| failed(&error))?;
        progress.finish();
        printer.note(&format!(
            "traffic `{scenario}`: {} errors, {} transactions, {} releases and deploys",
            played.events, played.transactions, played.releases
        ));
        if let Some(path) = truth {
            let text = serde_json::to_string_pretty(&story.truth).expect("texts, numbers and lists are JSON");
            std::fs::write(&path, text + "\n").map_err(|error| {
                Failure::new(Kind::Incomplete, format!("the truth cannot be written to {}", path.display()))
                    .because(&error)
            })?;
            printer.note(&format!("what really happened is in {}", path.display()));
        }
        Ok(live.map(|speed| Live { story, start, speed }))
    }
}

impl Live {
    /// Plays what is watched.
    pub async fn play(self, servers: &LocalServers, printer: Printer) -> Result<(), Failure> {
        let hours = &self.story.hours[self.story.live_from as usize..];
        player(servers)?
            .live(servers.clock(), hours, self.start, self.speed)
            .await
            .map_err(|error| failed(&error))?;
        printer.note("the traffic is over; the servers go on");
        Ok(())
    }
}

fn player(servers: &LocalServers) -> Result<Player, Failure> {
    Player::new(servers.ready()).map_err(|error| failed(&error))
}

fn failed(error: &PlayError) -> Failure {
    Failure::new(Kind::Incomplete, "the traffic could not be played").because(error)
}
