//! Colours with the same meanings as on the command line; every screen reads as well without them.

use ratatui::style::{Color, Modifier, Style};

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// They are.
    Colored,
    /// Bold, dim and reversed only.
    Plain,
}

impl Palette {
    fn color(self, color: Color) -> Style {
        match self {
            Self::Colored => Style::new().fg(color),
            Self::Plain => Style::new(),
        }
    }

    /// Chosen.
    pub(crate) fn good(self) -> Style {
        self.color(Color::Green)
    }

    /// Wants attention.
    pub(crate) fn warn(self) -> Style {
        self.color(Color::Yellow)
    }

    /// A key to press.
    pub(crate) fn key(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// A heading, or own code.
    pub(crate) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What explains.
    pub(crate) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The row that keys act on.
    pub(crate) fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
