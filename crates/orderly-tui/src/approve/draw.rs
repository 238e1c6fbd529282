//! What is seen: the rows, the row that keys act on beside or below them, and the keys. Where there is no room for both,
//! the row has the screen to itself on request.

use super::preview;
use super::state::{Pane, Room, State, units};
use crate::palette::Palette;
use orderly_core::encode::terminal::visible;
use orderly_core::triage::{RowView, TableView};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, HighlightSpacing, Paragraph, Row, Table, TableState, Wrap};

/// Columns from which the preview stands beside the rows, and from which it stands below them.
const BESIDE: u16 = 100;
const BELOW: u16 = 60;
/// Lines from which there is room below.
const TALL: u16 = 20;

/// Draws it; says how much is seen at once.
pub(super) fn draw(frame: &mut Frame<'_>, view: &TableView, state: &State, palette: Palette) -> Room {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)])
            .areas(frame.area());
    frame.render_widget(Paragraph::new(title(view, state, palette)), head);
    frame.render_widget(Paragraph::new(footer(state, foot.width, palette)), foot);
    let (list, preview) = areas(body, state.pane);
    let mut room = Room::default();
    if let Some(area) = preview {
        room = draw_preview(frame, area, view, state, palette);
    }
    if let Some(area) = list {
        room.rows = usize::from(area.height.saturating_sub(1));
        draw_list(frame, area, view, state, palette);
    }
    match state.pane {
        Pane::Confirm => ask(frame, body, view, state, palette),
        Pane::Help => popup(frame, body, "keys", &help(palette)),
        Pane::List | Pane::Preview => {}
    }
    room
}

/// Where the list is and where the preview.
fn areas(body: Rect, pane: Pane) -> (Option<Rect>, Option<Rect>) {
    let halves = |layout: Layout| {
        let [list, preview] = layout.areas(body);
        (Some(list), Some(preview))
    };
    if pane == Pane::Preview {
        (None, Some(body))
    } else if body.width >= BESIDE {
        halves(Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]))
    } else if body.width >= BELOW && body.height >= TALL {
        halves(Layout::vertical([Constraint::Percentage(50), Constraint::Percentage(50)]))
    } else {
        (Some(body), None)
    }
}

fn title<'a>(view: &TableView, state: &State, palette: Palette) -> Line<'a> {
    let totals = &view.totals;
    let marked = format!("{} marked", state.marked.len());
    let style = if state.marked.is_empty() { palette.dim() } else { palette.good() };
    Line::from(vec![
        Span::styled(marked, style),
        Span::styled(format!(" of {}", view.rows.len()), palette.dim()),
        Span::raw(format!("  {} unresolved, {} filtered  ", totals.listed, totals.hidden)),
        Span::styled(visible(&view.org), palette.dim()),
    ])
}

/// What was said, else the keys that fit.
fn footer<'a>(state: &State, width: u16, palette: Palette) -> Line<'a> {
    if let Some(said) = &state.said {
        return Line::from(Span::styled(visible(said), palette.warn()));
    }
    let keys: &[(&str, &str)] = match state.pane {
        Pane::List => &[
            ("space", "mark"),
            ("c", "confirm"),
            ("q", "quit"),
            ("?", "keys"),
            ("enter", "look"),
            ("a", "all"),
            ("u", "unit"),
            ("J/K", "scroll"),
        ],
        Pane::Preview => &[
            ("esc", "back"),
            ("↑↓", "scroll"),
            ("space", "mark"),
            ("n/p", "next"),
            ("c", "confirm"),
            ("q", "quit"),
        ],
        Pane::Confirm => &[("y", "yes"), ("n", "no")],
        Pane::Help => &[("any key", "back")],
    };
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, does) in keys {
        used += key.chars().count() + does.chars().count() + 3;
        if used > usize::from(width) + 2 {
            break;
        }
        spans.push(Span::styled(*key, palette.key()));
        spans.push(Span::raw(format!(" {does}  ")));
    }
    Line::from(spans)
}

fn draw_list(frame: &mut Frame<'_>, area: Rect, view: &TableView, state: &State, palette: Palette) {
    let widest = |of: &dyn Fn(&RowView) -> usize| view.rows.iter().map(of).max().unwrap_or_default();
    let ids = widest(&|row| row.short_id.as_str().chars().count()).clamp(2, 18);
    let numbers = widest(&|row| row.number.to_string().len()).max(1);
    let full = area.width >= BELOW - 5;
    let mut widths = vec![3, numbers, ids];
    let mut heads = vec!["", "#", "id"];
    if full {
        widths.extend([7, 6, 6]);
        heads.extend(["lvl", "count", "users"]);
    }
    heads.push("title");
    // A column is no wider than a few dozen cells.
    let fixed = widths.iter().map(|width| Constraint::Length(u16::try_from(*width).unwrap_or(u16::MAX)));
    let constraints: Vec<Constraint> = fixed.chain([Constraint::Fill(1)]).collect();
    let rows = view.rows.iter().map(|row| {
        let (mark, style) = match (&row.left_to_a_person, state.marked.contains(&row.number)) {
            (Some(_), _) => (" - ", palette.dim()),
            (None, true) => ("[x]", palette.good()),
            (None, false) => ("[ ]", ratatui::style::Style::new()),
        };
        let mut cells = vec![mark.to_owned(), row.number.to_string(), visible(row.short_id.as_str())];
        if full {
            cells.extend([row.level.word().to_owned(), compact(row.events), compact(row.users)]);
        }
        cells.push(row.title.clone());
        Row::new(cells).style(style)
    });
    let table = Table::new(rows, constraints)
        .header(Row::new(heads).style(palette.dim()))
        .column_spacing(1)
        .row_highlight_style(palette.cursor())
        .highlight_symbol(">")
        .highlight_spacing(HighlightSpacing::Always);
    let mut at = TableState::default().with_selected(state.cursor);
    frame.render_stateful_widget(table, area, &mut at);
}

fn draw_preview(
    frame: &mut Frame<'_>,
    area: Rect,
    view: &TableView,
    state: &State,
    palette: Palette,
) -> Room {
    let Some(row) = view.rows.get(state.cursor) else { return Room::default() };
    let borders = if area.x > 0 {
        Borders::LEFT
    } else if state.pane == Pane::Preview {
        Borders::NONE
    } else {
        Borders::TOP
    };
    let block = Block::new().borders(borders).border_style(palette.dim());
    let inner = block.inner(area);
    let text = Paragraph::new(preview::lines(row, palette)).wrap(Wrap { trim: false });
    let lines = usize::from(inner.height);
    let most_scroll = text.line_count(inner.width).saturating_sub(lines);
    // Beyond 65,535 lines nobody scrolls.
    let scroll = u16::try_from(state.scroll.min(most_scroll)).unwrap_or(u16::MAX);
    frame.render_widget(block, area);
    frame.render_widget(text.scroll((scroll, 0)), inner);
    Room { rows: 0, lines, most_scroll }
}

fn ask(frame: &mut Frame<'_>, body: Rect, view: &TableView, state: &State, palette: Palette) {
    let units = units(&state.marked, &view.rows);
    let counted =
        |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
    let names: Vec<String> = view
        .rows
        .iter()
        .filter(|row| state.marked.contains(&row.number))
        .map(|row| visible(row.short_id.as_str()))
        .collect();
    let question = format!("Work on {}, in {}?", counted(names.len(), "issue"), counted(units, "unit"));
    let lines = vec![
        Line::from(Span::styled(question, palette.strong())),
        Line::from(names.join(", ")),
        Line::default(),
        Line::from(vec![
            Span::styled("y", palette.key()),
            Span::raw(" yes   "),
            Span::styled("n", palette.key()),
            Span::raw(" no, back to the list"),
        ]),
    ];
    popup(frame, body, "confirm", &lines);
}

fn help(palette: Palette) -> Vec<Line<'static>> {
    let keys = [
        ("↑ ↓ k j", "move, or scroll"),
        ("PgUp PgDn g G", "by pages, to the ends"),
        ("enter, esc", "look at a row, and back"),
        ("J K", "scroll the preview"),
        ("space", "mark a row, or unmark it"),
        ("u", "mark its whole unit"),
        ("a", "mark all, or none"),
        ("c", "confirm what is marked"),
        ("q, Ctrl-C", "leave; nothing is approved"),
    ];
    keys.map(|(key, does)| {
        Line::from(vec![Span::styled(format!("{key:<14} "), palette.key()), Span::raw(does)])
    })
    .to_vec()
}

/// A box in the middle, as large as its lines need and as the body allows.
fn popup(frame: &mut Frame<'_>, body: Rect, title: &str, lines: &[Line<'_>]) {
    let widest = lines.iter().map(Line::width).max().unwrap_or_default();
    let width = u16::try_from(widest + 4).unwrap_or(u16::MAX).min(body.width);
    let text = Paragraph::new(lines.to_vec()).wrap(Wrap { trim: false });
    let height =
        u16::try_from(text.line_count(width.saturating_sub(4)) + 2).unwrap_or(u16::MAX).min(body.height);
    let area = body.centered(Constraint::Length(width), Constraint::Length(height));
    let block = Block::bordered().title(title.to_owned()).padding(ratatui::widgets::Padding::horizontal(1));
    frame.render_widget(Clear, area);
    frame.render_widget(text.block(block), area);
}

/// At most five characters.
fn compact(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..10_000_000 => format!("{}k", count / 1000),
        10_000_000..10_000_000_000 => format!("{}M", count / 1_000_000),
        _ => format!("{}G", count / 1_000_000_000),
    }
}
