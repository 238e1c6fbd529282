//! The watch: what somebody else keeps looking at, drawn anew whenever it changed.

use crate::keys::{Key, key_of};
use crate::palette::Palette;
use crate::terminal::Taken;
use orderly_core::encode::terminal::visible;
use ratatui::Frame;
use ratatui::crossterm::event::{self, Event};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::Style;
use ratatui::text::{Line as Drawn, Span};
use ratatui::widgets::{Paragraph, Wrap};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long nothing may happen before the view and `stop` are looked at again.
const TICK: Duration = Duration::from_millis(100);
/// Lines that a page moves.
const PAGE: u16 = 10;

/// What is seen: one line of where it stands, and what there is to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchView {
    /// The first line.
    pub title: String,
    /// The others.
    pub lines: Vec<Line>,
}

/// A line, and how it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It says something.
    Plain,
    /// It is a heading.
    Strong,
    /// It wants attention.
    Warn,
    /// It explains.
    Dim,
}

/// Shows the view until the person leaves, or `stop` is set, which is for signals. Whoever looks changes the view meanwhile.
///
/// # Errors
/// When the terminal cannot be drawn on or read. It is given back first.
pub fn watch(view: &Mutex<WatchView>, palette: Palette, stop: &AtomicBool) -> io::Result<()> {
    let mut terminal = Taken::take()?;
    let mut scroll = 0;
    while !stop.load(Ordering::SeqCst) {
        let shown = view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut most = 0;
        terminal.draw(|frame| most = draw(frame, &shown, scroll, palette))?;
        if !event::poll(TICK)? {
            continue;
        }
        if let Event::Key(pressed) = event::read()?
            && let Some(key) = key_of(pressed)
        {
            match press(key, scroll, most) {
                Some(next) => scroll = next,
                None => break,
            }
        }
    }
    Ok(())
}

/// Where a key scrolls to; nowhere when it leaves.
fn press(key: Key, scroll: u16, most: u16) -> Option<u16> {
    let next = match key {
        Key::Interrupt | Key::Escape | Key::Char('q') => return None,
        Key::Up | Key::Char('k') => scroll.saturating_sub(1),
        Key::Down | Key::Char('j') => scroll.saturating_add(1),
        Key::PageUp => scroll.saturating_sub(PAGE),
        Key::PageDown | Key::Char(' ') => scroll.saturating_add(PAGE),
        Key::Home | Key::Char('g') => 0,
        Key::End | Key::Char('G') => most,
        _ => scroll,
    };
    Some(next.min(most))
}

/// Draws it; says how far it can be scrolled.
fn draw(frame: &mut Frame<'_>, view: &WatchView, scroll: u16, palette: Palette) -> u16 {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)])
            .areas(frame.area());
    frame.render_widget(Paragraph::new(Span::styled(visible(&view.title), palette.strong())), head);
    let lines = view.lines.iter().map(|line| {
        let style = match line.tone {
            Tone::Plain => Style::new(),
            Tone::Strong => palette.strong(),
            Tone::Warn => palette.warn(),
            Tone::Dim => palette.dim(),
        };
        Drawn::from(Span::styled(visible(&line.text), style))
    });
    let text = Paragraph::new(lines.collect::<Vec<_>>()).wrap(Wrap { trim: false });
    let most = text.line_count(body.width).saturating_sub(usize::from(body.height));
    // Beyond 65,535 lines nobody scrolls.
    let most = u16::try_from(most).unwrap_or(u16::MAX);
    frame.render_widget(text.scroll((scroll.min(most), 0)), body);
    let keys = [("q", " quit  "), ("↑↓", " scroll")];
    let keys = keys.into_iter().flat_map(|(key, does)| [Span::styled(key, palette.key()), Span::raw(does)]);
    frame.render_widget(Paragraph::new(Drawn::from(keys.collect::<Vec<_>>())), foot);
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn view(lines: usize) -> WatchView {
        let line = |number| Line { tone: Tone::Plain, text: format!("\u{1b}[2Jline {number}") };
        WatchView { title: "acme".to_owned(), lines: (0..lines).map(line).collect() }
    }

    fn drawn(view: &WatchView, scroll: u16) -> (String, u16) {
        let mut terminal = Terminal::new(TestBackend::new(30, 6)).unwrap();
        let mut most = 0;
        terminal.draw(|frame| most = draw(frame, view, scroll, Palette::Plain)).unwrap();
        (terminal.backend().to_string(), most)
    }

    #[test]
    fn hostile_text_is_made_visible_and_the_last_line_can_be_scrolled_to() {
        let (screen, most) = drawn(&view(7), 0);
        assert!(
            !screen.contains('\u{1b}') && screen.contains("line 3") && !screen.contains("line 4"),
            "{screen}"
        );
        assert_eq!(most, 3);
        let (screen, _) = drawn(&view(7), u16::MAX);
        assert!(
            screen.contains("line 6") && screen.contains("acme") && screen.contains("q quit"),
            "{screen}"
        );
        assert_eq!(drawn(&view(0), 9).1, 0);
    }

    #[test]
    fn keys_scroll_within_bounds_and_three_of_them_leave() {
        for (key, from, to) in [
            (Key::Down, 0, Some(1)),
            (Key::Down, 3, Some(3)),
            (Key::Up, 0, Some(0)),
            (Key::End, 0, Some(3)),
            (Key::PageUp, 2, Some(0)),
            (Key::Enter, 2, Some(2)),
            (Key::Escape, 2, None),
            (Key::Char('q'), 2, None),
            (Key::Interrupt, 2, None),
        ] {
            assert_eq!(press(key, from, 3), to, "{key:?}");
        }
    }
}
