//! `duplicates` and `arvo`: reports in the order they came; each is answered before its own cause is revealed, from the
//! earlier reports of the same project alone.

mod case;
pub mod weights;

use crate::baselines::{Baseline, Crashes};
use crate::error::EvalError;
use crate::metrics::{auc, mean, quantile, share};
use crate::predictions::Predictions;
use crate::report::{Group, Metric, Report};
use crate::rows::Rows;
use crate::task::Task;
use crate::verdicts::{self, Judge, Judged};
use case::{Case, CrashRow, StateRow};
use orderly_core::calibrate::Truth;
use orderly_core::similar::{Candidate, Index, Order};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

/// As many candidates as an answer lists.
const LISTED: usize = 10;

/// One line of predictions.
#[derive(Debug, Serialize)]
struct Prediction<'a> {
    id: &'a str,
    ranked: Vec<Ranked<'a>>,
    verdict: &'static str,
}

#[derive(Debug, Serialize)]
struct Ranked<'a> {
    cause: &'a str,
    score: f64,
}

/// What one answer was worth.
#[derive(Clone, Debug)]
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
    let Streamed { mut metrics, scored, judged } = stream::<CrashRow>(rows, Order::Arbitrary, out)?;
    metrics.extend(newness(&each(&scored)));
    Ok(Report { metrics, groups: vec![verdicts::group(&judged)] })
}

/// Measures crash states: ranking alone, because what is new is not known there.
///
/// # Errors
/// As the reading and writing of files.
pub fn states(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    // The rows are in the order in which the crashes were found.
    Ok(Report::of(stream::<StateRow>(rows, Order::OfOccurrence, out)?.metrics))
}

/// What a stream of rows came to.
struct Streamed {
    metrics: Vec<Metric>,
    scored: Vec<Scored>,
    judged: Vec<Judged>,
}

fn stream<R>(rows: Rows, order: Order, out: &mut Predictions) -> Result<Streamed, EvalError>
where
    R: serde::de::DeserializeOwned + Into<Case>,
{
    let mut projects: BTreeMap<String, (Index<String>, BTreeSet<String>)> = BTreeMap::new();
    let mut judges: BTreeMap<String, Judge> = BTreeMap::new();
    let (mut scored, mut judged, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows.each::<R>() {
        let case: Case = row?.into();
        let (index, known) =
            projects.entry(case.project.clone()).or_insert_with(|| (Index::new(order), BTreeSet::new()));
        if !case.known_before && !known.is_empty() {
            let begun = Instant::now();
            let found = index.nearest(&case.signature, LISTED, 0.0);
            times.push(begun.elapsed());
            let ranked = found.iter().map(|c| Ranked { cause: &c.item, score: c.score }).collect();
            let judge = judges.entry(case.project.clone()).or_default();
            let best = found.first().map(|best| best.score);
            let call = judge.call(best);
            out.write(&Prediction { id: &case.id, ranked, verdict: verdicts::word(call) })?;
            let one = score(&case.project, &case.cause, &found, known);
            let truth = match (one.seen, one.rank) {
                (false, _) => Truth::New,
                (true, Some(1)) => Truth::Known,
                (true, _) => Truth::KnownElsewhere,
            };
            judged.push(judge.learn(call, best, truth));
            scored.push(one);
        }
        index.insert(case.cause.clone(), &case.signature);
        known.insert(case.cause);
    }
    let mut metrics = ranking(&each(&scored));
    metrics.extend(per_query(&mut times));
    Ok(Streamed { metrics, scored, judged })
}

/// The engine beside the known methods, on the same rows: a name and its numbers each, the engine last.
///
/// # Errors
/// As the reading of files.
pub fn beside_baselines(task: Task, data: &Path) -> Result<Vec<(&'static str, Report)>, EvalError> {
    let rows = || Rows::open(data);
    let mut reports = Vec::new();
    for method in Baseline::ALL {
        let scored = match task {
            Task::Arvo => baseline::<StateRow>(rows()?, method)?,
            _ => baseline::<CrashRow>(rows()?, method)?,
        };
        let mut metrics = ranking(&each(&scored));
        if task != Task::Arvo {
            metrics.extend(newness(&each(&scored)));
        }
        reports.push((method.name(), Report::of(metrics)));
    }
    let mut unwritten = Predictions::create(None)?;
    if task == Task::Arvo {
        let Streamed { metrics, .. } = stream::<StateRow>(rows()?, Order::Arbitrary, &mut unwritten)?;
        reports.push(("Orderly, order unused", Report::of(metrics)));
    }
    let engine = match task {
        Task::Arvo => states(rows()?, &mut unwritten)?,
        _ => crashes(rows()?, &mut unwritten)?,
    };
    reports.push(("Orderly", engine));
    Ok(reports)
}

/// How right the verdicts were: with thresholds that each project learned from its own answers so far, and with those
/// that all answers to other projects' rows teach.
///
/// # Errors
/// As the reading of files.
pub fn verdicts_left_out(data: &Path) -> Result<[(&'static str, Group); 2], EvalError> {
    let mut unwritten = Predictions::create(None)?;
    let Streamed { scored, judged, .. } =
        stream::<CrashRow>(Rows::open(data)?, Order::Arbitrary, &mut unwritten)?;
    let projects: Vec<&str> = scored.iter().map(|one| one.cause.0.as_str()).collect();
    let left_out = verdicts::left_out(&judged, &projects);
    Ok([("own history", verdicts::group(&judged)), ("left out", verdicts::group(&left_out))])
}

fn baseline<R>(rows: Rows, method: Baseline) -> Result<Vec<Scored>, EvalError>
where
    R: serde::de::DeserializeOwned + Into<Case>,
{
    let mut projects: BTreeMap<String, (Crashes, BTreeSet<String>)> = BTreeMap::new();
    let mut scored = Vec::new();
    for row in rows.each::<R>() {
        let case: Case = row?.into();
        let (crashes, known) = projects.entry(case.project.clone()).or_default();
        if !case.known_before && !known.is_empty() {
            let found = crashes.nearest(method, &case.plain, LISTED).into_iter();
            let found: Vec<_> = found.map(|(item, score)| Candidate { item, score }).collect();
            scored.push(score(&case.project, &case.cause, &found, known));
        }
        crashes.insert(case.cause.clone(), case.plain);
        known.insert(case.cause);
    }
    Ok(scored)
}

fn score(project: &str, cause: &str, found: &[Candidate<String>], known: &BTreeSet<String>) -> Scored {
    let own = found.iter().find(|candidate| candidate.item == cause);
    let rank = own.map(|own| found.iter().filter(|c| c.item == own.item || c.score >= own.score).count());
    Scored {
        seen: known.contains(cause),
        rank,
        top: found.first().map_or(f64::NEG_INFINITY, |best| best.score),
        cause: (project.to_owned(), cause.to_owned()),
    }
}

fn each(scored: &[Scored]) -> Vec<&Scored> {
    scored.iter().collect()
}

fn ranking(scored: &[&Scored]) -> Vec<Metric> {
    let seen: Vec<&Scored> = scored.iter().copied().filter(|one| one.seen).collect();
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
fn newness(scored: &[&Scored]) -> Vec<Metric> {
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
