//! Triage: the ranked table, and a choice from it that a person approves.

use super::desk::{OrderlyDesk, refusal};
use crate::commands::triage;
use orderly_core::encode::terminal;
use orderly_core::triage::{RowView, TableView};
use orderly_serve::mcp::{Answer, Consent, List, Origin, Outcome, Refusal, Triage};
use serde_json::{Value, json};

/// Rows, unless somebody wants more.
const ROWS: u32 = 10;

/// `triage`
pub(super) async fn triage(desk: &OrderlyDesk, wanted: Triage, consent: Consent) -> Result<Outcome, Refusal> {
    let shown = triage::ranked(&desk.config, wanted.top.unwrap_or(ROWS), desk.printer)
        .await
        .map_err(|failure| refusal(&failure))?;
    let Some(choice) = wanted.select else { return Ok(Outcome::Done(told(&shown.view))) };
    let Some(digest) = wanted.table_digest else {
        return Err(Refusal::new(
            "`select` needs the `table_digest` of the table that the choice was made from",
        ));
    };
    let approved = shown.choose(&choice, &digest).map_err(|failure| refusal(&failure))?;
    let Some(selection) = approved else { return Ok(Outcome::Done(told(&shown.view))) };
    let names: Vec<&str> = selection.get().issues().map(|issue| issue.short_id.as_str()).collect();
    let names = terminal::visible(&names.join(", "));
    if consent == Consent::NotAsked && desk.asks_a_person() {
        return Ok(Outcome::Ask(format!("Approve work on {names}?")));
    }
    let path = triage::keep(&desk.config, &selection).map_err(|failure| refusal(&failure))?;
    let mut answer = Answer { summary: format!("Approved: {names}."), ..Answer::default() };
    answer.tool.insert("selection_digest".to_owned(), json!(selection.digest()));
    answer.tool.insert("kept_in".to_owned(), json!(path));
    Ok(Outcome::Done(answer))
}

fn told(view: &TableView) -> Answer {
    let totals = &view.totals;
    let mut answer = Answer {
        summary: format!("{} unresolved: {} shown, {} filtered.", totals.listed, totals.shown, totals.hidden),
        ..Answer::default()
    };
    answer.tool.insert("table_digest".to_owned(), json!(view.digest));
    answer.tool.insert("totals".to_owned(), json!(totals));
    let gaps: Vec<Value> = view.gaps.iter().map(|gap| Value::from(terminal::visible(gap))).collect();
    if !gaps.is_empty() {
        answer.tool.insert("gaps".to_owned(), gaps.into());
    }
    answer.lists = vec![
        List { origin: Origin::Sentry, name: "rows", rows: view.rows.iter().map(row).collect() },
        List { origin: Origin::Tool, name: "scores", rows: view.rows.iter().map(score).collect() },
    ];
    for row in &view.rows {
        answer.event.push(format!("{} {} title: {}", row.number, row.short_id, row.title));
        answer.event.extend(row.diagnosis.iter().map(|line| format!("   {line}")));
    }
    answer
}

fn score(row: &RowView) -> Value {
    let mut value = json!({"row": row.number, "score": row.score.words()});
    if let Some(reason) = &row.left_to_a_person {
        value["left_to_a_person"] = json!(reason);
    }
    if !row.related.is_empty() {
        value["one_unit_with"] = json!(row.related);
    }
    value
}

fn row(row: &RowView) -> Value {
    json!({
        "row": row.number,
        "short_id": row.short_id,
        "level": row.level,
        "events": row.events,
        "users": row.users,
        "last_seen": row.last_seen,
        "url": row.permalink,
    })
}
