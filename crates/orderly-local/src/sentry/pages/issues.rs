//! The list of issues, with search.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::layout::{self, PageResult, Tab};
use super::trend::bars;
use super::words::{ago, exactly, shown, standing};
use crate::sentry::api::AppState;
use crate::sentry::api::error::ApiError;
use crate::sentry::api::issues::order::Sort;
use crate::sentry::api::issues::selection::Selection;
use crate::sentry::api::issues::{Series, anybody, condition};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::params::Params;
use crate::sentry::model::short_id;
use crate::sentry::search::parse;
use crate::sentry::store::issue_stats;
use crate::sentry::store::issues_read::{self, Issue};
use crate::sentry::store::organization;

/// Issues of a page.
const PER_PAGE: i64 = 50;

const ORDERS: [(&str, &str); 5] = [
    ("date", "last seen"),
    ("new", "first seen"),
    ("freq", "events"),
    ("user", "users"),
    ("recommended", "recommended"),
];

pub(super) async fn page(State(state): State<AppState>, params: Params) -> PageResult {
    let query = params.first("query").unwrap_or("is:unresolved");
    let found = find(&state, &params, query).await;
    let (status, content) = match found {
        Ok(found) => (None, table(&state, &found).await?),
        Err(error @ ApiError::Internal(_)) => return Err(error.into()),
        // A search that cannot be read is answered with the search, to be mended.
        Err(error) => (Some(error.status()), html! { p.problem role="alert" { (error) } }),
    };
    let content = html! {
        h1 { "Issues" }
        (search(query, &params))
        (content)
    };
    let mut response: Response = layout::page("Issues", Some(Tab::Issues), &content);
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    Ok(response)
}

struct Found {
    issues: Vec<Issue>,
    /// Addresses of the pages before and after.
    before: Option<String>,
    after: Option<String>,
}

async fn find(state: &AppState, params: &Params, query: &str) -> Result<Found, ApiError> {
    let sort = Sort::read(params.first("sort"))?;
    let selection = Selection::read(state, params, sort.default_period()).await?;
    let condition = condition(state, &anybody(), &parse(query)?, &selection, sort).await?;
    let page: i64 = params.first("page").and_then(|page| page.parse().ok()).unwrap_or(0).clamp(0, 100_000);
    let mut ids =
        issues_read::search(state.pool(), &condition, &sort.order(&selection), PER_PAGE + 1, page * PER_PAGE)
            .await?;
    let has_more = ids.len() as i64 > PER_PAGE;
    ids.truncate(usize::try_from(PER_PAGE).unwrap_or(usize::MAX));
    Ok(Found {
        issues: issues_read::load(state.pool(), &ids, None).await?,
        before: (page > 0).then(|| address(params, page - 1)),
        after: has_more.then(|| address(params, page + 1)),
    })
}

/// The same search on another page.
fn address(params: &Params, page: i64) -> String {
    let kept = params.pairs().filter(|(key, _)| *key != "page");
    let page = page.to_string();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("page", &page)
        .finish();
    format!("/issues/?{query}")
}

fn search(query: &str, params: &Params) -> Markup {
    let order = params.first_non_empty("sort").unwrap_or("date");
    html! {
        form.search role="search" method="get" action="/issues/" {
            label { "Search " input type="search" name="query" value=(query) size="48" spellcheck="false"; }
            label {
                "Order "
                select name="sort" {
                    @for (value, name) in ORDERS {
                        option value=(value) selected[value == order] { (name) }
                    }
                }
            }
            button { "Search" }
        }
    }
}

async fn table(state: &AppState, found: &Found) -> Result<Markup, ApiError> {
    if found.issues.is_empty() {
        return Ok(html! { p { "No issue matches." } });
    }
    let ways = html! {
        nav.ways aria-label="More issues" {
            @if let Some(address) = &found.before { a rel="prev" href=(address) { "Previous issues" } }
            @if let Some(address) = &found.after { a rel="next" href=(address) { "Next issues" } }
        }
    };
    Ok(html! { (rows(state, &found.issues).await?) (ways) })
}

/// Issues as a table; also a part of other pages.
pub(super) async fn rows(state: &AppState, issues: &[Issue]) -> Result<Markup, ApiError> {
    let now = state.clock().now();
    let organizations = organization::list(state.pool()).await?;
    let organization = organizations.first().ok_or_else(missing)?;
    let ids: Vec<i64> = issues.iter().map(|issue| issue.id).collect();
    let day = Series::last_day(now);
    let counts = issue_stats::series(state.pool(), &ids, &day.window(None), day.step).await?;
    Ok(html! {
        table.issues {
            thead { tr {
                th scope="col" { "Issue" } th scope="col" { "Last day" } th scope="col" { "Events" }
                th scope="col" { "Users" } th scope="col" { "Last seen" }
            } }
            tbody {
                @for issue in issues {
                    tr {
                        td {
                            a.title href=(format!("/organizations/{}/issues/{}/", organization.slug, issue.id)) {
                                (shown(&issue.title))
                            }
                            div.quiet {
                                (short_id(&issue.project.slug, issue.short_id)) " · "
                                span.level.(issue.level.as_str()) { (issue.level.as_str()) } " · "
                                (standing(issue))
                                @if let Some(priority) = issue.priority { " · " (priority.as_str()) " priority" }
                                @if !issue.culprit.is_empty() { " · " (shown(&issue.culprit)) }
                            }
                        }
                        td { (bars(&day.points(&counts, issue.id), "24 hours")) }
                        td.number { (issue.times_seen) }
                        td.number { (issue.user_count) }
                        td { time datetime=(exactly(issue.last_seen)) title=(exactly(issue.last_seen)) { (ago(issue.last_seen, now)) } }
                    }
                }
            }
        }
    })
}
