//! Prints the engine beside known methods as a Markdown table: `beside_baselines duplicates|arvo DATA...`.

use orderly_eval::{Task, duplicates::beside_baselines, report::Report};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let task: Task = arguments.next().unwrap_or_default().parse()?;
    for data in arguments {
        let reports = beside_baselines(task, Path::new(&data))?;
        let names = |report: &Report| -> Vec<String> {
            report.lines().into_iter().map(|[_, name, _]| name).filter(|name| told(name)).collect()
        };
        let heads = reports.last().map(|(_, report)| names(report)).unwrap_or_default();
        say(&format!("\n| {data} | {} |\n|---|{}", heads.join(" | "), "---|".repeat(heads.len())));
        for (name, report) in &reports {
            let numbers: Vec<String> = report
                .lines()
                .into_iter()
                .filter(|[_, name, _]| told(name))
                .map(|[_, _, number]| number)
                .collect();
            say(&format!("| {name} | {} |", numbers.join(" | ")));
        }
    }
    Ok(())
}

/// The numbers that methods are compared by.
fn told(name: &str) -> bool {
    ["rr@1", "rr@5", "mrr@10", "auc", "certified_new@5%leak", "merge_recall@1%false", "merge_recall@5%false"]
        .contains(&name)
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
