//! Progress: a moving line on a terminal, one line a step elsewhere, nothing when asked to be quiet.

use crate::output::printer::{Loudness, Printer};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// Shows what is being done.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    spinner: Option<ProgressBar>,
}

impl Progress {
    /// Begins to show progress.
    pub fn new(printer: Printer) -> Self {
        let live = std::io::stderr().is_terminal() && printer.loudness() > Loudness::Quiet;
        Self { printer, spinner: live.then(spinner) }
    }

    /// What is being done now.
    pub fn step(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(text.to_owned()),
            None => self.printer.note(text),
        }
    }

    /// Ends the moving line.
    pub fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
