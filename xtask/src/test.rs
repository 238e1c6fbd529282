//! The test command: everything that must hold, in the order in which it fails fastest.

use crate::run::{answers, command, say, step, step_watched};
use crate::{layers, setup};
use anyhow::Result;

/// Installs what is missing, then checks and tests the whole workspace, and ends with the counts.
pub fn everything() -> Result<()> {
    step("formatting", &mut command("cargo", &["fmt", "--all", "--check"]))?;
    layers::check()?;
    setup::everything()?;
    let clippy =
        ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"];
    step("clippy", &mut command("cargo", &clippy))?;
    step(
        "licences, sources, bans",
        &mut command(&setup::cargo_deny(), &["check", "licenses", "sources", "bans"]),
    )?;
    let mut summary = None;
    let mut full = command("cargo", &nextest());
    full.env("INSTA_UPDATE", "no").env("NEXTEST_NO_TESTS", "fail");
    step_watched("tests", &mut full, |line| {
        if line.contains("tests run:") {
            summary = Some(line.trim().to_owned());
        }
    })?;
    let mut documentation = command("cargo", &["test", "--workspace", "--locked", "--doc", "--quiet"]);
    step("examples in the documentation", &mut documentation)?;
    say(&counts(summary.as_deref().unwrap_or_default()));
    Ok(())
}

fn nextest() -> Vec<&'static str> {
    // The runner is a cargo subcommand where it is installed, and a program of the clients' folder elsewhere.
    debug_assert!(answers("cargo", &["nextest", "--version"]), "setup installs the test runner");
    vec!["nextest", "run", "--workspace", "--locked", "--profile", "full"]
}

/// `Summary [ 93.1s] 412 tests run: 412 passed (3 slow), 0 skipped` as the plain closing line.
fn counts(summary: &str) -> String {
    let number = |word: &str| {
        let before = summary.split(word).next().unwrap_or_default().trim_end();
        let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        if summary.contains(word) { digits.parse().unwrap_or(0) } else { 0_u32 }
    };
    format!("{} passed, {} failed, {} skipped", number(" passed"), number(" failed"), number(" skipped"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_has_the_counts_of_the_run() {
        let line = "Summary [  93.1s] 412 tests run: 412 passed (3 slow), 2 skipped";
        assert_eq!(counts(line), "412 passed, 0 failed, 2 skipped");
    }
}
