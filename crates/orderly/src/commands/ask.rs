//! Asking a person yes or no.

use crate::failure::{Failure, Kind};
use std::io::{BufRead, IsTerminal, Write};

/// Whether a person at the terminal agrees. Without a terminal nobody does.
///
/// # Errors
/// When the terminal cannot be read.
pub fn yes(question: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let lost =
        |error: std::io::Error| Failure::new(Kind::Incomplete, "the terminal cannot be read").because(&error);
    let mut terminal = std::io::stderr().lock();
    write!(terminal, "{question} [y/N] ").and_then(|()| terminal.flush()).map_err(lost)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(lost)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
