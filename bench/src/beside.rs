//! The engine beside known methods on files of labelled rows, as a Markdown table each; its verdicts; and what other
//! choices of its numbers would give.

use anyhow::{Result, ensure};
use orderly_eval::duplicates::weights::{Choice, choices};
use orderly_eval::duplicates::{beside_baselines, verdicts_left_out};
use orderly_eval::report::{Group, Report};
use orderly_eval::{Task, error::EvalError};
use std::path::Path;

/// The numbers that methods are compared by.
const TOLD: [&str; 7] =
    ["rr@1", "rr@5", "mrr@10", "auc", "certified_new@5%leak", "merge_recall@1%false", "merge_recall@5%false"];

/// The numbers of verdicts, in the order of the report.
const VERDICTS: [&str; 5] = ["recall", "false_merge_rate", "certified_new", "leak", "undecided"];

/// The numbers that choices were made by, in the order of the report.
const CHOSEN_BY: [&str; 3] = ["auc", "certified_new@5%leak", "merge_recall@1%false"];

/// Measures every method on every file, and prints.
///
/// # Errors
/// A task without known methods; a file that cannot be read.
pub fn print<'a>(task: Task, files: impl Iterator<Item = &'a str>) -> Result<()> {
    ensure!(matches!(task, Task::Duplicates | Task::Arvo), "`{task}` has no known methods beside the engine");
    for file in files {
        let reports = beside_baselines(task, Path::new(file))?;
        let heads = reports.last().map(|(_, report)| told(report, 1, &TOLD)).unwrap_or_default();
        say(&format!("\n| {file} | {} |\n|---|{}", heads.join(" | "), "---|".repeat(heads.len())));
        for (name, report) in &reports {
            say(&format!("| {name} | {} |", told(report, 2, &TOLD).join(" | ")));
        }
        if task == Task::Duplicates {
            verdicts(Path::new(file))?;
        }
    }
    Ok(())
}

/// How right the verdicts are, with a project's own thresholds and with those of all others.
fn verdicts(file: &Path) -> Result<(), EvalError> {
    say(&format!("\n| verdicts | {} |\n|---|{}", VERDICTS.join(" | "), "---|".repeat(VERDICTS.len())));
    for (name, group) in verdicts_left_out(file)? {
        let report = Report { metrics: Vec::new(), groups: vec![Group { name: String::new(), ..group }] };
        say(&format!("| {name} | {} |", told(&report, 2, &VERDICTS).join(" | ")));
    }
    Ok(())
}

/// Every choice of the two numbers of the score that were chosen by their results, and each project with the choice of
/// all others.
///
/// # Errors
/// A file that cannot be read.
pub fn print_choices(files: &[&str]) -> Result<()> {
    let paths: Vec<&Path> = files.iter().map(Path::new).collect();
    let heads: Vec<String> =
        files.iter().flat_map(|file| CHOSEN_BY.map(|name| format!("{name} of {file}"))).collect();
    say(&format!("\n| floor | power | {} |\n|---|---|{}", heads.join(" | "), "---|".repeat(heads.len())));
    for chosen in choices(&paths)? {
        let first = match chosen.choice {
            Some(Choice { floor, power }) => format!("{floor} | {power}"),
            None => "left out | left out".to_owned(),
        };
        let values: Vec<String> =
            chosen.reports.iter().flat_map(|report| told(report, 2, &CHOSEN_BY)).collect();
        say(&format!("| {first} | {} |", values.join(" | ")));
    }
    Ok(())
}

/// A column of the lines that are told.
fn told(report: &Report, column: usize, names: &[&str]) -> Vec<String> {
    let lines = report.lines().into_iter().filter(|[_, name, _]| names.contains(&name.as_str()));
    lines.map(|line| line[column].clone()).collect()
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
