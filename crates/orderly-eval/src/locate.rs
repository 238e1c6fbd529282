//! `locate`: a trace, and the files that the true fix changed. Which of them would have been suspected?
//!
//! No repository is at hand here: a file is named as its frame spells it, and one that a trace leads to counts as being there.

use crate::error::EvalError;
use crate::metrics::{mean, share};
use crate::predictions::Predictions;
use crate::report::{Group, Metric, Report};
use crate::rows::Rows;
use orderly_core::diagnose::{Frame, FrameOrigin, Position};
use orderly_core::normal::platform::Platform;
use orderly_core::source::{Traced, likely_path};
use orderly_core::suspect::{Crash, Failure, Sight, Suspicion, Verdict, leads, suspects};
use orderly_core::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// How many paths and functions are ranked.
const MOST: usize = 10;

/// A crash with the paths of its fix.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    platform: String,
    exceptions: Vec<Exception>,
    gold: Vec<String>,
    #[serde(default)]
    gold_functions: Vec<Function>,
}

/// An exception; the thrown one is the last of a row, its frames are oldest first.
#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "type")]
    kind: String,
    value: Option<String>,
    frames: Vec<RowFrame>,
}

#[derive(Debug, Deserialize)]
struct RowFrame {
    function: Option<String>,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    in_app: bool,
}

/// A function by file and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Function {
    path: String,
    function: String,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    ranked: Vec<&'a str>,
    confidence: f64,
    abstain: bool,
    functions: Vec<Function>,
}

/// What came of a row.
struct Outcome {
    /// Place of the first right file, from 1.
    file: Option<usize>,
    /// Place of the first right function, where the row has functions.
    function: Option<Option<usize>>,
    confidence: f64,
    answered: bool,
}

/// Asks the engine about every row.
pub(crate) fn measure(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let mut outcomes = Vec::new();
    for row in rows.all::<Row>()? {
        let crash = crash(&row);
        let suspicion = suspects(&crash, &leads(&crash));
        let ranked: Vec<&str> = suspicion.suspects.iter().take(MOST).map(|s| s.path.as_str()).collect();
        let functions = functions(&suspicion);
        let confidence = suspicion.suspects.first().map_or(0.0, |first| first.probability);
        let answered = matches!(suspicion.verdict(), Verdict::Suspect(_));
        let place = |hit: &dyn Fn(usize) -> bool, of: usize| (0..of).find(|at| hit(*at)).map(|at| at + 1);
        let file = place(&|at| row.gold.iter().any(|gold| names(ranked[at], gold)), ranked.len());
        let changed = |function: &Function| {
            let same =
                |gold: &Function| gold.function == function.function && names(&function.path, &gold.path);
            row.gold_functions.iter().any(same)
        };
        let function = place(&|at| changed(&functions[at]), functions.len());
        out.write(&Answer { id: &row.id, ranked, confidence, abstain: !answered, functions })?;
        let function = (!row.gold_functions.is_empty()).then_some(function);
        outcomes.push(Outcome { file, function, confidence, answered });
    }
    Ok(report(&outcomes))
}

/// Whether a path names a gold path: equal, or its end with at least two components.
fn names(path: &str, gold: &str) -> bool {
    path == gold || path.contains('/') && gold.strip_suffix(path).is_some_and(|rest| rest.ends_with('/'))
}

fn crash(row: &Row) -> Crash {
    let platform = Platform::of(&row.platform);
    let failures = row.exceptions.iter().map(|exception| Failure {
        kind: exception.kind.clone(),
        message: exception.value.clone().unwrap_or_default(),
        frames: exception.frames.iter().rev().map(|frame| sight(platform, frame)).collect(),
    });
    Crash { platform, failures: failures.collect() }
}

fn sight(platform: Platform, row: &RowFrame) -> Sight {
    let text = |text: &Option<String>| text.clone().map(Untrusted::new);
    let frame = Frame {
        function: Untrusted::new(row.function.clone().unwrap_or_default()),
        raw_function: None,
        module: text(&row.module),
        package: None,
        file: text(&row.file),
        abs_path: None,
        position: row.line.map(|line| Position { line, column: None }),
        origin: if row.in_app { FrameOrigin::InApp } else { FrameOrigin::Library },
        platform: None,
        context: Vec::new(),
    };
    Sight {
        origin: frame.origin,
        path: likely_path(&Traced { frame: &frame, platform, original: None }),
        function: row.function.clone().unwrap_or_default(),
        module: row.module.clone().unwrap_or_default(),
    }
}

/// The functions of the suspects: the first of each file, then the others.
fn functions(suspicion: &Suspicion) -> Vec<Function> {
    let all = suspicion.suspects.iter().flat_map(|suspect| {
        let named = |(at, function): (usize, &String)| {
            (at, Function { path: suspect.path.clone(), function: function.clone() }, suspect.probability)
        };
        suspect.functions.iter().enumerate().map(named).collect::<Vec<_>>()
    });
    // A function further from the crash shares the suspicion of its file with those before it.
    let mut all: Vec<(f64, Function)> =
        all.map(|(at, function, probability)| (probability / (at + 1) as f64, function)).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(MOST).map(|(_, function)| function).collect()
}

fn report(outcomes: &[Outcome]) -> Report {
    let n = outcomes.len();
    let files: Vec<Option<usize>> = outcomes.iter().map(|o| o.file).collect();
    let functions: Vec<Option<usize>> = outcomes.iter().filter_map(|o| o.function).collect();
    let right = |o: &&Outcome| o.file == Some(1);
    let answered: Vec<&Outcome> = outcomes.iter().filter(|o| o.answered).collect();
    let mut by_confidence: Vec<&Outcome> = outcomes.iter().collect();
    by_confidence.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    by_confidence.truncate((n * 4).div_ceil(5));
    let mut metrics = vec![Metric::count("rows", n)];
    metrics.extend(hits(&files));
    metrics.push(Metric::share("abstained", share(n - answered.len(), n)));
    let sure = answered.iter().copied().filter(right).count();
    metrics.push(Metric::share("precision_when_answering", share(sure, answered.len())));
    let most = by_confidence.iter().copied().filter(right).count();
    metrics.push(Metric::share("precision_of_the_most_confident_80%", share(most, by_confidence.len())));
    metrics.push(Metric::share("ece", calibration_error(outcomes)));
    Report { metrics, groups: vec![Group { name: "functions".into(), metrics: counted(&functions) }] }
}

fn counted(places: &[Option<usize>]) -> Vec<Metric> {
    std::iter::once(Metric::count("rows", places.len())).chain(hits(places)).collect()
}

fn hits(places: &[Option<usize>]) -> Vec<Metric> {
    let within = |most: usize| places.iter().flatten().filter(|place| **place <= most).count();
    let hit = |most| Metric::share(format!("hit@{most}"), share(within(most), places.len()));
    let reciprocal = mean(places.iter().map(|place| place.map_or(0.0, |place| 1.0 / place as f64)));
    vec![hit(1), hit(3), hit(5), hit(10), Metric::share("mrr@10", reciprocal)]
}

/// Mean distance between confidence and hit rate over ten equal bins of confidence, weighted by their rows.
fn calibration_error(outcomes: &[Outcome]) -> Option<f64> {
    let mut bins = [(0_usize, 0.0, 0_usize); 10];
    for outcome in outcomes {
        let bin = &mut bins[((outcome.confidence * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + outcome.confidence, bin.2 + usize::from(outcome.file == Some(1)));
    }
    let off: f64 = bins.iter().map(|(_, confidence, right)| (confidence - *right as f64).abs()).sum();
    (!outcomes.is_empty()).then(|| off / outcomes.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_as_the_end_of_a_gold_path_only_with_a_folder() {
        assert!(names("org/x/Foo.java", "src/main/org/x/Foo.java"));
        assert!(names("cart.py", "cart.py"));
        assert!(!names("Foo.java", "src/Foo.java"));
        assert!(!names("x/Foo.java", "src/ax/Foo.java"));
    }

    #[test]
    fn hits_places_and_calibration_are_counted_over_all_rows() {
        let outcome =
            |file, confidence, answered| Outcome { file, function: Some(file), confidence, answered };
        let report =
            report(&[outcome(Some(1), 0.95, true), outcome(Some(3), 0.55, true), outcome(None, 0.05, false)]);
        let lines: Vec<String> =
            report.lines().iter().map(|[_, name, value]| format!("{name} {value}")).collect();
        let expected = [
            "rows 3",
            "hit@1 0.3333",
            "hit@3 0.6667",
            "hit@5 0.6667",
            "hit@10 0.6667",
            "mrr@10 0.4444",
            "abstained 0.3333",
            "precision_when_answering 0.5000",
            "precision_of_the_most_confident_80% 0.3333",
            "ece 0.2167",
        ];
        assert_eq!(lines[..10], expected);
    }
}
