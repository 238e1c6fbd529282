//! The options side by side, in the light of what is behind the incident.

use super::super::desk::{Desk, or};
use super::super::investigate::within;
use super::super::told;
use super::repair;
use crate::cli::incident::{Filled, Options};
use crate::config::mitigation::MitigationSettings;
use crate::failure::Failure;
use crate::output::printer::{Format, Printer};
use crate::output::progress::Progress;
use crate::output::table::table;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::Incident;
use orderly_core::incident::mitigation::{
    Compared, Comparison, Kind, Mitigation, Reversibility, Strength, TrialView, Values, compare,
};
use orderly_core::investigate::Findings;
use orderly_core::time::Seconds;
use serde_json::json;
use std::process::ExitCode;

/// Options, compared.
pub(super) struct Weighed {
    /// What they were compared over.
    pub found: Findings,
    /// The options, the first to try first.
    pub all: Vec<Compared>,
    /// What could not be looked at.
    pub unread: Vec<(String, Cause)>,
}

/// `orderly incident options`
pub(in super::super) async fn options(
    desk: &Desk,
    asked: &Options,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    within(asked.filling.back)?;
    let key = desk.key(&asked.incident)?;
    let log = or(desk.job().log(&key).await)?;
    let incident = log.incident();
    let weighed = weigh(desk, incident, asked.filling.back.0, &values(&asked.filling.with), printer).await?;
    let repairs = repair::of_incident(desk, incident).await;
    desk.close().await;
    let trials = TrialView::all(incident, desk.scrubber());
    match printer.format() {
        Format::Json => {
            let gaps: Vec<_> =
                weighed.unread.iter().map(|(what, cause)| json!({"what": what, "cause": cause})).collect();
            printer.json(&json!({
                "incident": key.to_string(), "verdict": weighed.found.verdict(), "options": weighed.all,
                "trials": trials, "repairs": repairs.iter().map(|repair| &repair.text).collect::<Vec<_>>(), "gaps": gaps,
            }))?;
        }
        Format::Text => {
            let mut text = format!("{}\n\n{}", weighed.found.verdict(), shown(&weighed.all));
            for trial in trials {
                text.push_str(&format!("\ntrial {}: {}", trial.number, trial.text));
            }
            for repair in repairs {
                text.push_str(&format!("\n{}", repair.text));
            }
            printer.data(&text)?;
            for (what, cause) in &weighed.unread {
                printer.note(&format!("not looked at: {what}: {cause}"));
            }
        }
    }
    if desk.config().settings.mitigations.iter().all(|one| one.option.kind == Kind::Hotfix) {
        printer.note("no option is configured: each is a table [[incident.mitigation]] in orderly.toml");
    }
    Ok(ExitCode::SUCCESS)
}

/// Gathers what is behind the incident and compares.
pub(super) async fn weigh(
    desk: &Desk,
    incident: &Incident,
    back: Seconds,
    given: &Values,
    printer: Printer,
) -> Result<Weighed, Failure> {
    let issues: Vec<_> = incident.issues().iter().map(|owned| owned.issue.clone()).collect();
    let progress = Progress::new(printer);
    progress.step("reading counts, traces and what changed");
    let found = desk.findings(&issues, back).await;
    let releases = desk.job().releases(incident).await;
    progress.finish();
    let (_, found) = found?;
    let mut gaps = found.gaps.clone();
    let releases = match releases {
        Looked::Saw(releases) => releases,
        Looked::CouldNotLook(cause) => {
            gaps.push(("earlier releases".to_owned(), cause));
            Vec::new()
        }
    };
    let options: Vec<Mitigation> =
        desk.config().settings.mitigations.iter().map(|settings| settings.option.clone()).collect();
    let over = Comparison { incident, options: &options, found: &found, releases: &releases, given };
    let all = compare(over, desk.scrubber());
    Ok(Weighed { found, all, unread: gaps })
}

/// What a person filled in.
pub(super) fn values(with: &[Filled]) -> Values {
    let mut values = Values::default();
    for Filled(slot, value) in with {
        values.put(slot.clone(), value.clone());
    }
    values
}

/// The settings of an option.
pub(super) fn settings<'a>(desk: &'a Desk, name: &str) -> Option<&'a MitigationSettings> {
    desk.config().settings.mitigations.iter().find(|settings| settings.option.name == name)
}

/// Whether the places of an option's commands have to be filled from what is found.
pub(super) fn has_places(option: &Mitigation, given: &Values) -> bool {
    let undo = match &option.reversibility {
        Reversibility::Command(template) => Some(template),
        Reversibility::ByHand | Reversibility::Never(_) => None,
    };
    option
        .command
        .iter()
        .chain(undo)
        .flat_map(|template| template.slots())
        .any(|slot| given.of(slot).is_empty())
}

/// A command or what is missing for it.
fn command(one: &Compared) -> String {
    match &one.command {
        Some(command) => command.clone(),
        None => {
            one.missing.iter().map(|slot| format!("needs --with {slot}=…")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn shown(all: &[Compared]) -> String {
    let rows = all.iter().map(|one| {
        vec![
            one.name.clone(),
            format!("{}: {}", strength(one.evidence.strength), one.evidence.reason),
            one.reversibility.clone(),
            one.time_to_effect.map_or_else(|| "unknown".to_owned(), |span| span.to_string()),
            one.blast_radius.words().to_owned(),
            told::name(&command(one)),
        ]
    });
    table(&["Option", "Evidence", "Taken back", "Shows after", "Also felt by", "Command"], rows)
}

const fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Named => "named",
        Strength::Shown => "shown",
        Strength::Suspected => "suspected",
        Strength::Plausible => "plausible",
        Strength::Unknown => "unknown",
        Strength::Against => "against",
    }
}
