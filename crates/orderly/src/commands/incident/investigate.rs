//! `orderly incident investigate`: what is behind an incident, or behind issues that are none yet.

use super::desk::{self, Desk};
use crate::cli::Global;
use crate::cli::incident::Investigate;
use crate::config::duration::Span;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress;
use orderly_core::incident::{Audience, IncidentKey, What};
use orderly_core::investigate::{Attack, Findings};
use orderly_core::time::Seconds;
use orderly_core::untrusted::Untrusted;
use serde_json::json;
use std::process::ExitCode;

/// What changed is looked for within these.
const SHORTEST: Seconds = Seconds::hours(1);
const LONGEST: Seconds = Seconds::days(30);

/// Gathers, judges and shows.
pub(super) async fn run(global: &Global, asked: Investigate, printer: Printer) -> Result<ExitCode, Failure> {
    within(asked.back)?;
    let desk = Desk::open(global, &asked.telling).await?;
    let (key, issues, title) = match &asked.incident {
        Some(text) => {
            let key = desk.key(text)?;
            let log = desk::or(desk.job().log(&key).await)?;
            let owned = log.incident().issues().iter().map(|owned| owned.issue.clone());
            (Some(key.clone()), owned.collect(), format!("What is behind {key}"))
        }
        None => {
            let title = format!("What is behind {}", asked.issue.join(", "));
            let issues = desk::or(desk.job().issues(&desk.issues(asked.issue)?).await)?;
            (None, issues, title)
        }
    };
    let progress = Progress::new(printer);
    progress.step("reading counts, traces and what changed");
    let found = desk.findings(&issues, asked.back.0).await;
    progress.finish();
    let (_, found) = found?;
    if let Some(key) = key.filter(|_| asked.tell) {
        tell(&desk, &key, &found).await?;
    }
    desk.close().await;
    match printer.format() {
        Format::Json => {
            printer.json(&json!({"investigation": found, "verdict": found.verdict()}))?;
        }
        Format::Text => printer.data(&found.markdown(&title))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses to look back too shortly or too far.
pub(super) fn within(back: Span) -> Result<(), Failure> {
    if (SHORTEST..=LONGEST).contains(&back.0) {
        return Ok(());
    }
    Err(Failure::new(Kind::Usage, format!("--back is from {SHORTEST} to {LONGEST}")))
}

/// Facts and hypotheses go into the log; a likely attack restricts the incident first.
async fn tell(desk: &Desk, key: &IncidentKey, found: &Findings) -> Result<(), Failure> {
    let source = format!("investigation of errors until {}", found.window.until);
    let log = desk::or(desk.job().log(key).await)?;
    let mut all = Vec::new();
    let attack = found.attack.as_ref().is_some_and(Attack::is_likely);
    if attack && log.incident().audience() == Audience::Open {
        all.push(What::Restricted { why: Untrusted::from("it is probably an attack") });
    }
    let notes = found.notes().into_iter();
    all.extend(notes.map(|(kind, text)| What::Noted { kind, text: Untrusted::new(text) }));
    desk::or(desk.job().found(key, &source, all).await).map(drop)
}
