//! The report of a run of repairs.

use super::case::Case;
use super::disposition::{Disposition, Resolution};
use crate::encode::markdown;
use crate::scrub::Scrubber;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The report of a run: a section an issue, and a summary.
pub fn markdown(cases: &[Case], scrubber: &Scrubber) -> String {
    let mut text = "# Repairs\n".to_owned();
    for case in cases {
        let _ =
            write!(text, "\n## {}\n\n{}", markdown::plain(case.short_id.as_str()), section(case, scrubber));
    }
    let _ = write!(text, "\n## Summary\n\n{}", summary(cases));
    text
}

/// One issue: how it ended, and what there is of it.
fn section(case: &Case, scrubber: &Scrubber) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "- **{name}:** {value}");
    };
    row("Title", &markdown::code(&scrubber.scrub(&case.title).capped(200)));
    row("Sentry", &case.permalink);
    for also in &case.related {
        row("Also", &format!("{} {}", markdown::plain(also.short_id.as_str()), also.permalink));
    }
    let Some(end) = case.end() else { return text };
    row("Disposition", end.disposition.word());
    if let Some(reason) = end.disposition.reason() {
        row("Reason", &markdown::plain(reason));
    }
    if let Disposition::Fixed { commit, branch, resolution } = &end.disposition {
        row("Commit", &format!("`{}` on `{}`", commit.short(), branch.replace('`', "'")));
        row("In Sentry", &told(resolution));
    }
    if matches!(end.disposition, Disposition::Failed { .. }) {
        let what = format!(
            "the worktree of `{}`, if one was made (`git worktree list` says where); `orderly fix --clean` removes it",
            case.branch
        );
        row("Left to look at", &what);
    }
    for found in &case.found {
        row("Found", &markdown::plain(found));
    }
    if !end.files.is_empty() {
        let files: Vec<String> =
            end.files.iter().map(|file| format!("`{}`", file.replace('`', "'"))).collect();
        row("Files", &files.join(", "));
    }
    if let Some(receipt) = &end.receipt {
        let compared = receipt.compared();
        let checks =
            [("passed", &compared.green), ("failed before too", &compared.old), ("flaky", &compared.flaky)];
        let checks = checks.into_iter().filter(|(_, names)| !names.is_empty());
        let checks: Vec<String> =
            checks.map(|(word, names)| format!("{word}: {}", markdown::plain(&names.join(", ")))).collect();
        row("Checks", &checks.join("; "));
        let shown = if receipt.shows_the_bug() { "fails without the fix and passes with it" } else { "none" };
        row("Reproducing test", shown);
        row("Attempts", &format!("{} by {}", receipt.tries, markdown::plain(&receipt.agent)));
        row("Sandbox", &receipt.sandbox);
    }
    text
}

fn told(resolution: &Resolution) -> String {
    match resolution {
        Resolution::Resolved => "resolved in the next release".to_owned(),
        Resolution::Waits { reason } => format!("not yet: {}", markdown::plain(reason)),
        Resolution::NotTold(cause) => format!("could not be told: {}", markdown::plain(&cause.to_string())),
    }
}

/// Issue by issue: a repair of several counts for each.
fn summary(cases: &[Case]) -> String {
    let ends: Vec<Disposition> = cases.iter().flat_map(Case::ends).map(|(_, end)| end).collect();
    let mut text = format!("- Worked on: {}\n", ends.len());
    for word in ["fixed", "already fixed", "won't fix", "declined", "deferred", "failed"] {
        let count = ends.iter().filter(|end| end.word() == word).count();
        let _ = writeln!(text, "- {}: {count}", capital(word));
    }
    let mut commits = BTreeSet::new();
    let mut resolved = 0;
    for end in &ends {
        if let Disposition::Fixed { commit, resolution, .. } = end {
            commits.insert(format!("`{}`", commit.short()));
            resolved += usize::from(*resolution == Resolution::Resolved);
        }
    }
    let files = cases.iter().filter_map(Case::end).flat_map(|end| &end.files);
    let files: BTreeSet<String> = files.map(|file| format!("`{}`", file.replace('`', "'"))).collect();
    let _ = writeln!(text, "- Resolved in Sentry: {resolved}");
    let _ = writeln!(text, "- Commits: {}\n- Files: {}", list(&commits), list(&files));
    text
}

fn list(all: &BTreeSet<String>) -> String {
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
