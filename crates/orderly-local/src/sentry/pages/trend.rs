//! Counts over time as a small drawing.

use maud::{Markup, html};

/// A bar chart of `[second, count]` points, oldest first. `span` says what it covers, such as "14 days".
pub(super) fn bars(points: &[(i64, i64)], span: &str) -> Markup {
    const STEP: usize = 8;
    const HEIGHT: i64 = 40;
    let most = points.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let total: i64 = points.iter().map(|(_, count)| count).sum();
    let label = format!("{total} events in {span}, at most {most} at a time");
    html! {
        svg.trend role="img" aria-label=(label) viewBox=(format!("0 0 {} {HEIGHT}", points.len() * STEP))
            width=(points.len() * STEP) height=(HEIGHT) preserveAspectRatio="none" {
            title { (label) }
            @for (place, (_, count)) in points.iter().enumerate() {
                @let height = if *count == 0 { 1 } else { (count * HEIGHT / most).max(3) };
                rect.none[*count == 0] x=(place * STEP) y=(HEIGHT - height) width=(STEP - 2) height=(height) {}
            }
        }
    }
}
