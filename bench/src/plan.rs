//! How long deciding takes, without any request.

use crate::recorded;
use crate::start::milliseconds;
use crate::table::Row;
use anyhow::{Context, Result, ensure};
use orderly_core::sync::decide::decide;
use orderly_core::sync::plan::Plan;
use orderly_core::sync::policy::SyncPolicy;
use orderly_core::sync::snapshot::Snapshot;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// The argument that makes this program decide once and say how long it took.
pub const COLD: &str = "plan-cold";

const POOL: u32 = 20;
const MANY: u32 = 10_000;
const RUNS: usize = 9;

const POOL_TARGET_MS: f64 = 20.0;
const MANY_TARGET_MS: f64 = 1000.0;

/// Decides in fresh processes, again and again in one process, and over many candidates.
///
/// # Errors
/// When a plan does not decide what it was given.
pub fn measure() -> Result<Vec<Row>> {
    let cold = fastest((0..RUNS).map(|_| in_a_fresh_process()).collect::<Result<_>>()?);
    let few = recorded::snapshot(POOL);
    let warm = fastest((0..RUNS).map(|_| timed(&few)).collect::<Result<_>>()?);
    let many = recorded::snapshot(MANY);
    let many = fastest((0..5).map(|_| timed(&many)).collect::<Result<_>>()?);
    Ok(vec![
        Row::at_most(
            format!("plan of {POOL}, first in a process"),
            milliseconds(cold),
            POOL_TARGET_MS,
            " ms",
        ),
        Row::at_most(format!("plan of {POOL}, later ones"), milliseconds(warm), POOL_TARGET_MS, " ms"),
        Row::at_most("plan of 10,000", milliseconds(many), MANY_TARGET_MS, " ms"),
    ])
}

/// Decides once and prints the microseconds that it took.
///
/// # Errors
/// As [`measure`].
#[expect(clippy::print_stdout, reason = "the answer to the process that asked")]
pub fn cold() -> Result<ExitCode> {
    println!("{}", timed(&recorded::snapshot(POOL))?.as_micros());
    Ok(ExitCode::SUCCESS)
}

fn in_a_fresh_process() -> Result<Duration> {
    let output = Command::new(std::env::current_exe()?).arg(COLD).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let micros = said.trim().parse().with_context(|| format!("{said:?} is no number of microseconds"))?;
    Ok(Duration::from_micros(micros))
}

fn timed(snapshot: &Snapshot) -> Result<Duration> {
    let policy = SyncPolicy::default();
    let started = Instant::now();
    let plan: Plan = decide(snapshot, &policy, recorded::now());
    let took = started.elapsed();
    let decided = plan.entries.len() + plan.held.len();
    ensure!(decided == snapshot.candidates.len(), "{decided} of {} were decided", snapshot.candidates.len());
    Ok(took)
}

/// Deciding is work for one processor and nothing else: whatever makes a run slower than the fastest is not its own.
fn fastest(spans: Vec<Duration>) -> Duration {
    spans.into_iter().min().unwrap_or_default()
}
