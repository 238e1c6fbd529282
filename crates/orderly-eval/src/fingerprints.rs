//! `fingerprints`: messages with their varying parts replaced by Sentry's placeholders, compared character by character.

use crate::error::EvalError;
use crate::metrics::share;
use crate::predictions::Predictions;
use crate::report::{Metric, Report};
use crate::rows::Rows;
use orderly_core::normal::message::parameterize;
use serde::{Deserialize, Serialize};

/// A message, and what it becomes; only an asked message has no expectation.
#[derive(Debug, Deserialize)]
struct Row {
    input: String,
    expected: Option<String>,
}

/// An answer.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    input: &'a str,
    output: &'a str,
}

/// Parameterizes every message.
///
/// # Errors
/// A row that is none, or an answer that cannot be written.
pub fn messages(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let rows: Vec<Row> = rows.all()?;
    let (mut labelled, mut equal) = (0, 0);
    for Row { input, expected } in &rows {
        let output = parameterize(input);
        out.write(&Answer { input, output: &output })?;
        if let Some(expected) = expected {
            labelled += 1;
            equal += usize::from(*expected == output);
        }
    }
    Ok(Report::of(vec![
        Metric::count("rows", rows.len()),
        Metric::count("equal", equal),
        Metric::share("accuracy", share(equal, labelled)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_written_and_counted_where_they_equal_what_is_expected() {
        let dir = tempfile::tempdir().unwrap();
        let (data, answers) = (dir.path().join("rows.jsonl"), dir.path().join("answers.jsonl"));
        let rows = "{\"input\":\"order 7\",\"expected\":\"order <int>\"}\n{\"input\":\"v2\",\"expected\":\"v<int>\"}\n{\"input\":\"0x1\"}\n";
        std::fs::write(&data, rows).unwrap();
        let mut out = Predictions::create(Some(&answers)).unwrap();
        let report = messages(Rows::open(&data).unwrap(), &mut out).unwrap();
        out.finish().unwrap();
        let lines: Vec<String> = report.lines().iter().map(|line| line.join("|")).collect();
        assert_eq!(lines, ["|rows|3", "|equal|1", "|accuracy|0.5000"]);
        let written = std::fs::read_to_string(&answers).unwrap();
        assert_eq!(written.lines().next(), Some("{\"input\":\"order 7\",\"output\":\"order <int>\"}"));
        assert_eq!(written.lines().count(), 3);
    }
}
