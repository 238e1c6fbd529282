//! One issue: where it stands, its trend, its newest event with the stack, its tags and links.

use axum::extract::{Path, State};
use maud::{Markup, html};

use super::layout::{self, PageResult, Tab};
use super::stack;
use super::trend::bars;
use super::words::{ago, exactly, shown, standing};
use crate::hidden::is_web;
use crate::sentry::api::AppState;
use crate::sentry::api::issues::{Series, issue_named};
use crate::sentry::api::lookup::missing;
use crate::sentry::model::short_id;
use crate::sentry::search::Fragment;
use crate::sentry::store::events_read::{self, End, Event};
use crate::sentry::store::external_issues::{self, ExternalIssue};
use crate::sentry::store::issue_stats;
use crate::sentry::store::issues_read::{self, Issue};

pub(super) async fn page(
    State(state): State<AppState>,
    Path((org, name)): Path<(String, String)>,
) -> PageResult {
    state.organization(&org).await?;
    let id = issue_named(&state, &name).await?;
    let pool = state.pool();
    let issue = issues_read::load(pool, &[id], None).await?.pop().ok_or_else(missing)?;
    let latest = events_read::at_end(pool, &Fragment::new("event.issue_id = ").int(id), End::Newest).await?;
    let links = external_issues::of_issues(pool, &[id]).await?.remove(&id).unwrap_or_default();
    let short = short_id(&issue.project.slug, issue.short_id);
    let content = html! {
        p { a href="/issues/" { "All issues" } }
        h1 { (shown(&issue.title)) }
        p.quiet { (short) @if !issue.culprit.is_empty() { " · " (shown(&issue.culprit)) } }
        (facts(&state, &issue))
        (trends(&state, id).await?)
        (linked(&links))
        @match &latest {
            Some(event) => (newest(event)),
            None => p { "Its events are not kept any more." },
        }
    };
    Ok(layout::page(&format!("{short} {}", shown(&issue.title)), Some(Tab::Issues), &content))
}

fn facts(state: &AppState, issue: &Issue) -> Markup {
    let now = state.clock().now();
    let seen = |at| html! { time datetime=(exactly(at)) title=(exactly(at)) { (ago(at, now)) } };
    html! {
        dl.facts {
            div { dt { "State" } dd { (standing(issue)) } }
            div { dt { "Level" } dd { (issue.level.as_str()) } }
            @if let Some(priority) = issue.priority { div { dt { "Priority" } dd { (priority.as_str()) } } }
            div { dt { "Events" } dd { (issue.times_seen) } }
            div { dt { "Users" } dd { (issue.user_count) } }
            div { dt { "First seen" } dd { (seen(issue.first_seen)) } }
            div { dt { "Last seen" } dd { (seen(issue.last_seen)) } }
        }
    }
}

async fn trends(state: &AppState, issue: i64) -> Result<Markup, sqlx::Error> {
    let now = state.clock().now();
    let mut drawn = Vec::new();
    for (span, series) in
        [("24 hours", Series::last_day(now)), ("14 days", Series::last_days("14d", 14, now))]
    {
        let counts = issue_stats::series(state.pool(), &[issue], &series.window(None), series.step).await?;
        drawn.push((span, bars(&series.points(&counts, issue), span)));
    }
    Ok(html! {
        section.trends aria-label="Trend" {
            @for (span, drawing) in &drawn { figure { figcaption { "Last " (span) } (drawing) } }
        }
    })
}

fn linked(links: &[ExternalIssue]) -> Markup {
    html! {
        @if !links.is_empty() {
            p {
                "Tracked as "
                @for link in links {
                    @if is_web(&link.web_url) {
                        a rel="noreferrer noopener" href=(link.web_url) { (shown(&link.display_name)) } " "
                    } @else { (shown(&link.display_name)) " " }
                }
            }
        }
    }
}

fn newest(event: &Event) -> Markup {
    html! {
        h2 { "Newest event" }
        p.quiet { (event.id) " · " (exactly(event.occurred_at)) }
        (stack::exceptions(&event.payload))
        @if !event.tags.is_empty() {
            h2 { "Tags" }
            table.tags {
                thead { tr { th scope="col" { "Tag" } th scope="col" { "Value" } } }
                tbody { @for (key, value) in &event.tags { tr { td { (shown(key)) } td { (shown(value)) } } } }
            }
        }
    }
}
