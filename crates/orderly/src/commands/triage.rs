//! `orderly triage`: what is unresolved, ranked; and the one approval of what is worked on.
//!
//! Reading order: [`run`] -> `gather` (ports and progress) -> `told` (tables for people) -> `approve` (the gate) -> `kept`
//! (what is written down).

mod approve;
mod gather;
pub(super) mod kept;
mod told;

use super::scope::configure;
use crate::cli::triage::{Triage, TriageList, TriageScope, TriageTop, TriageWhat};
use crate::cli::{Global, Scope};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
pub(super) use approve::read as read_choice;
use approve::{Approved, Gate, Wish};
pub(super) use kept::keep_selection as keep;
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::Level;
use orderly_core::time::Now;
use orderly_core::triage::{ApprovedSelection, Choice, Gathered, Stats, Table, TableView, decide};
use orderly_engine::ports::clock::Clock as _;
use serde_json::json;
use std::io::IsTerminal as _;
use std::process::ExitCode;

/// Runs it.
pub async fn run(global: &Global, triage: Triage, printer: Printer) -> Result<ExitCode, Failure> {
    match triage.what {
        TriageWhat::List(list) => show_list(global, list, printer).await,
        TriageWhat::Top(top) => show_top(global, top, printer).await,
        TriageWhat::Stats(scope) => show_stats(global, scope, printer).await,
    }
}

/// The configuration over what is looked at.
fn configured(global: &Global, scope: TriageScope) -> Result<Config, Failure> {
    let TriageScope { org, projects, environments, stats_period, include_warn } = scope;
    let scope = Scope { org, projects, environments, ..Scope::default() };
    configure(global, scope, |over| {
        over.stats_period = stats_period;
        over.least_level = include_warn.then_some(Level::Warning);
    })
}

/// What a run found.
struct Found<'a> {
    config: &'a Config,
    scrubber: Scrubber,
    gathered: Gathered,
    now: Now,
}

impl<'a> Found<'a> {
    async fn look(config: &'a Config, printer: Printer) -> Result<Self, Failure> {
        let scrubber = Scrubber::new(&config.settings.policy.redact)
            .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
        let now = crate::clock::SystemClock.now();
        let gathered = gather::gather(config, now, printer).await?;
        Ok(Self { config, scrubber, gathered, now })
    }

    /// The table, which joins the day's.
    fn table(&self, printer: Printer) -> Table {
        let table = decide(&self.gathered, &self.config.settings.triage.policy, self.now);
        match kept::update_day(self.config, &table.site, self.now, &self.scrubber, |day| day.merge(&table)) {
            Ok(path) => printer.note(&format!("triage: {}", path.display())),
            // The table is shown; a folder that cannot be written is told, and costs nothing else.
            Err(failure) => printer.failure_note(&failure),
        }
        table
    }
}

/// The table's weightiest rows, for those who show them themselves.
///
/// # Errors
/// As `orderly triage top`.
pub(super) async fn ranked(config: &Config, rows: u32, printer: Printer) -> Result<Ranked, Failure> {
    let found = Found::look(config, printer).await?;
    let table = found.table(printer).top(rows as usize);
    let view = table.view(&found.scrubber);
    Ok(Ranked { table, view, now: found.now })
}

/// What a choice from the current table approves, kept as `orderly triage top --select` keeps it; `None` when it selects
/// nothing. `wanted` is the digest of the table that the choice was made from.
///
/// # Errors
/// As `orderly triage top --select`.
pub(super) async fn select(
    config: &Config,
    choice: &Choice,
    wanted: Option<&str>,
    printer: Printer,
) -> Result<Option<Box<ApprovedSelection>>, Failure> {
    let found = Found::look(config, printer).await?;
    let table = approve::as_shown(found.table(printer), wanted)?;
    let Approved::Selection(selection) = approve::approve(&table, choice, None, found.now)? else {
        return Ok(None);
    };
    let path = keep(config, &selection)?;
    printer.note(told::selection(&selection, &path, printer.side_style()).trim_end());
    Ok(Some(selection))
}

/// A table that was shown.
pub(super) struct Ranked {
    table: Table,
    pub view: TableView,
    now: Now,
}

impl Ranked {
    /// What a choice from the table of this digest selects; `None` when it selects nothing.
    ///
    /// # Errors
    /// As `orderly triage top --select`.
    pub(super) fn choose(
        &self,
        choice: &str,
        digest: &str,
    ) -> Result<Option<Box<ApprovedSelection>>, Failure> {
        let choice = approve::read(choice)?;
        Ok(match approve::approve(&self.table, &choice, Some(digest), self.now)? {
            Approved::Selection(selection) => Some(selection),
            Approved::Nothing | Approved::NotAsked => None,
        })
    }
}

async fn show_list(global: &Global, list: TriageList, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configured(global, list.scope)?;
    let found = Found::look(&config, printer).await?;
    let table = found.table(printer);
    let view = table.view(&found.scrubber);
    let printed = list.plain || list.explain || list.hidden || printer.format() == Format::Json;
    if !printed && std::io::stdout().is_terminal() && Gate::to(&view, Wish::Screen) == Gate::Screen {
        return choose(&found, &table, &view, Gate::Screen, printer);
    }
    match printer.format() {
        Format::Json => printer.json(&view)?,
        Format::Text => {
            let mut text = told::table(&view, found.now, printer.style());
            if list.explain {
                text.push_str(&told::explained(&view, printer.style()));
            }
            if list.hidden {
                text.push_str(&told::hidden(&view));
            }
            printer.data(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_top(global: &Global, top: TriageTop, printer: Printer) -> Result<ExitCode, Failure> {
    // A choice that cannot be read is told before anybody is asked for anything.
    let select = top.select.as_deref().map(approve::read).transpose()?;
    let config = configured(global, top.scope)?;
    let found = Found::look(&config, printer).await?;
    let table = found.table(printer).top(top.count as usize);
    let view = table.view(&found.scrubber);
    let gate = Gate::to(&view, if top.plain { Wish::Line } else { Wish::Screen });
    let asks = select.is_none() && (top.plain || printer.format() == Format::Text);
    // What the screen shows need not stand above it as well.
    let seen = asks && gate == Gate::Screen && std::io::stdout().is_terminal();
    if printer.format() == Format::Text && !seen {
        let mut text = told::table(&view, found.now, printer.style());
        if top.explain {
            text.push_str(&told::explained(&view, printer.style()));
        }
        printer.data(&text)?;
    }
    match select {
        Some(choice) => {
            let approved = approve::approve(&table, &choice, top.table.as_deref(), found.now)?;
            tell_approval(found.config, &view, &approved, printer)
        }
        None => choose(&found, &table, &view, if asks { gate } else { Gate::Nobody }, printer),
    }
}

/// Asks at the gate, and keeps what is approved.
fn choose(
    found: &Found<'_>,
    table: &Table,
    view: &TableView,
    gate: Gate,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let approved = match gate.ask(table, view, printer.side_style())? {
        Some(choice) => approve::approve(table, &choice, None, found.now)?,
        None => Approved::NotAsked,
    };
    tell_approval(found.config, view, &approved, printer)
}

fn tell_approval(
    config: &Config,
    view: &TableView,
    approved: &Approved,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let path = match approved {
        Approved::Selection(selection) => Some(kept::keep_selection(config, selection)?),
        Approved::Nothing | Approved::NotAsked => None,
    };
    match printer.format() {
        Format::Json => {
            let selection = match approved {
                Approved::Selection(selection) => json!({
                    "digest": selection.digest(),
                    "path": path,
                    "units": selection.get().units.iter()
                        .map(|unit| unit.issues().map(|issue| issue.short_id.as_str()).collect::<Vec<_>>())
                        .collect::<Vec<_>>(),
                }),
                Approved::Nothing | Approved::NotAsked => serde_json::Value::Null,
            };
            printer.json(&json!({"table": view, "selection": selection}))?;
        }
        Format::Text => match (approved, path) {
            (Approved::Selection(selection), Some(path)) => {
                printer.data(&told::selection(selection, &path, printer.style()))?;
            }
            (Approved::NotAsked, _) => printer.note(&told::how_to_choose(view)),
            _ => printer.note("nothing was chosen; nothing goes on"),
        },
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_stats(global: &Global, scope: TriageScope, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configured(global, scope)?;
    let found = Found::look(&config, printer).await?;
    let stats = Stats::of(&found.gathered, found.now);
    match printer.format() {
        Format::Json => printer.json(&told::stats_json(&stats, &found.scrubber))?,
        Format::Text => printer.data(&told::stats(&stats, &found.scrubber, printer.style()))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The choice of nobody: what `skip` says.
const SKIP: Choice = Choice::Skip;
