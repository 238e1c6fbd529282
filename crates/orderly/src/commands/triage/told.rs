//! Triage in words: tables, explanations, a small chart.

use crate::output::style::Style;
use crate::output::table::table as lines;
use orderly_core::scrub::Scrubber;
use orderly_core::time::{Now, Timestamp};
use orderly_core::triage::{ApprovedSelection, DIGITS, NamedView, RowView, Stats, TableView};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

/// Rows of a list of names.
const NAMES: usize = 8;

/// The table with its totals.
pub(super) fn table(view: &TableView, now: Now, style: Style) -> String {
    let mut text = String::new();
    if view.rows.is_empty() {
        text.push_str("nothing that is unresolved is left to be shown\n");
    } else {
        let heads = ["#", "shortId", "lvl", "count", "users", "lastSeen", "platform", "title"];
        let rows = view.rows.iter().map(|row| {
            vec![
                row.number.to_string(),
                row.short_id.to_string(),
                row.level.word().to_owned(),
                row.events.to_string(),
                row.users.to_string(),
                ago(now, row.last_seen),
                row.platform.clone().unwrap_or_default(),
                row.title.clone(),
            ]
        });
        text.push_str(&lines(&heads, rows));
        text.push('\n');
    }
    for row in &view.rows {
        for remark in remarks(row) {
            let _ = writeln!(text, "{}", style.dim(&format!("{}  {remark}", row.number)));
        }
    }
    text.push_str(&totals(view, style));
    text
}

fn remarks(row: &RowView) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(reason) = &row.left_to_a_person {
        remarks.push(format!("left to a person: {reason}"));
    }
    if let Some(rule) = &row.guarded {
        remarks.push(format!("kept by the volume guard despite {rule}"));
    }
    if !row.related.is_empty() && row.related.iter().all(|other| *other > row.number) {
        let others: Vec<String> = row.related.iter().map(ToString::to_string).collect();
        remarks.push(format!(
            "one unit with {}: the same own frame and exceptions; choose them together to repair them at once",
            others.join(", ")
        ));
    }
    remarks
}

fn totals(view: &TableView, style: Style) -> String {
    let totals = &view.totals;
    let mut text =
        format!("\n{} unresolved: {} shown, {} filtered", totals.listed, totals.shown, totals.hidden);
    if totals.guarded > 0 {
        let _ = write!(text, ", {} kept by the volume guard", totals.guarded);
    }
    text.push('\n');
    for (rule, touched) in &totals.by_rule {
        let _ = writeln!(
            text,
            "  {:<22} {}, {}, {}",
            rule.name(),
            counted(touched.issues, "issue"),
            counted(touched.events, "event"),
            counted(touched.users, "user")
        );
    }
    for gap in &view.gaps {
        let _ = writeln!(text, "{}", style.warn(gap));
    }
    text
}

/// What each score is made of, and what is probably wrong.
pub(super) fn explained(view: &TableView, style: Style) -> String {
    let mut text = String::new();
    for row in &view.rows {
        let head = format!("{}  {}", row.number, row.short_id);
        let _ = writeln!(text, "\n{}  score {}", style.strong(&head), row.score.words());
        for line in &row.diagnosis {
            let _ = writeln!(text, "   - {line}");
        }
    }
    text
}

/// What was filtered, each with its reason.
pub(super) fn hidden(view: &TableView) -> String {
    let heads = ["filtered", "rule", "count", "users", "because"];
    let rows = view.hidden.iter().map(|hidden| {
        vec![
            hidden.short_id.to_string(),
            hidden.rule.name().to_owned(),
            hidden.events.to_string(),
            hidden.users.to_string(),
            hidden.because.clone(),
        ]
    });
    if view.hidden.is_empty() { String::new() } else { format!("\n{}\n", lines(&heads, rows)) }
}

/// What was approved.
pub(super) fn selection(selection: &ApprovedSelection, path: &Path, style: Style) -> String {
    let units = &selection.get().units;
    let mut text = format!(
        "approved: {}, digest {}\n",
        counted(units.len() as u64, "unit"),
        short(selection.digest().as_str())
    );
    for unit in units {
        let names: Vec<String> = unit.issues().map(|issue| issue.short_id.to_string()).collect();
        let _ = writeln!(text, "  {}", names.join(" + "));
    }
    let _ = writeln!(text, "{}", style.dim(&format!("kept in {}", path.display())));
    text
}

/// How to choose where nobody can be asked.
pub(super) fn how_to_choose(view: &TableView) -> String {
    if view.rows.is_empty() {
        return "there is nothing to choose from".to_owned();
    }
    format!(
        "choose with: orderly triage top {} --select 1,2 --table {}",
        view.rows.len(),
        short(view.digest.as_str())
    )
}

/// The numbers, with names scrubbed.
pub(super) fn stats_json(stats: &Stats, scrubber: &Scrubber) -> Value {
    let names = |named| Stats::names(named, scrubber);
    json!({
        "made_at": stats.made_at,
        "org": stats.site.org,
        "window": stats.window,
        "unresolved": stats.unresolved,
        "events": stats.events,
        "frequency": stats.frequency,
        "daily": stats.daily,
        "levels": names(&stats.levels),
        "projects": names(&stats.projects),
        "platforms": names(&stats.platforms),
        "owners": names(&stats.owners),
        "releases": names(&stats.releases),
        "looked_closer": stats.looked_closer,
    })
}

/// The numbers as tables and a chart.
pub(super) fn stats(stats: &Stats, scrubber: &Scrubber, style: Style) -> String {
    let mut text = format!(
        "{} unresolved, {} in {}\n",
        counted(stats.unresolved, "issue"),
        counted(stats.events, "event"),
        stats.window
    );
    if stats.daily.iter().any(|events| *events > 0) {
        let most = stats.daily.iter().max().copied().unwrap_or_default();
        let _ = writeln!(text, "\n{}  {} days, {most} at most a day", spark(&stats.daily), stats.daily.len());
    }
    let most = stats.frequency.iter().map(|bucket| bucket.issues).max().unwrap_or_default();
    let _ = writeln!(text, "\n{}", style.strong("events an issue"));
    for bucket in stats.frequency.iter().rev() {
        let _ =
            writeln!(text, "  {:>14}  {:>5}  {}", bucket.words(), bucket.issues, bar(bucket.issues, most));
    }
    let groups = [
        ("level", &stats.levels),
        ("project", &stats.projects),
        ("platform", &stats.platforms),
        ("owner", &stats.owners),
        ("affected release", &stats.releases),
    ];
    for (head, named) in groups {
        text.push_str(&names(head, &Stats::names(named, scrubber)));
    }
    if stats.looked_closer < stats.unresolved {
        let words = format!("releases are of the {} issues that were looked at closer", stats.looked_closer);
        let _ = writeln!(text, "\n{}", style.dim(&words));
    }
    text
}

fn names(head: &str, named: &[NamedView]) -> String {
    if named.is_empty() {
        return String::new();
    }
    let rows =
        named.iter().take(NAMES).map(|n| vec![n.name.clone(), n.issues.to_string(), n.events.to_string()]);
    let more = named.len().saturating_sub(NAMES);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    format!("\n{}{more}\n", lines(&[head, "issues", "events"], rows))
}

/// One character a day.
fn spark(days: &[u64]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = days.iter().max().copied().unwrap_or_default().max(1);
    let level = |events: &u64| {
        // Of eight levels; u128 because a count times seven may not fit.
        let at = u128::from(*events) * 7 / u128::from(most);
        LEVELS.get(usize::try_from(at).unwrap_or(7)).copied().unwrap_or('█')
    };
    days.iter().map(level).collect()
}

fn bar(count: u64, most: u64) -> String {
    const WIDTH: u128 = 30;
    let width = u128::from(count) * WIDTH / u128::from(most.max(1));
    let width = usize::try_from(width).unwrap_or(0).max(usize::from(count > 0));
    "█".repeat(width)
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn short(digest: &str) -> &str {
    digest.get(..DIGITS).unwrap_or(digest)
}

/// `12m`, `3h`, `5d` ago.
fn ago(now: Now, at: Timestamp) -> String {
    match now.seconds_since(at) {
        s if s < 60 => "now".to_owned(),
        s if s < 3600 => format!("{}m ago", s / 60),
        s if s < 48 * 3600 => format!("{}h ago", s / 3600),
        s => format!("{}d ago", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_character_a_day_and_shows_the_least_count() {
        assert_eq!(spark(&[0, 1, 50, 100]), "▁▁▄█");
        assert_eq!(spark(&[0, 0]), "▁▁");
        assert_eq!(spark(&[u64::MAX, 1]), "█▁");
        assert_eq!(bar(1, 1000), "█");
        assert_eq!(bar(0, 1000), "");
        assert_eq!(bar(5, 5).chars().count(), 30);
    }

    #[test]
    fn times_are_told_relative() {
        let now = Now(Timestamp::from_second(1_000_000).unwrap());
        let at = |seconds: i64| ago(now, Timestamp::from_second(1_000_000 - seconds).unwrap());
        assert_eq!(
            [at(-5), at(59), at(61), at(7200), at(86_400), at(200_000)],
            ["now", "now", "1m ago", "2h ago", "24h ago", "2d ago"]
        );
    }
}
