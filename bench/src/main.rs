//! Measures the sync and compares each number with its target. `README.md` says what each number means.
//!
//! - [`sync`]: a sync of the real binary over servers that take their time. [`chain`]: which requests waited for which.
//! - [`plan`]: deciding, from answers as [`recorded`] has them. [`start`]: starting the binary.
//! - [`program`]: the binary that is measured. [`table`]: what is printed.

mod chain;
mod plan;
mod program;
mod recorded;
mod start;
mod sync;
mod table;

use anyhow::{Result, bail};
use program::Program;
use std::process::ExitCode;
use table::Row;

const USAGE: &str = "usage: cargo run --release -p orderly-bench -- [sync|plan|start|all]";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["all"] => {
            let program = Program::build()?;
            let mut rows = sync::measure(&program)?;
            rows.extend(plan::measure()?);
            rows.extend(start::measure(&program)?);
            rows
        }
        ["sync"] => sync::measure(&Program::build()?)?,
        ["plan"] => plan::measure()?,
        // Deciding in a process that has decided nothing before; `plan` starts it.
        [plan::COLD] => return plan::cold(),
        ["start"] => start::measure(&Program::build()?)?,
        _ => bail!(USAGE),
    };
    table::print(&rows);
    Ok(if rows.iter().all(Row::is_met) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
