//! `orderly incident report`: what a specialist says of an incident.

use super::desk::Desk;
use super::investigate::within;
use crate::cli::Global;
use crate::cli::incident::{Report, SpecialistWord};
use crate::failure::Failure;
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress;
use orderly_core::ids::ProjectSlug;
use orderly_core::incident::Affected;
use orderly_core::investigate::Findings;
use orderly_core::specialist::{self, commander, errors, performance, release};
use orderly_engine::investigate::Unread;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Gathers what the specialist looks at, and shows the report.
pub(super) async fn run(global: &Global, asked: Report, printer: Printer) -> Result<ExitCode, Failure> {
    within(asked.back)?;
    let desk = Desk::open(global, &asked.of.telling).await?;
    let log = desk.log(&asked.of.incident).await?;
    let issues: Vec<Affected> = log.incident().issues().iter().map(|owned| owned.issue.clone()).collect();
    let progress = Progress::new(printer);
    progress.step("reading counts, traces and what changed");
    let (report, unread) = match asked.specialist {
        SpecialistWord::Commander => {
            // How it stands is known without Sentry.
            let found = desk.findings(&issues, asked.back.0).await.ok().map(|(_, found)| found);
            (commander(&desk.view(log.incident()), found.as_ref()), Unread::new())
        }
        SpecialistWord::Errors => {
            let (_, found) = desk.findings(&issues, asked.back.0).await?;
            (errors(&found), Unread::new())
        }
        SpecialistWord::Performance => {
            let (known, found) = desk.findings(&issues, asked.back.0).await?;
            let rise = found.onset.unwrap_or(known.window.from);
            let (transactions, unread) = desk.investigation(asked.back.0).transactions(&known, rise).await;
            (performance(&found, &transactions, desk.scrubber()), unread)
        }
        SpecialistWord::Release => {
            let (_, found) = desk.findings(&issues, asked.back.0).await?;
            let (health, unread) = desk.investigation(asked.back.0).health(&projects(&found)).await;
            (release(&found, &health, desk.scrubber()), unread)
        }
    };
    progress.finish();
    show(&report, &unread, &log.incident().key().to_string(), printer)
}

fn show(
    report: &specialist::Report,
    unread: &Unread,
    about: &str,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    match printer.format() {
        Format::Json => {
            let gaps: Vec<_> =
                unread.iter().map(|(what, cause)| json!({"what": what, "cause": cause})).collect();
            printer.json(&json!({"incident": about, "report": report, "gaps": gaps}))?;
        }
        Format::Text => {
            printer.data(&report.markdown(about))?;
            for (what, cause) in unread {
                printer.note(&format!("not looked at: {what}: {cause}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The projects that the incident is about, with those that went out in the window.
fn projects(found: &Findings) -> BTreeSet<ProjectSlug> {
    let own = found.issues.iter().map(|issue| issue.project.clone());
    own.chain(found.changes.iter().flat_map(|change| change.projects.iter().cloned())).collect()
}
