//! The approval gate: a screen, a question on one line, or `--select`.

use super::SKIP;
use crate::commands::interrupted;
use crate::failure::{Failure, Kind};
use crate::output::style::Style;
use crate::output::terminal::Terminal;
use orderly_core::time::Now;
use orderly_core::triage::{ApprovedSelection, Choice, ChoiceRefused, Table, TableView};
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How the gate was left.
pub(super) enum Approved {
    /// With a selection.
    Selection(Box<ApprovedSelection>),
    /// A person chose nothing.
    Nothing,
    /// Nobody could be asked.
    NotAsked,
}

/// Reads a choice.
///
/// # Errors
/// A usage failure that says what a choice is.
pub(in crate::commands) fn read(text: &str) -> Result<Choice, Failure> {
    Choice::parse(text).map_err(|error| Failure::new(Kind::Usage, error.to_string()))
}

/// Approves a choice; `wanted` is the digest of the table that it was made from.
///
/// # Errors
/// A usage failure for a row that is not there, a refusal for one that is left to a person or for another table.
pub(super) fn approve(
    table: &Table,
    choice: &Choice,
    wanted: Option<&str>,
    now: Now,
) -> Result<Approved, Failure> {
    if let Some(wanted) = wanted {
        table.still(wanted).map_err(|error| refused(&error))?;
    }
    let selection = table.approve(choice, now).map_err(|error| refused(&error))?;
    Ok(selection.map_or(Approved::Nothing, |selection| Approved::Selection(Box::new(selection))))
}

/// The table that a choice was made from, if its digest is known.
///
/// # Errors
/// A refusal when it is another one by now.
pub(super) fn as_shown(table: Table, wanted: Option<&str>) -> Result<Table, Failure> {
    match wanted {
        Some(wanted) => table.as_shown(wanted).map_err(|error| refused(&error)),
        None => Ok(table),
    }
}

fn refused(error: &ChoiceRefused) -> Failure {
    let kind = match error {
        ChoiceRefused::NoSuchRow { .. } => Kind::Usage,
        ChoiceRefused::DoNotFix { .. } | ChoiceRefused::OtherTable { .. } => Kind::Refused,
    };
    Failure::new(kind, error.to_string())
}

/// Where a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// On a screen of the terminal.
    Screen,
    /// With one line.
    Line,
    /// Nowhere: there is nobody, or nothing to choose from.
    Nobody,
}

impl Gate {
    /// The gate to a table; `Line` as wish is taken from any input.
    pub(super) fn to(view: &TableView, wish: Wish) -> Self {
        match (wish, Terminal::here()) {
            _ if view.rows.is_empty() => Self::Nobody,
            (Wish::Line, _) | (Wish::Screen, Terminal::Lines) => Self::Line,
            (Wish::Screen, Terminal::Absent) => Self::Nobody,
            (Wish::Screen, Terminal::Screen) => Self::Screen,
        }
    }

    /// Asks the person; `None`: nobody is there.
    ///
    /// # Errors
    /// When the terminal cannot be read or drawn on.
    pub(super) fn ask(
        self,
        table: &Table,
        view: &TableView,
        style: Style,
    ) -> Result<Option<Choice>, Failure> {
        match self {
            Self::Screen => on_screen(view, style).map(Some),
            Self::Line => on_one_line(table).map(Some),
            Self::Nobody => Ok(None),
        }
    }
}

/// How a person wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// On a screen, where there is a terminal.
    Screen,
    /// With one line.
    Line,
}

/// Shows the screen. A signal leaves it as a person does who chooses nothing.
fn on_screen(view: &TableView, style: Style) -> Result<Choice, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&stop);
    let listener = tokio::spawn(async move {
        interrupted().await;
        ended.store(true, Ordering::SeqCst);
    });
    let choice = orderly_tui::approve(view, style.palette(), &stop);
    listener.abort();
    choice.map_err(|error| {
        Failure::new(Kind::Incomplete, "the screen cannot be shown")
            .because(&error)
            .hint("`--plain` asks with one line")
    })
}

/// Asks until the answer is a choice that the table can give; the end of the input chooses nothing.
fn on_one_line(table: &Table) -> Result<Choice, Failure> {
    let lost =
        |error: std::io::Error| Failure::new(Kind::Incomplete, "the answer cannot be read").because(&error);
    let mut input = std::io::stdin().lock();
    loop {
        let mut asked = std::io::stderr().lock();
        write!(asked, "work on which? [1,2,5 | 1-3 | all | top 3 | skip] ")
            .and_then(|()| asked.flush())
            .map_err(lost)?;
        let mut answer = String::new();
        if input.read_line(&mut answer).map_err(lost)? == 0 {
            return Ok(SKIP);
        }
        if answer.trim().is_empty() {
            continue;
        }
        let choice = match Choice::parse(&answer) {
            Ok(choice) => choice,
            Err(error) => {
                writeln!(asked, "{error}").map_err(lost)?;
                continue;
            }
        };
        match table.approve(&choice, Now(table.made_at)) {
            Ok(_) => return Ok(choice),
            Err(error) => writeln!(asked, "{error}").map_err(lost)?,
        }
    }
}
