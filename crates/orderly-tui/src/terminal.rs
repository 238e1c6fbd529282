//! The terminal, taken for a screen and given back as it was: at the end, on an error, and before the words of a panic.
//!
//! Screens are drawn on standard error; standard output is for data.

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, Stderr};
use std::ops::{Deref, DerefMut};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a screen is up. There is one terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while a screen is up; dropping it gives it back.
pub(crate) struct Taken(Terminal<CrosstermBackend<Stderr>>);

impl Taken {
    /// Takes it.
    pub(crate) fn take() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                before(panic);
            }));
        });
        TAKEN.store(true, Ordering::SeqCst);
        let taken = enable_raw_mode()
            .and_then(|()| execute!(io::stderr(), EnterAlternateScreen, Hide))
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stderr())));
        match taken {
            Ok(terminal) => Ok(Self(terminal)),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

impl Deref for Taken {
    type Target = Terminal<CrosstermBackend<Stderr>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Once, whoever comes first.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // A terminal that is gone needs nothing back.
        let _shown = execute!(io::stderr(), LeaveAlternateScreen, Show);
        let _cooked = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::process::Command;

    /// What the test below runs.
    #[test]
    #[ignore = "it panics, and wants a terminal of its own"]
    fn a_screen_that_panics() {
        let mut terminal = Taken::take().unwrap();
        terminal.draw(|_| panic!("a fault while drawing")).unwrap();
    }

    #[test]
    fn the_terminal_is_as_it_was_before_the_words_of_a_panic_are_said() {
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("../orderly/tests/fixtures/at_terminal.py");
        let mut command = Command::new("python3");
        command.arg(driver).arg("[]").arg(std::env::current_exe().unwrap());
        command.args(["terminal::tests::a_screen_that_panics", "--exact", "--ignored", "--nocapture"]);
        let ran = command.env("TERM", "xterm-256color").output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(said.contains(r#""code": 101"#) && said.contains(r#""restored": true"#), "{said}");
        let (screen, after) = said.split_once(r"\u001b[?1049l").unwrap();
        assert!(screen.contains(r"\u001b[?1049h") && !screen.contains("a fault while drawing"), "{said}");
        assert!(after.contains("a fault while drawing") && after.contains(r"\u001b[?25h"), "{said}");
        assert!(!after.contains(r"\u001b[?1049"), "once: {said}");
    }
}
