//! `orderly undo RUN`: takes back what a run did, as far as it can be taken back, and says what stays.

use super::ask;
use super::scope::configure;
use crate::cli::{Global, Undo};
use crate::clients;
use crate::clock::SystemClock;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::{Format, Printer};
use orderly_core::ids::RunId;
use orderly_engine::sync::{Undid, UndoError, UndoJob, UndoReport};
use std::process::ExitCode;

/// Asks, takes back, tells.
pub async fn run(global: &Global, undo: Undo, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, undo.scope, |_| {})?;
    let site = config.settings.site()?;
    let team = config.settings.team()?;
    let tracker = clients::tracker(&config)?;
    let run = RunId::new(undo.run);
    let question =
        format!("Move the items that run {run} created to the trash and remove the attachments it added?");
    if !undo.yes && !ask::yes(&question)? {
        return Err(Failure::new(Kind::Refused, "nothing was taken back: nobody agreed")
            .hint("--yes does it without asking"));
    }
    let ledger = ledger::open(&config).await?;
    let job = UndoJob {
        tracker: &tracker,
        ledger: &ledger,
        clock: &SystemClock,
        host: site.host(),
        org: site.org,
        team,
    };
    let undone = job.undo(&run).await;
    ledger.close().await;
    let report = undone.map_err(|error| failed(&error))?;
    match printer.format() {
        Format::Json => printer.json(&report)?,
        Format::Text => printer.data(&told(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn told(report: &UndoReport) -> String {
    if report.lines.is_empty() {
        return format!("Run {} wrote nothing, so there is nothing to take back.", report.of);
    }
    let mut text = vec![format!("Run {} taken back:", report.of)];
    for line in &report.lines {
        let item =
            line.item.as_ref().map_or_else(|| format!("issue {}", line.issue), |item| item.key.to_string());
        let did = match line.undid {
            Undid::Trashed => "moved to the trash",
            Undid::Detached => "attachment removed",
            Undid::Nothing => "left as it is",
        };
        text.push(format!("- {item}: {did}"));
        text.extend(line.left.iter().map(|left| format!("  stays: {left}")));
    }
    text.join("\n")
}

fn failed(error: &UndoError) -> Failure {
    match error {
        UndoError::Unknown(_) => Failure::new(Kind::Usage, error.to_string()),
        UndoError::Busy { .. } => Failure::new(Kind::Refused, error.to_string()),
        UndoError::Ledger(error) => ledger::failed(error),
    }
}
