//! What a key does. No terminal in here: a state and a key give the next state, or the choice.

use crate::keys::Key;
use orderly_core::triage::{Choice, RowView};
use std::collections::BTreeSet;

/// What the person did so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The row that keys act on, from 0.
    pub cursor: usize,
    /// Numbers of the marked rows.
    pub marked: BTreeSet<u32>,
    /// What the keys are for.
    pub pane: Pane,
    /// Lines of the preview that are above its edge.
    pub scroll: usize,
    /// The answer to the last key, where there is something to say.
    pub said: Option<String>,
}

/// What is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pane {
    /// The rows.
    #[default]
    List,
    /// One row, on the whole screen.
    Preview,
    /// The question whether to go on.
    Confirm,
    /// What the keys do.
    Help,
}

/// How much of it is seen at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    /// Rows of the list.
    pub rows: usize,
    /// Lines of the preview.
    pub lines: usize,
    /// How far the preview can be scrolled.
    pub most_scroll: usize,
}

/// What a key leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The screen stays.
    Stay(State),
    /// It is left with this choice.
    Leave(Choice),
}

impl State {
    /// Presses a key.
    pub(super) fn press(&self, key: Key, rows: &[RowView], room: Room) -> Turn {
        let mut next = Self { said: None, ..self.clone() };
        let leave = match (self.pane, key) {
            (_, Key::Interrupt)
            | (Pane::List | Pane::Preview, Key::Char('q'))
            | (Pane::List, Key::Escape) => Some(Choice::Skip),
            (Pane::Confirm, Key::Char('y') | Key::Enter) => Some(Choice::Numbers(self.marked.clone())),
            (Pane::Confirm | Pane::Help, _) => {
                next.pane = Pane::List;
                None
            }
            (Pane::List, key) => {
                next.on_list(key, rows, room);
                None
            }
            (Pane::Preview, key) => {
                next.on_preview(key, rows, room);
                None
            }
        };
        leave.map_or(Turn::Stay(next), Turn::Leave)
    }

    fn on_list(&mut self, key: Key, rows: &[RowView], room: Room) {
        let page = room.rows.max(1);
        match key {
            Key::Up | Key::Char('k') => self.go(self.cursor.saturating_sub(1), rows),
            Key::Down | Key::Char('j') => self.go(self.cursor + 1, rows),
            Key::PageUp => self.go(self.cursor.saturating_sub(page), rows),
            Key::PageDown => self.go(self.cursor + page, rows),
            Key::Home | Key::Char('g') => self.go(0, rows),
            Key::End | Key::Char('G') => self.go(usize::MAX, rows),
            Key::Enter | Key::Right | Key::Char('l') => self.pane = Pane::Preview,
            other => self.on_either(other, rows, room),
        }
    }

    fn on_preview(&mut self, key: Key, rows: &[RowView], room: Room) {
        let page = room.lines.max(1);
        match key {
            Key::Up | Key::Char('k') => self.scroll_to(self.scroll.saturating_sub(1), room),
            Key::Down | Key::Char('j') => self.scroll_to(self.scroll + 1, room),
            Key::PageUp => self.scroll_to(self.scroll.saturating_sub(page), room),
            Key::PageDown => self.scroll_to(self.scroll + page, room),
            Key::Home | Key::Char('g') => self.scroll_to(0, room),
            Key::End | Key::Char('G') => self.scroll_to(usize::MAX, room),
            Key::Char('p') => self.go(self.cursor.saturating_sub(1), rows),
            Key::Char('n') => self.go(self.cursor + 1, rows),
            Key::Left | Key::Escape | Key::Enter | Key::Char('h') => self.pane = Pane::List,
            other => self.on_either(other, rows, room),
        }
    }

    /// Keys that do the same in both.
    fn on_either(&mut self, key: Key, rows: &[RowView], room: Room) {
        match key {
            Key::Char(' ' | 'x') => self.mark(rows),
            Key::Char('u') => self.mark_unit(rows),
            Key::Char('a') => self.mark_all(rows),
            Key::Char('J') => self.scroll_to(self.scroll + 1, room),
            Key::Char('K') => self.scroll_to(self.scroll.saturating_sub(1), room),
            Key::Char('c') if self.marked.is_empty() => {
                self.said = Some("nothing is marked yet: space marks a row".to_owned());
            }
            Key::Char('c') => self.pane = Pane::Confirm,
            Key::Char('?') => self.pane = Pane::Help,
            _ => {}
        }
    }

    fn go(&mut self, to: usize, rows: &[RowView]) {
        self.cursor = to.min(rows.len().saturating_sub(1));
        self.scroll = 0;
    }

    fn scroll_to(&mut self, line: usize, room: Room) {
        self.scroll = line.min(room.most_scroll);
    }

    fn mark(&mut self, rows: &[RowView]) {
        let Some(row) = rows.get(self.cursor) else { return };
        if let Some(reason) = &row.left_to_a_person {
            self.said = Some(format!("{} is left to a person: {reason}", row.short_id));
        } else if !self.marked.remove(&row.number) {
            self.marked.insert(row.number);
            if row.related.iter().any(|other| !self.marked.contains(other)) {
                self.said = Some("more rows are of the same unit: u marks them, too".to_owned());
            }
        }
    }

    /// The row and those that may be the same mistake.
    fn mark_unit(&mut self, rows: &[RowView]) {
        let Some(row) = rows.get(self.cursor) else { return };
        let unit = |other: &&RowView| other.number == row.number || row.related.contains(&other.number);
        let free = rows.iter().filter(unit).filter(|row| row.left_to_a_person.is_none());
        self.marked.extend(free.map(|row| row.number));
    }

    /// Every row that may be worked on; all of them marked: none.
    fn mark_all(&mut self, rows: &[RowView]) {
        let free = rows.iter().filter(|row| row.left_to_a_person.is_none()).map(|row| row.number).collect();
        self.marked = if self.marked == free { BTreeSet::new() } else { free };
    }
}

/// How many units the marked rows are: those of one unit are repaired at once.
pub(super) fn units(marked: &BTreeSet<u32>, rows: &[RowView]) -> usize {
    let leads = |row: &&RowView| {
        marked.contains(&row.number)
            && !row.related.iter().any(|other| *other < row.number && marked.contains(other))
    };
    rows.iter().filter(leads).count()
}
