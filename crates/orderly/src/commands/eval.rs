//! `orderly eval TASK DATA`: an engine measured on labelled data.

use crate::cli::Eval;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use crate::output::table::table;
use orderly_eval::EvalError;
use std::process::ExitCode;

/// Measures, and prints the numbers.
pub fn run(eval: &Eval, printer: Printer) -> Result<ExitCode, Failure> {
    let Some(data) = &eval.data else {
        return Err(
            Failure::new(Kind::Usage, "there is nothing to measure on").hint("name a file of labelled rows")
        );
    };
    let report = orderly_eval::run(eval.task, data, eval.predictions.as_deref())
        .map_err(|error| failed(eval, &error))?;
    match printer.format() {
        Format::Json => printer.json(&report)?,
        Format::Text => {
            let lines = report.lines().into_iter().map(Vec::from);
            printer.data(&table(&["Part", "Metric", "Value"], lines))?;
        }
    }
    if let Some(path) = &eval.predictions {
        printer.note(&format!("The answers are in {}.", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn failed(eval: &Eval, error: &EvalError) -> Failure {
    let task = eval.task;
    let (kind, hint) = match error {
        EvalError::Unreadable { .. } => {
            (Kind::Usage, "name a file of labelled rows that can be read".to_owned())
        }
        EvalError::NotARow { .. } | EvalError::Empty { .. } => (
            Kind::Usage,
            format!("`{task}` reads one JSON object a line; is the file made for another task?"),
        ),
        EvalError::Unwritable { .. } => {
            (Kind::Incomplete, "name a file for the predictions that can be written".to_owned())
        }
    };
    Failure::new(kind, format!("`{task}` cannot be measured")).because(error).hint(hint)
}
