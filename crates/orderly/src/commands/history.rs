//! `orderly history [RUN]`: every run, every decision and its reason.

use super::scope::configure;
use crate::cli::{Global, History, Scope};
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::{Format, Printer};
use crate::output::table::table;
use orderly_core::ids::RunId;
use orderly_core::sync::report::{Report, ReportKind};
use orderly_engine::ports::ledger::{Ledger, RunKind, RunRecord, RunState};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Lists runs, or tells one in full.
pub async fn run(global: &Global, history: History, printer: Printer) -> Result<ExitCode, Failure> {
    let scope = Scope { database: history.database, ..Scope::default() };
    let config = configure(global, scope, |_| {})?;
    if !ledger::exists(&config) {
        return none_yet(printer);
    }
    let ledger = ledger::open(&config).await?;
    let told = match &history.run {
        Some(id) => one(&ledger, &RunId::new(id), printer).await,
        None => list(&ledger, history.limit, printer).await,
    };
    ledger.close().await;
    told
}

async fn list(ledger: &impl Ledger, limit: u32, printer: Printer) -> Result<ExitCode, Failure> {
    let runs = ledger.runs(limit).await.map_err(|error| ledger::failed(&error))?;
    if printer.format() == Format::Json {
        printer.json(&json!({"runs": runs.iter().map(as_json).collect::<Vec<_>>()}))?;
        return Ok(ExitCode::SUCCESS);
    }
    if runs.is_empty() {
        return none_yet(printer);
    }
    let rows = runs.iter().map(|run| {
        vec![
            run.id.to_string(),
            kind(run.kind).to_owned(),
            state(run.state).to_owned(),
            run.started_at.strftime("%F %T UTC").to_string(),
            summary(run),
        ]
    });
    printer.data(&table(&["Run", "What", "State", "Started", "Outcome"], rows))?;
    printer.note("`orderly history RUN` tells one in full; `orderly undo RUN` takes one back.");
    Ok(ExitCode::SUCCESS)
}

async fn one(ledger: &impl Ledger, id: &RunId, printer: Printer) -> Result<ExitCode, Failure> {
    let run = ledger.run(id).await.map_err(|error| ledger::failed(&error))?;
    let run = run.ok_or_else(|| {
        Failure::new(Kind::Usage, format!("the ledger knows no run `{id}`"))
            .hint("`orderly history` lists the runs")
    })?;
    if printer.format() == Format::Json {
        let mut told = as_json(&run);
        told["report"] = kept(&run).unwrap_or_default();
        printer.json(&told)?;
        return Ok(ExitCode::SUCCESS);
    }
    let style = printer.style();
    let mut text = vec![format!(
        "{} {}: {}, begun {}",
        style.strong("Run"),
        run.id,
        state(run.state),
        run.started_at.strftime("%F %T UTC")
    )];
    match page_of(&run) {
        Some(markdown) => text.push(format!("\n{markdown}")),
        None if run.kind == RunKind::Fix => {
            text.push("It has no report: it did not reach its end. The next `orderly fix` goes on.".to_owned());
        }
        None if run.kind == RunKind::Undo => text.push("It took back another run.".to_owned()),
        None => text.push("It has no report: it did not reach its end. The next `orderly sync --apply` finishes what it began.".to_owned()),
    }
    printer.data(&text.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn none_yet(printer: Printer) -> Result<ExitCode, Failure> {
    match printer.format() {
        Format::Json => printer.json(&json!({"runs": []}))?,
        Format::Text => {
            printer.data("No run yet. `orderly sync` makes a preview; nothing is written by it.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(run: &RunRecord) -> Value {
    json!({
        "run": run.id, "kind": kind(run.kind), "state": state(run.state), "started_at": run.started_at,
        "ended_at": run.ended_at, "plan": run.plan,
    })
}

const fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Preview => "preview",
        RunKind::Apply => "apply",
        RunKind::Undo => "undo",
        RunKind::Fix => "fix",
    }
}

const fn state(state: RunState) -> &'static str {
    match state {
        RunState::Started => "unfinished",
        RunState::Finished => "finished",
        RunState::Stopped => "stopped",
    }
}

fn report_of(run: &RunRecord) -> Option<Report> {
    run.report.as_deref().and_then(|text| serde_json::from_str(text).ok())
}

fn kept(run: &RunRecord) -> Option<Value> {
    run.report.as_deref().and_then(|text| serde_json::from_str(text).ok())
}

/// A run in full.
fn page_of(run: &RunRecord) -> Option<String> {
    match run.kind {
        RunKind::Fix => kept(run)?["page"].as_str().map(str::to_owned),
        RunKind::Preview | RunKind::Apply | RunKind::Undo => report_of(run).map(|report| report.markdown()),
    }
}

/// What a run came to, in one line.
fn summary(run: &RunRecord) -> String {
    if run.kind == RunKind::Fix {
        return kept(run).map(|kept| super::fix::summary(&kept)).unwrap_or_default();
    }
    let Some(report) = report_of(run) else { return String::new() };
    let written = match report.kind {
        ReportKind::Preview => "would be written",
        ReportKind::Applied => "created or linked",
    };
    format!(
        "{} {written}, {} prepared, {} duplicates, {} skipped by policy",
        report.created_or_linked.len(),
        report.prepared_only.len(),
        report.skipped_as_duplicates.len(),
        report.totals.held_back,
    )
}
