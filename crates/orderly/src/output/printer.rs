//! The one printer. A closed pipe is success: whoever read enough has what it wanted.

use crate::cli::Global;
use crate::failure::{Failure, Kind};
use crate::output::style::Style;
use std::io::{IsTerminal, Write};

/// What goes where, and how.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    format: Format,
    loudness: Loudness,
    out: Style,
    err: Style,
}

/// The form of the data on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// How much goes to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Errors only.
    Quiet,
    /// Progress and notes.
    Normal,
    /// Also what was looked at.
    Verbose,
}

/// Whoever reads stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Still there.
    There,
    /// Gone: it has what it wanted.
    Gone,
}

impl Printer {
    /// A printer as the global flags ask for it.
    pub fn new(global: &Global) -> Self {
        Self {
            format: if global.json { Format::Json } else { Format::Text },
            loudness: match (global.quiet, global.verbose) {
                (true, _) => Loudness::Quiet,
                (false, 0) => Loudness::Normal,
                (false, _) => Loudness::Verbose,
            },
            out: Style::choose(global.color, std::io::stdout().is_terminal()),
            err: Style::choose(global.color, std::io::stderr().is_terminal()),
        }
    }

    /// The form of the data.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Style of stdout.
    pub const fn style(&self) -> Style {
        self.out
    }

    /// Style of stderr.
    pub const fn side_style(&self) -> Style {
        self.err
    }

    /// How much goes to stderr.
    pub const fn loudness(&self) -> Loudness {
        self.loudness
    }

    /// Prints data for people; ends with a line feed.
    ///
    /// # Errors
    /// When stdout cannot be written, other than because its reader left.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
        written(write!(std::io::stdout().lock(), "{text}{end}").and_then(|()| std::io::stdout().flush()))
    }

    /// Prints one line of many, and says whether anybody reads on.
    ///
    /// # Errors
    /// As [`Printer::data`].
    pub fn line(&self, text: &str) -> Result<Reader, Failure> {
        let mut out = std::io::stdout().lock();
        let result = writeln!(out, "{text}").and_then(|()| out.flush());
        match &result {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
            _ => written(result).map(|()| Reader::There),
        }
    }

    /// Prints one JSON document: on one line, or spread out when a person looks at it.
    ///
    /// # Errors
    /// As [`Printer::data`].
    pub fn json<T: serde::Serialize>(&self, value: &T) -> Result<(), Failure> {
        let text = if std::io::stdout().is_terminal() {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        match text {
            Ok(text) => self.data(&text),
            Err(error) => {
                Err(Failure::new(Kind::Incomplete, "the result cannot be written as JSON").because(&error))
            }
        }
    }

    /// Tells something on the side, unless `--quiet`.
    pub fn note(&self, text: &str) {
        if self.loudness > Loudness::Quiet {
            self.side(text);
        }
    }

    /// Tells a failure: for people on stderr, and as the JSON document on stdout when JSON was asked for.
    pub fn failure(&self, failure: &Failure) {
        if self.format == Format::Json {
            // If stdout is gone as well there is nobody left to tell.
            drop(self.json(&failure.to_json()));
        }
        self.side(&self.err.failure(&failure.to_string()));
    }

    /// Tells a failure that costs the command nothing, unless `--quiet`.
    pub fn failure_note(&self, failure: &Failure) {
        self.note(&failure.to_string().replacen("error: ", "warning: ", 1));
    }

    fn side(&self, text: &str) {
        // Nobody may be listening on stderr; that is no reason to fail.
        drop(writeln!(std::io::stderr().lock(), "{text}"));
    }
}

fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(Kind::Incomplete, "stdout cannot be written").because(&error)),
        Ok(()) => Ok(()),
    }
}
