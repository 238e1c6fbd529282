//! How long the binary takes to start and say its version.

use crate::program::{Program, run};
use crate::table::Row;
use anyhow::Result;
use std::time::Duration;

const RUNS: usize = 20;
const TARGET_MS: f64 = 10.0;

/// Starts it twenty times; the median counts.
///
/// # Errors
/// When it cannot be started.
pub fn measure(program: &Program) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let mut walls = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        walls.push(run(program.command(folder.path(), &["--version"]))?.wall);
    }
    walls.sort();
    let median = walls[RUNS / 2];
    Ok(vec![Row::at_most(
        format!("`orderly --version`, median of {RUNS}"),
        milliseconds(median),
        TARGET_MS,
        " ms",
    )])
}

/// A span in milliseconds.
pub fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
