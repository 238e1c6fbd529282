//! `orderly fix --clean`: what runs that are over left in the repository.

use crate::commands::repository;
use crate::config::Config;
use crate::failure::Failure;
use crate::ledger;
use crate::output::printer::{Format, Printer};
use orderly_connect::repair::Cleared;
use orderly_core::fix::Case;
use orderly_engine::ports::cases::CaseLedger as _;
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn run(config: &Config, printer: Printer) -> Result<ExitCode, Failure> {
    let site = config.settings.site()?;
    let workshop = repository::workshop(config).await?;
    let ledger = ledger::open(config).await?;
    let open = ledger.open_cases(&site.host(), &site.org).await;
    let over = ledger.fixed_cases(&site.host(), &site.org).await;
    ledger.close().await;
    let open: Vec<Case> =
        open.map_err(|error| ledger::failed(&error))?.into_iter().map(|held| held.case).collect();
    let over = over.map_err(|error| ledger::failed(&error))?;
    let cleared = workshop.clear(&open, &over).await.map_err(|error| repository::git(&error))?;
    match printer.format() {
        Format::Json => printer.json(&json!({
            "folders": cleared.folders, "branches": cleared.branches, "kept": cleared.kept,
        }))?,
        Format::Text => printer.data(&words(&cleared))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn words(cleared: &Cleared) -> String {
    let folders = cleared.folders.iter().map(|folder| format!("removed {}", folder.display()));
    let branches = cleared.branches.iter().map(|branch| format!("removed the branch {branch}"));
    let kept = cleared.kept.iter().map(|branch| format!("kept the branch {branch}: it waits to be merged"));
    let lines: Vec<String> = folders.chain(branches).chain(kept).collect();
    if lines.is_empty() { "There is nothing to clear away.".to_owned() } else { lines.join("\n") }
}
