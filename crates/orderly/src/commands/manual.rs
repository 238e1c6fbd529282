//! `orderly completions` and `orderly man`: generated from the command line itself.

use crate::cli::Cli;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use clap::CommandFactory;
use std::process::ExitCode;

/// Prints completions for a shell.
pub fn completions(shell: clap_complete::Shell, printer: Printer) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "orderly", &mut script);
    printer.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page in roff: `orderly man | man -l -`.
pub fn page(printer: Printer) -> Result<ExitCode, Failure> {
    let mut roff = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut roff)
        .map_err(|error| Failure::new(Kind::Incomplete, "the manual page cannot be made").because(&error))?;
    printer.data(&String::from_utf8_lossy(&roff))?;
    Ok(ExitCode::SUCCESS)
}
