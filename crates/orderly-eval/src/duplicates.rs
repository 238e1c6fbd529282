//! `duplicates` and `arvo`: reports in the order they came; each is answered before its own cause is revealed, from the
//! earlier reports of the same project alone.

use crate::error::EvalError;
use crate::metrics::{auc, mean, quantile, share};
use crate::predictions::Predictions;
use crate::report::{Metric, Report};
use crate::rows::Rows;
use orderly_core::normal::platform::Platform;
use orderly_core::similar::{self, Candidate, Frame, Index, Signature, Thrown};
use orderly_core::sync::snapshot::FrameOrigin;
use orderly_core::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// As many candidates as an answer lists.
const LISTED: usize = 10;

/// A crash report with its label.
#[derive(Debug, Deserialize)]
struct CrashRow {
    id: String,
    project: String,
    platform: String,
    cause: String,
    exception: ExceptionRow,
    frames: Vec<FrameRow>,
    #[serde(default)]
    chain: Vec<ChainRow>,
    /// Known before the measurement begins: feeds the history and is not asked.
    #[serde(default)]
    history: bool,
}

#[derive(Debug, Deserialize)]
struct ExceptionRow {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

#[derive(Debug, Deserialize)]
struct FrameRow {
    function: Option<String>,
    module: Option<String>,
    file: Option<String>,
    in_app: bool,
}

#[derive(Debug, Deserialize)]
struct ChainRow {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    frames: usize,
}

/// A crash state with its label.
#[derive(Debug, Deserialize)]
struct StateRow {
    id: String,
    project: String,
    cause: String,
    crash_type: String,
    frames: Vec<String>,
    #[serde(default)]
    history: bool,
}

/// A row of either kind, as the engine and the protocol see it.
#[derive(Debug)]
struct Case {
    id: String,
    project: String,
    cause: String,
    signature: Signature,
    known_before: bool,
}

impl From<CrashRow> for Case {
    fn from(row: CrashRow) -> Self {
        let mut frames = row.frames.into_iter().map(Frame::from);
        let thrown = |kind, message, frames| Thrown {
            kind: Untrusted::new(kind),
            message: Untrusted::new(message),
            frames,
        };
        let exceptions = if row.chain.is_empty() {
            vec![thrown(row.exception.kind, row.exception.value, frames.collect())]
        } else {
            let links = row.chain.into_iter();
            links
                .map(|link| thrown(link.kind, link.value, frames.by_ref().take(link.frames).collect()))
                .collect()
        };
        let report = similar::Report { platform: Platform::of(&row.platform), exceptions };
        let signature = Signature::of(&report);
        Self { id: row.id, project: row.project, cause: row.cause, signature, known_before: row.history }
    }
}

impl From<FrameRow> for Frame {
    fn from(row: FrameRow) -> Self {
        Self {
            function: row.function.map(Untrusted::new),
            module: row.module.map(Untrusted::new),
            file: row.file.map(Untrusted::new),
            origin: if row.in_app { FrameOrigin::InApp } else { FrameOrigin::Library },
        }
    }
}

impl From<StateRow> for Case {
    fn from(row: StateRow) -> Self {
        let frame = |name: String| Frame {
            function: Some(Untrusted::new(name)),
            module: None,
            file: None,
            origin: FrameOrigin::InApp,
        };
        let thrown = Thrown {
            kind: Untrusted::new(row.crash_type),
            message: Untrusted::new(String::new()),
            frames: row.frames.into_iter().map(frame).collect(),
        };
        let report = similar::Report { platform: Platform::Native, exceptions: vec![thrown] };
        let signature = Signature::of(&report);
        Self { id: row.id, project: row.project, cause: row.cause, signature, known_before: row.history }
    }
}

/// One line of predictions.
#[derive(Debug, Serialize)]
struct Prediction<'a> {
    id: &'a str,
    ranked: Vec<Ranked<'a>>,
}

#[derive(Debug, Serialize)]
struct Ranked<'a> {
    cause: &'a str,
    score: f64,
}

/// What one answer was worth.
#[derive(Debug)]
struct Scored {
    /// Whether the cause had occurred before.
    seen: bool,
    /// The place of the right cause among the listed; ties count against the engine.
    rank: Option<usize>,
    /// The best candidate's score.
    top: f64,
    cause: (String, String),
}

/// Measures crash reports: ranking, and how well the scores tell known from new.
///
/// # Errors
/// As the reading and writing of files.
pub fn crashes(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let (mut metrics, scored) = stream::<CrashRow>(rows, out)?;
    metrics.extend(newness(&scored));
    Ok(Report::of(metrics))
}

/// Measures crash states: ranking alone, because what is new is not known there.
///
/// # Errors
/// As the reading and writing of files.
pub fn states(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    Ok(Report::of(stream::<StateRow>(rows, out)?.0))
}

fn stream<R>(rows: Rows, out: &mut Predictions) -> Result<(Vec<Metric>, Vec<Scored>), EvalError>
where
    R: serde::de::DeserializeOwned + Into<Case>,
{
    let mut projects: BTreeMap<String, (Index<String>, BTreeSet<String>)> = BTreeMap::new();
    let (mut scored, mut times) = (Vec::new(), Vec::new());
    for row in rows.each::<R>() {
        let case: Case = row?.into();
        let (index, known) = projects.entry(case.project.clone()).or_default();
        if !case.known_before && !known.is_empty() {
            let begun = Instant::now();
            let found = index.nearest(&case.signature, LISTED);
            times.push(begun.elapsed());
            let ranked = found.iter().map(|c| Ranked { cause: &c.item, score: c.score }).collect();
            out.write(&Prediction { id: &case.id, ranked })?;
            scored.push(score(&case, &found, known));
        }
        index.insert(case.cause.clone(), case.signature);
        known.insert(case.cause);
    }
    let mut metrics = ranking(&scored);
    metrics.extend(per_query(&mut times));
    Ok((metrics, scored))
}

fn score(case: &Case, found: &[Candidate<String>], known: &BTreeSet<String>) -> Scored {
    let own = found.iter().find(|candidate| candidate.item == case.cause);
    let rank = own.map(|own| found.iter().filter(|c| c.item == own.item || c.score >= own.score).count());
    Scored {
        seen: known.contains(&case.cause),
        rank,
        top: found.first().map_or(f64::NEG_INFINITY, |best| best.score),
        cause: (case.project.clone(), case.cause.clone()),
    }
}

fn ranking(scored: &[Scored]) -> Vec<Metric> {
    let seen: Vec<&Scored> = scored.iter().filter(|one| one.seen).collect();
    let within =
        |k| share(seen.iter().filter(|one| one.rank.is_some_and(|rank| rank <= k)).count(), seen.len());
    let mut metrics =
        vec![Metric::count("duplicates", seen.len()), Metric::count("new", scored.len() - seen.len())];
    metrics.extend([1, 3, 5, 10].map(|k| Metric::share(format!("rr@{k}"), within(k))));
    let reciprocal = seen.iter().map(|one| one.rank.map_or(0.0, |rank| 1.0 / rank as f64));
    metrics.push(Metric::share("mrr@10", mean(reciprocal)));
    let mut causes: BTreeMap<&(String, String), Vec<f64>> = BTreeMap::new();
    for one in &seen {
        causes.entry(&one.cause).or_default().push(f64::from(u8::from(one.rank == Some(1))));
    }
    let each = causes.into_values().filter_map(mean);
    metrics.push(Metric::share("rr@1_mean_of_causes", mean(each)));
    metrics
}

/// How well the best score tells a known cause from a new one.
fn newness(scored: &[Scored]) -> Vec<Metric> {
    let (mut seen, mut new): (Vec<&Scored>, Vec<&Scored>) = scored.iter().partition(|one| one.seen);
    seen.sort_by(|a, b| a.top.total_cmp(&b.top));
    new.sort_by(|a, b| b.top.total_cmp(&a.top));
    let tops = |of: &[&Scored]| of.iter().map(|one| one.top).collect::<Vec<_>>();
    let mut metrics = vec![Metric::share("auc", auc(&tops(&seen), &tops(&new)))];
    for percent in [1, 5] {
        // The highest threshold that lets at most so many of the known fall below it.
        let bar = seen.get(seen.len() * percent / 100).map(|one| one.top);
        let value = bar.and_then(|bar| share(new.iter().filter(|one| one.top < bar).count(), new.len()));
        metrics.push(Metric::share(format!("certified_new@{percent}%leak"), value));
    }
    for percent in [1, 5] {
        // The lowest threshold that at most so many of the new exceed.
        let bar = new.get(new.len() * percent / 100).map(|one| one.top);
        let right = |bar| seen.iter().filter(|one| one.top > bar && one.rank == Some(1)).count();
        let value = bar.and_then(|bar| share(right(bar), seen.len()));
        metrics.push(Metric::share(format!("merge_recall@{percent}%false"), value));
    }
    metrics
}

fn per_query(times: &mut [Duration]) -> [Metric; 2] {
    [Metric::time("query_p50", quantile(times, 0.5)), Metric::time("query_p99", quantile(times, 0.99))]
}

#[cfg(test)]
mod tests {
    fn measured(rows: &str) -> (serde_json::Value, Vec<serde_json::Value>) {
        let dir = tempfile::tempdir().unwrap();
        let (data, answers) = (dir.path().join("rows.jsonl"), dir.path().join("answers.jsonl"));
        std::fs::write(&data, rows).unwrap();
        let report = crate::run(crate::Task::Duplicates, &data, Some(&answers)).unwrap();
        let answers = std::fs::read_to_string(answers).unwrap();
        let answers = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (serde_json::to_value(report).unwrap(), answers)
    }

    fn row(id: &str, cause: &str, function: &str) -> String {
        serde_json::json!({
            "id": id, "project": "shop", "platform": "python", "cause": cause, "exception": {"type": "ValueError", "value": "bad amount"},
            "frames": [{"function": function, "module": "shop.cart", "file": "cart.py", "line": 3, "in_app": true}],
        })
        .to_string()
    }

    #[test]
    fn a_row_is_answered_from_the_earlier_rows_of_its_project() {
        let rows =
            [row("a", "one", "add_to_cart"), row("b", "two", "send_mail"), row("c", "one", "add_to_cart")];
        let (report, answers) = measured(&rows.join("\n"));
        // The first row has no history: it is not asked.
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[0]["id"], "b");
        assert_eq!(answers[1]["ranked"][0]["cause"], "one");
        assert_eq!((&report["duplicates"], &report["new"]), (&1.into(), &1.into()));
        assert_eq!(report["rr@1"], 1.0);
        assert_eq!(report["auc"], 1.0);
    }

    #[test]
    fn rows_of_the_history_are_not_asked() {
        let history = row("a", "one", "add_to_cart").replace("\"id\"", "\"history\":true,\"id\"");
        let (report, answers) = measured(&format!("{history}\n{}", row("b", "one", "add_to_cart")));
        assert_eq!((answers.len(), &report["duplicates"]), (1, &1.into()));
    }
}
