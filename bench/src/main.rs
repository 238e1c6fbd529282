//! Measures the sync and ingest, and compares each number with its target. `README.md` says what each number means.
//!
//! - [`sync`]: a sync of the real binary over servers that take their time. [`chain`]: which requests waited for which.
//! - [`plan`]: deciding, from answers as [`recorded`] has them. [`start`]: starting the binary.
//! - [`similar`]: comparing errors with everything tracked, in a company that [`crashes`] makes up. [`beside`]: the engine
//!   beside known methods, on labelled data.
//! - [`watch`]: watching 10,000 series. [`incident`]: from a gathered incident to severity, suspects and documents.
//! - [`frames`]: the files and lines of a trace in a big repository.
//! - [`ingest`]: envelopes of an official SDK, as fast as they are taken; a store that grows; hostile traffic.
//! - [`agents`]: the MCP server beside the official one.
//! - [`program`]: the binary that is measured. [`table`]: what is printed.

mod agents;
mod beside;
mod chain;
mod crashes;
mod frames;
mod incident;
mod ingest;
mod plan;
mod program;
mod recorded;
mod similar;
mod start;
mod sync;
mod table;
mod watch;

use anyhow::{Result, bail};
use program::Program;
use std::process::ExitCode;
use table::Row;

const USAGE: &str = "usage: cargo run --release -p orderly-bench -- [sync|plan|start|similar|watch|incident|frames|ingest|growth|hurt|agents|all], or duplicates|arvo|weights FILE...";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["all"] => {
            let program = Program::build()?;
            let mut rows = sync::measure(&program)?;
            rows.extend(plan::measure()?);
            rows.extend(start::measure(&program)?);
            rows.extend(similar::measure());
            rows.extend(watch::measure());
            rows.extend(incident::measure());
            rows.extend(frames::measure()?);
            rows.extend(ingest::measure(&program)?);
            rows.extend(ingest::hurt(&program)?);
            rows.extend(agents::measure(&program)?);
            rows
        }
        ["sync"] => sync::measure(&Program::build()?)?,
        ["ingest"] => ingest::measure(&Program::build()?)?,
        ["growth"] => ingest::growth(&Program::build()?)?,
        ["agents"] => agents::measure(&Program::build()?)?,
        ["hurt"] => ingest::hurt(&Program::build()?)?,
        ["plan"] => plan::measure()?,
        // Deciding in a process that has decided nothing before; `plan` starts it.
        [plan::COLD] => return plan::cold(),
        ["similar"] => similar::measure(),
        ["watch"] => watch::measure(),
        ["incident"] => incident::measure(),
        ["frames"] => frames::measure()?,
        [frames::COLD, folder, release] => return frames::cold(folder, release),
        ["weights", ref files @ ..] if !files.is_empty() => {
            beside::print_choices(files)?;
            return Ok(ExitCode::SUCCESS);
        }
        [task, first, ref others @ ..] => {
            beside::print(task.parse()?, std::iter::once(first).chain(others.iter().copied()))?;
            return Ok(ExitCode::SUCCESS);
        }
        ["start"] => start::measure(&Program::build()?)?,
        _ => bail!(USAGE),
    };
    table::print(&rows);
    Ok(if rows.iter().all(Row::is_met) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
