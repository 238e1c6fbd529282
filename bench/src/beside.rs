//! The engine beside known methods on files of labelled rows, as a Markdown table each.

use anyhow::{Result, ensure};
use orderly_eval::{Task, duplicates::beside_baselines, report::Report};
use std::path::Path;

/// The numbers that methods are compared by.
const TOLD: [&str; 7] =
    ["rr@1", "rr@5", "mrr@10", "auc", "certified_new@5%leak", "merge_recall@1%false", "merge_recall@5%false"];

/// Measures every method on every file, and prints.
///
/// # Errors
/// A task without known methods; a file that cannot be read.
pub fn print<'a>(task: Task, files: impl Iterator<Item = &'a str>) -> Result<()> {
    ensure!(matches!(task, Task::Duplicates | Task::Arvo), "`{task}` has no known methods beside the engine");
    for file in files {
        let reports = beside_baselines(task, Path::new(file))?;
        let heads = reports.last().map(|(_, report)| told(report, 1)).unwrap_or_default();
        say(&format!("\n| {file} | {} |\n|---|{}", heads.join(" | "), "---|".repeat(heads.len())));
        for (name, report) in &reports {
            say(&format!("| {name} | {} |", told(report, 2).join(" | ")));
        }
    }
    Ok(())
}

/// A column of the lines that are told.
fn told(report: &Report, column: usize) -> Vec<String> {
    let lines = report.lines().into_iter().filter(|[_, name, _]| TOLD.contains(&name.as_str()));
    lines.map(|line| line[column].clone()).collect()
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
