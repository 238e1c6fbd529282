//! Colours with a meaning: green done, yellow attention, red failed, cyan a name to type, dim what explains.
//! Every message reads as well without them.

use crate::cli::ColorWhen;
use orderly_tui::Palette;
use owo_colors::OwoColorize;

/// Whether to colour one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// With colours.
    Colored,
    /// Plain.
    Plain,
}

impl Style {
    /// What a stream gets: flags first, then NO_COLOR, CLICOLOR_FORCE and whether it is a terminal.
    pub fn choose(when: ColorWhen, is_terminal: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        let colored = match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto if set("NO_COLOR") => false,
            ColorWhen::Auto if set("CLICOLOR_FORCE") => true,
            ColorWhen::Auto => is_terminal && std::env::var("TERM").map_or(true, |term| term != "dumb"),
        };
        if colored { Self::Colored } else { Self::Plain }
    }

    /// The same on a screen.
    pub const fn palette(self) -> Palette {
        match self {
            Self::Colored => Palette::Colored,
            Self::Plain => Palette::Plain,
        }
    }

    fn paint(self, text: &str, paint: impl Fn(&str) -> String) -> String {
        match self {
            Self::Colored => paint(text),
            Self::Plain => text.to_owned(),
        }
    }

    /// Done.
    pub fn good(self, text: &str) -> String {
        self.paint(text, |t| t.green().to_string())
    }

    /// Wants attention.
    pub fn warn(self, text: &str) -> String {
        self.paint(text, |t| t.yellow().to_string())
    }

    /// Failed.
    pub fn bad(self, text: &str) -> String {
        self.paint(text, |t| t.red().to_string())
    }

    /// Something to type.
    pub fn command(self, text: &str) -> String {
        self.paint(text, |t| t.cyan().to_string())
    }

    /// A heading.
    pub fn strong(self, text: &str) -> String {
        self.paint(text, |t| t.bold().to_string())
    }

    /// What explains.
    pub fn dim(self, text: &str) -> String {
        self.paint(text, |t| t.dimmed().to_string())
    }

    /// A failure's text with its lead words coloured.
    pub fn failure(self, text: &str) -> String {
        text.lines()
            .map(|line| match line.split_once(": ") {
                Some(("error", rest)) => format!("{}: {rest}", self.bad("error")),
                Some(("hint", rest)) => format!("{}: {rest}", self.command("hint")),
                _ => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n")
    }
}
