//! The backlog sync: a preview keeps its plan under its digest, and applying takes that digest.

use super::desk::{OrderlyDesk, refusal};
use super::plans;
use crate::commands::reports;
use crate::commands::sync;
use orderly_core::encode::terminal;
use orderly_core::sync::plan::{Decision, Plan};
use orderly_core::sync::report::{Report, ReportKind};
use orderly_serve::mcp::{Answer, Consent, Outcome, Refusal};
use serde_json::{Value, json};

/// `sync_preview`
pub(super) async fn preview(desk: &OrderlyDesk) -> Result<Answer, Refusal> {
    let previewed = sync::preview(&desk.config, desk.printer).await.map_err(|failure| refusal(&failure))?;
    plans::keep(desk, &previewed.plan.digest(), &previewed.plan)?;
    let mut answer = told(desk, &previewed.report);
    answer.tool.insert("plan_digest".to_owned(), json!(previewed.plan.digest()));
    answer
        .summary
        .push_str("\n\nNothing was written. `sync_apply` with `plan_digest` carries out exactly this plan.");
    Ok(answer)
}

/// `sync_apply`
pub(super) async fn apply(desk: &OrderlyDesk, digest: &str, consent: Consent) -> Result<Outcome, Refusal> {
    let plan = plans::read(desk, "sync_preview", digest, Plan::digest)?;
    if consent == Consent::NotAsked && desk.asks_a_person() {
        return Ok(Outcome::Ask(question(&plan)));
    }
    let applied =
        sync::apply_plan(&desk.config, desk.printer, plan).await.map_err(|failure| refusal(&failure))?;
    Ok(Outcome::Done(told(desk, &applied.report)))
}

/// What a person is asked: numbers and names that this program made or Sentry issued, no text of an event.
fn question(plan: &Plan) -> String {
    let named = |wanted: fn(&Decision) -> bool| {
        let names: Vec<&str> = plan
            .entries
            .iter()
            .filter(|entry| wanted(&entry.decision))
            .map(|entry| entry.issue.short_id.as_str())
            .collect();
        terminal::visible(&names.join(", "))
    };
    let creates = named(|decision| matches!(decision, Decision::Create { .. }));
    let others = named(|decision| matches!(decision, Decision::Link { .. } | Decision::Update { .. }));
    let or_none = |names: String| if names.is_empty() { "none".to_owned() } else { names };
    format!(
        "Write to the tracker team {}? New items for: {}. Links or comments on existing items for: {}. At most {} are created.",
        plan.team,
        or_none(creates),
        or_none(others),
        plan.cap
    )
}

/// A report, which is kept as every run's is.
fn told(desk: &OrderlyDesk, report: &Report) -> Answer {
    if let Err(failure) = reports::keep(&desk.config.state_dir(), report) {
        // The agent gets it all the same; whoever started the server is told.
        desk.printer.failure_note(&failure);
    }
    let totals = serde_json::to_value(&report.totals).unwrap_or_default();
    let rows: Vec<Value> = report
        .created_or_linked
        .iter()
        .map(|row| json!({"issue": row.issue.short_id, "result": row.result, "item": row.item}))
        .collect();
    let gaps: Vec<Value> =
        report.setup_gaps.iter().map(|gap| Value::from(terminal::visible(&gap.what))).collect();
    let done = match report.kind {
        ReportKind::Preview => "would be created or linked",
        ReportKind::Applied => "created or linked",
    };
    let mut answer = Answer {
        summary: format!("Sync of `{}`, run `{}`: {} {done}.", report.org, report.run, rows.len()),
        ..Answer::default()
    };
    answer.tool.insert("run".to_owned(), json!(report.run));
    answer.tool.insert("totals".to_owned(), totals);
    answer.tool.insert("created_or_linked".to_owned(), rows.into());
    answer.tool.insert("setup_gaps".to_owned(), gaps.into());
    // The report quotes titles, so all of it is told as what events wrote.
    answer.event = report.markdown().lines().map(terminal::visible).collect();
    answer
}
