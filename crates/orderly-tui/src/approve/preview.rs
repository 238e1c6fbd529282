//! One row, whole: what it weighs and why, what is probably wrong, the trace with its source lines.

use crate::palette::Palette;
use orderly_core::encode::terminal::visible;
use orderly_core::time::Timestamp;
use orderly_core::triage::{FrameView, RowView};
use ratatui::text::{Line, Span};

/// Its lines, not yet wrapped.
pub(super) fn lines(row: &RowView, palette: Palette) -> Vec<Line<'static>> {
    let plain = |text: String| Line::from(visible(&text));
    let mut lines = vec![
        Line::from(Span::styled(visible(&format!("{} {}", row.short_id, row.title)), palette.strong())),
        Line::from(Span::styled(visible(&row.permalink), palette.dim())),
        plain(format!(
            "{}, {} events, {} users, {}",
            row.level.word(),
            row.events,
            row.users,
            row.platform.as_deref().unwrap_or("unknown platform")
        )),
        plain(format!("first {}, last {}", minute(row.first_seen), minute(row.last_seen))),
        plain(format!("score {}", row.score.words())),
    ];
    let mut remark = |text: String| lines.push(Line::from(Span::styled(visible(&text), palette.warn())));
    if let Some(reason) = &row.left_to_a_person {
        remark(format!("left to a person: {reason}"));
    }
    if let Some(rule) = &row.guarded {
        remark(format!("kept by the volume guard despite {rule}"));
    }
    if !row.related.is_empty() {
        let others: Vec<String> = row.related.iter().map(ToString::to_string).collect();
        remark(format!("one unit with row {}", others.join(", ")));
    }
    if !row.diagnosis.is_empty() {
        lines.push(Line::default());
        lines.extend(row.diagnosis.iter().map(|sentence| plain(format!("- {sentence}"))));
    }
    lines.push(Line::default());
    if row.trace.is_empty() {
        lines.push(Line::from(Span::styled("no trace: the event has none, or was not read", palette.dim())));
    }
    for frame in &row.trace {
        lines.extend(trace(frame, palette));
    }
    lines
}

fn trace(frame: &FrameView, palette: Palette) -> Vec<Line<'static>> {
    use orderly_core::diagnose::FrameOrigin;
    let style = match frame.origin {
        FrameOrigin::InApp => palette.strong(),
        FrameOrigin::Library => palette.dim(),
    };
    let place = Line::from(Span::styled(visible(&frame.place), style));
    let source = frame.source.iter().map(|(number, text)| {
        let here = frame.line == Some(*number);
        let mark = if here { '>' } else { ' ' };
        let line = visible(&format!("{mark} {number:>4} {text}"));
        if here { Line::from(Span::styled(line, palette.warn())) } else { Line::from(line) }
    });
    std::iter::once(place).chain(source).collect()
}

/// To the minute, in UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%F %R UTC").to_string()
}
