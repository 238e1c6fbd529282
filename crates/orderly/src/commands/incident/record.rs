//! `orderly incident record`: everything that the decisions of an incident rest on, in a folder.

use super::desk::Desk;
use super::{investigate, told};
use crate::cli::Global;
use crate::cli::incident::Record;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress;
use orderly_core::incident::replay::{Manifest, Recording, Rules};
use orderly_core::watch::WatchPolicy;
use orderly_engine::incident::RecordJob;
use orderly_store::{RecordingError, keep_recording};
use std::path::Path;
use std::process::ExitCode;

/// Gathers, scrubs and writes.
pub(super) async fn run(global: &Global, asked: &Record, printer: Printer) -> Result<ExitCode, Failure> {
    investigate::within(asked.back)?;
    empty(&asked.folder)?;
    let desk = Desk::look(global, &asked.looking).await?;
    let log = desk.log(&asked.incident).await?;
    let key = log.incident().key();
    if !log.incident().audience().tells_details_to(asked.hearing.audience()) {
        return Err(Failure::new(
            Kind::Refused,
            format!("{key} is restricted, and a recording holds details"),
        )
        .hint("--restricted records it, for its own channel alone"));
    }
    let progress = Progress::new(printer);
    progress.step("reading counts, traces and what changed");
    let environments = desk.environments().await;
    let job = RecordJob {
        incident: desk.job(),
        watch: environments.as_deref().map(|names| desk.watch(names)).map_err(Clone::clone),
        investigation: desk.investigation(asked.back.0),
    };
    let gathered = job.gathered(&log).await;
    progress.finish();
    let rules = Rules {
        clock: desk.clock().clone(),
        severity: desk.config().settings.incident.severity.clone(),
        watch: WatchPolicy::default(),
    };
    let recording = Recording::of(&log, gathered, rules, desk.scrubber(), desk.now());
    let manifest = recording.map_err(RecordingError::from).and_then(|it| keep_recording(&asked.folder, &it));
    let manifest = manifest.map_err(|error| failed(&error))?;
    match printer.format() {
        Format::Json => printer.json(&manifest)?,
        Format::Text => printer.data(&said(&manifest, &asked.folder))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Before anything is asked: the folder is to be written into.
fn empty(folder: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(folder).map(|mut inside| inside.next().is_some()) {
        Ok(true) => Err(failed(&RecordingError::NotEmpty { folder: shown(folder) })),
        // What is not there is made, and what cannot be made is said then.
        Ok(false) | Err(_) => Ok(()),
    }
}

fn said(manifest: &Manifest, folder: &Path) -> String {
    let (folder, key) = (shown(folder), &manifest.incident);
    let bytes: usize = manifest.files.iter().map(|listed| listed.bytes).sum();
    let size = bytes.div_ceil(1024);
    let mut text = format!("{key} recorded in {folder}: {} entries, {size} KiB\n", manifest.entries);
    for unseen in &manifest.unseen {
        text.push_str(&format!("not looked at: {unseen}\n"));
    }
    text.push_str(&format!("\norderly incident replay {folder} --speed 60\n"));
    text
}

/// A path that a person gave, on one line.
fn shown(path: &Path) -> String {
    told::name(&path.display().to_string())
}

/// What a folder that cannot be written or read means for the command.
pub(super) fn failed(error: &RecordingError) -> Failure {
    let kind = match error {
        RecordingError::NotEmpty { .. } | RecordingError::None { .. } => Kind::Usage,
        RecordingError::Bad { .. } => Kind::Refused,
        RecordingError::NotRecorded(_) | RecordingError::Io { .. } => Kind::Incomplete,
    };
    let failure = Failure::new(kind, error.to_string());
    match error {
        RecordingError::NotEmpty { .. } => failure.hint("name a folder that is empty or not there yet"),
        RecordingError::None { .. } => failure.hint("`orderly incident record INC-1 FOLDER` makes one"),
        RecordingError::Io { source, .. } => failure.because(source),
        RecordingError::Bad { .. } | RecordingError::NotRecorded(_) => failure,
    }
}
