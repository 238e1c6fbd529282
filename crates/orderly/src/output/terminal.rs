//! Whether a person can be shown a screen.

use std::io::IsTerminal as _;

/// What a person sits at: where keys come from, and where everything but data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// Nothing: nobody can be asked.
    Absent,
    /// One that shows lines only (`TERM=dumb`).
    Lines,
    /// One that can be drawn on.
    Screen,
}

impl Terminal {
    /// That of this process.
    pub fn here() -> Self {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Self::Absent;
        }
        match std::env::var_os("TERM") {
            Some(term) if term != "dumb" => Self::Screen,
            _ => Self::Lines,
        }
    }
}
