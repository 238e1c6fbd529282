//! The approval: which rows of a triage table are worked on.

mod draw;
mod preview;
mod state;
#[cfg(test)]
mod tests;

use crate::keys::{Key, key_of};
use crate::palette::Palette;
use crate::terminal::Taken;
use orderly_core::triage::{Choice, TableView};
use ratatui::crossterm::event::{self, Event};
use state::{Room, State, Turn};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long nothing may happen before `stop` is looked at again.
const TICK: Duration = Duration::from_millis(100);

/// Shows the table until the person confirms a choice or leaves; leaving chooses nothing, and so does `stop`, which is for
/// signals.
///
/// # Errors
/// When the terminal cannot be drawn on or read. It is given back first.
pub fn approve(view: &TableView, palette: Palette, stop: &AtomicBool) -> io::Result<Choice> {
    let mut terminal = Taken::take()?;
    let mut state = State::default();
    loop {
        let mut room = Room::default();
        terminal.draw(|frame| room = draw::draw(frame, view, &state, palette))?;
        let Some(key) = wait(stop)? else { continue };
        match state.press(key, &view.rows, room) {
            Turn::Stay(next) => state = next,
            Turn::Leave(choice) => return Ok(choice),
        }
    }
}

/// The next key; `None` when the terminal has another size.
fn wait(stop: &AtomicBool) -> io::Result<Option<Key>> {
    loop {
        if stop.load(Ordering::SeqCst) {
            return Ok(Some(Key::Interrupt));
        }
        if !event::poll(TICK)? {
            continue;
        }
        match event::read()? {
            Event::Key(pressed) => {
                if let Some(key) = key_of(pressed) {
                    return Ok(Some(key));
                }
            }
            Event::Resize(..) => return Ok(None),
            _ => {}
        }
    }
}
