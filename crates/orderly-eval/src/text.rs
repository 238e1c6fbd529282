//! `text`: tickets, some of which people marked as duplicates; each of those is compared with all others.

use crate::error::EvalError;
use crate::metrics::{mean, quantile, share};
use crate::predictions::Predictions;
use crate::report::{Metric, Report};
use crate::rows::Rows;
use orderly_core::similar::{Corpus, Signature, WrittenItem, text_likeness};
use orderly_core::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// As many tickets as an answer lists.
const LISTED: usize = 10;

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    title: String,
    body: String,
    duplicate_of: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct Prediction<'a> {
    id: &'a str,
    ranked: Vec<&'a str>,
}

/// Measures how early a duplicate is listed.
///
/// # Errors
/// As the reading and writing of files.
pub(crate) fn tickets(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let rows: Vec<Row> = rows.all()?;
    let signature = |row: &Row| {
        let text = |text: &str| Untrusted::new(text.to_owned());
        Signature::of_item(&WrittenItem { title: text(&row.title), body: text(&row.body) })
    };
    let signatures: Vec<Signature> = rows.iter().map(signature).collect();
    let mut corpus = Corpus::default();
    for signature in &signatures {
        corpus.add(signature);
    }
    let (mut ranks, mut times) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        let Some(duplicates) = row.duplicate_of.as_ref().filter(|duplicates| !duplicates.is_empty()) else {
            continue;
        };
        let begun = Instant::now();
        let mut found: Vec<(f64, usize)> = (0..rows.len())
            .filter(|other| *other != at)
            .map(|other| (text_likeness(&corpus, &signatures[at], &signatures[other]), other))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        times.push(begun.elapsed());
        let ranked: Vec<&str> =
            found.iter().take(LISTED).map(|(_, other)| rows[*other].id.as_str()).collect();
        ranks.push(
            ranked.iter().position(|id| duplicates.iter().any(|known| known == id)).map(|place| place + 1),
        );
        out.write(&Prediction { id: &row.id, ranked })?;
    }
    Ok(report(rows.len(), &ranks, &mut times))
}

fn report(rows: usize, ranks: &[Option<usize>], times: &mut [Duration]) -> Report {
    let within =
        |k| share(ranks.iter().filter(|rank| rank.is_some_and(|rank| rank <= k)).count(), ranks.len());
    let mut metrics = vec![Metric::count("rows", rows), Metric::count("queries", ranks.len())];
    metrics.extend([1, 5, 10].map(|k| Metric::share(format!("recall@{k}"), within(k))));
    let reciprocal = ranks.iter().map(|rank| rank.map_or(0.0, |rank| 1.0 / rank as f64));
    metrics.push(Metric::share("mrr@10", mean(reciprocal)));
    metrics.push(Metric::time("query_p50", quantile(times, 0.5)));
    metrics.push(Metric::time("query_p99", quantile(times, 0.99)));
    Report::of(metrics)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_duplicate_ticket_is_listed_before_strangers() {
        let dir = tempfile::tempdir().unwrap();
        let (data, answers) = (dir.path().join("rows.jsonl"), dir.path().join("answers.jsonl"));
        let row = |id: &str, title: &str, duplicate_of: serde_json::Value| {
            serde_json::json!({"id": id, "title": title, "body": "", "duplicate_of": duplicate_of})
                .to_string()
        };
        let rows = [
            row("a", "Checkout fails without a price", ["c"].into()),
            row("b", "Release notes are too long", serde_json::Value::Null),
            row("c", "Price missing: checkout fails", ["a"].into()),
        ];
        std::fs::write(&data, rows.join("\n")).unwrap();
        let report = crate::run(crate::Task::Text, &data, Some(&answers)).unwrap();
        let report = serde_json::to_value(report).unwrap();
        assert_eq!((&report["queries"], &report["mrr@10"]), (&2.into(), &1.0.into()));
        let answers = std::fs::read_to_string(answers).unwrap();
        assert!(answers.starts_with(r#"{"id":"a","ranked":["c","b"]}"#), "{answers}");
    }
}
