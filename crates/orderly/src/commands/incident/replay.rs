//! `orderly incident replay`: a recorded incident as it happened, only quicker. It asks nobody, and writes nothing.

use super::record::failed;
use crate::cli::incident::{Replay as Asked, Speed};
use crate::commands::interrupted;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer, Reader};
use orderly_core::encode::terminal;
use orderly_core::incident::replay::{Replay, play};
use orderly_store::read_recording;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::time::Duration;

/// So many times as quickly where nobody says how quickly.
const USUAL: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// Reads, plays, tells.
pub(super) async fn run(asked: &Asked, printer: Printer) -> Result<ExitCode, Failure> {
    let speed = match (printer.format(), asked.speed) {
        (Format::Json, Some(Speed::Times(_))) => {
            return Err(Failure::new(Kind::Usage, "--json tells everything at once")
                .hint("leave --speed away, or say `--speed max`"));
        }
        (Format::Json, _) => Speed::Max,
        (Format::Text, speed) => speed.unwrap_or(Speed::Times(USUAL)),
    };
    let recording = read_recording(&asked.folder).map_err(|error| failed(&error))?;
    let incident = recording.log().incident();
    if !incident.audience().tells_details_to(asked.hearing.audience()) {
        return Err(Failure::new(Kind::Refused, format!("{} is restricted", incident.key()))
            .hint("--restricted plays it, for its own channel alone"));
    }
    let replay = play(&recording);
    if printer.format() == Format::Json {
        printer.json(&replay)?;
        return Ok(ExitCode::SUCCESS);
    }
    // It changes nothing, so it may be left at any point.
    tokio::select! {
        () = interrupted() => Ok(ExitCode::SUCCESS),
        played = played(&replay, speed, printer) => played.map(|()| ExitCode::SUCCESS),
    }
}

async fn played(replay: &Replay, speed: Speed, printer: Printer) -> Result<(), Failure> {
    printer.data(&terminal::visible(&replay.opening()))?;
    let mut before = replay.steps.first().map(|step| step.at);
    for step in &replay.steps {
        if let (Speed::Times(times), Some(before)) = (speed, before) {
            let passed = Duration::try_from(step.at.duration_since(before)).unwrap_or(Duration::ZERO);
            tokio::time::sleep(passed / times.get()).await;
        }
        before = Some(step.at);
        if printer.line(&terminal::visible(&step.line()))? == Reader::Gone {
            return Ok(());
        }
    }
    printer.data(&terminal::visible(&replay.ending))
}
